package fakeprovider_test

import (
	"net/http"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestATokenDecidesWhatBecomesOfAnAuthorization(t *testing.T) {
	b := openBank(t)
	cases := []struct{ token, status, declined string }{
		{"tok_success", "authorized", ""},
		{"tok_declined", "declined", "declined"},
		{"tok_declined_insufficient_funds", "declined", "insufficient_funds"},
		{"tok_declinedmaybe", "declined", "invalid_token"},
		{"tok_action", "action_required", ""},
		{"tok_pending", "pending", ""},
		{"", "declined", "invalid_token"},
	}
	for _, c := range cases {
		got := b.authorize("key of "+c.token, c.token)

		require.Equal(t, http.StatusCreated, got.status, got.raw)
		require.Equal(t, c.status, got.Status, c.token)
		require.Equal(t, c.declined, got.DeclineCode, c.token)
		require.Equal(t, []any{"acct_test", "test", "co_1", int64(1000), "EUR"}, []any{got.Account, got.Mode, got.Reference, got.Amount, got.Currency})
		require.Equal(t, c.token == "tok_action", got.RedirectURL != "")
	}
}

func TestTheSameKeyIsTheSameAnswerAndNoSecondEntry(t *testing.T) {
	b := openBank(t)
	first := b.authorize("k", "tok_success")
	b.act(first.ID, "captures", "c", euros(400))

	again := b.authorize("k", "tok_success")
	other := b.authorize("k", "tok_declined")

	require.Equal(t, first.raw, again.raw, "as it was then, not as it is now")
	require.Empty(t, first.header.Get("Idempotency-Replayed"))
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, http.StatusUnprocessableEntity, other.status)
	require.Equal(t, "key_reused", other.Code)
	require.Equal(t, []string{"authorize", "capture"}, b.operations())
}

func TestOneKeySentManyTimesAtOnceTakesEffectOnce(t *testing.T) {
	b := openBank(t)
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() { _, _ = b.try(http.MethodPost, "/v1/authorizations", "k", wants("tok_success")) })
	}
	done.Wait()

	require.Equal(t, []string{"authorize"}, b.operations())
	require.Contains(t, b.send(http.MethodGet, "/control/requests", "", nil).raw, `"authorize":{"requests":20,"replayed":19}`)
}

func TestMoneyIsTakenAndGivenBackOnlyAsFarAsThereIsSome(t *testing.T) {
	b := openBank(t)
	id := b.authorize("k", "tok_success").ID
	steps := []struct {
		action, key string
		amount      int64
		status      int
		code        string
	}{
		{"refunds", "r0", 1, http.StatusConflict, "exceeds_captured"},
		{"captures", "c1", 600, http.StatusCreated, ""},
		{"captures", "c2", 401, http.StatusConflict, "exceeds_authorized"},
		{"captures", "c3", 400, http.StatusCreated, ""},
		{"voids", "v", 0, http.StatusConflict, "not_voidable"},
		{"refunds", "r1", 700, http.StatusCreated, ""},
		{"refunds", "r2", 301, http.StatusConflict, "exceeds_captured"},
		{"refunds", "r3", 300, http.StatusCreated, ""},
	}
	for _, s := range steps {
		got := b.act(id, s.action, s.key, euros(s.amount))
		require.Equal(t, s.status, got.status, "%s %s: %s", s.action, s.key, got.raw)
		require.Equal(t, s.code, got.Code)
	}

	now := b.send(http.MethodGet, "/v1/authorizations/"+id, "", nil)
	require.Equal(t, []int64{1000, 1000}, []int64{now.Captured, now.Refunded})
	require.Equal(t, []string{"authorize", "capture", "capture", "refund", "refund"}, b.operations())
}

func TestWhatIsVoidedIsOver(t *testing.T) {
	b := openBank(t)
	id := b.authorize("k", "tok_success").ID

	voided := b.act(id, "voids", "v", object{})
	again := b.act(id, "voids", "another key", object{})
	captured := b.act(id, "captures", "c", euros(1))
	declined := b.act(b.authorize("d", "tok_declined").ID, "voids", "v of d", object{})

	require.Equal(t, "voided", voided.Status)
	require.Equal(t, "voided", again.Status)
	require.Equal(t, "not_capturable", captured.Code)
	require.Equal(t, "declined", declined.Status)
	require.Equal(t, []string{"authorize", "void", "authorize"}, b.operations())
}

func TestAnAuthorizationIsFoundByTheKeyItWasMadeWith(t *testing.T) {
	b := openBank(t)
	made := b.authorize("a key/with ü", "tok_success")
	b.act(made.ID, "voids", "v", object{})

	found := b.send(http.MethodGet, "/v1/authorizations?key="+url.QueryEscape("a key/with ü"), "", nil)
	byVoid := b.send(http.MethodGet, "/v1/authorizations?key=v", "", nil)

	require.Equal(t, made.ID, found.ID)
	require.Equal(t, "voided", found.Status)
	require.Equal(t, http.StatusNotFound, byVoid.status)
	require.Equal(t, "not_found", byVoid.Code)
}

func TestBadRequestsAreRefusedAndLeaveNoTrace(t *testing.T) {
	b := openBank(t)
	id := b.authorize("k", "tok_success").ID
	with := func(name string, value any) object {
		o := wants("tok_success")
		o[name] = value
		return o
	}
	for name, got := range map[string]reply{
		"no key":         b.authorize("", "tok_success"),
		"below 0":        b.send(http.MethodPost, "/v1/authorizations", "x", with("amount", -1)),
		"fraction":       b.send(http.MethodPost, "/v1/authorizations", "x", with("amount", 1.5)),
		"no currency":    b.send(http.MethodPost, "/v1/authorizations", "x", with("currency", "")),
		"no reference":   b.send(http.MethodPost, "/v1/authorizations", "x", with("reference", "")),
		"unknown member": b.send(http.MethodPost, "/v1/authorizations", "x", with("amonut", 1)),
		"script address": b.send(http.MethodPost, "/v1/authorizations", "x", with("return_url", "javascript:alert(1)")),
	} {
		require.Equal(t, http.StatusBadRequest, got.status, name)
	}
	require.Equal(t, http.StatusNotFound, b.act("auth_none", "captures", "x", euros(1)).status)
	require.Equal(t, "currency_mismatch", b.act(id, "captures", "x", object{"amount": 1, "currency": "USD"}).Code)
	stranger, err := http.Get(b.url + "/v1/authorizations/" + id)
	require.NoError(t, err)
	require.NoError(t, stranger.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	require.Equal(t, http.StatusUnauthorized, stranger.StatusCode)
	require.Len(t, b.entries(), 1)
}

func TestAShopperDecidesOnThePageAndIsSentBack(t *testing.T) {
	b := openBank(t)
	asked := wants("tok_action")
	asked["return_url"] = "https://shop.example/back?order=1"
	made := b.send(http.MethodPost, "/v1/authorizations", "k", asked)

	page := b.send(http.MethodGet, "/actions/"+made.ID, "", nil)
	approved := b.send(http.MethodPost, "/actions/"+made.ID+"/approve", "", nil)
	tooLate := b.send(http.MethodPost, "/actions/"+made.ID+"/decline", "", nil)

	require.Equal(t, b.url+"/actions/"+made.ID, made.RedirectURL)
	require.Contains(t, page.raw, "1000 EUR")
	for _, sentBack := range []reply{approved, tooLate} {
		require.Equal(t, http.StatusSeeOther, sentBack.status)
		require.Equal(t, "https://shop.example/back?order=1", sentBack.header.Get("Location"))
	}
	require.Equal(t, "authorized", b.send(http.MethodGet, "/v1/authorizations/"+made.ID, "", nil).Status)
	require.Equal(t, []string{"authorize", "approve"}, b.operations())
	b.told("authorization.authorized")
}

func TestWhatIsPendingIsDecidedByHand(t *testing.T) {
	b := openBank(t)
	yes, no := b.authorize("yes", "tok_pending").ID, b.authorize("no", "tok_pending").ID
	decide := func(id, status string) reply {
		return b.send(http.MethodPost, "/control/authorizations/"+id+"/decide", "", object{"status": status})
	}

	require.Equal(t, "authorized", decide(yes, "authorized").Status)
	require.Equal(t, "declined", decide(no, "declined").Status)
	require.Equal(t, "already_decided", decide(no, "authorized").Code)
	require.Equal(t, "expired", b.send(http.MethodPost, "/control/expire", "", object{"key": "yes"}).Status)
	require.Equal(t, "not_capturable", b.act(yes, "captures", "c", euros(1)).Code)
	b.told("authorization.authorized", "authorization.declined", "authorization.expired")
}

func TestARestartForgetsNothing(t *testing.T) {
	b := openBank(t)
	made := b.authorize("k", "tok_success")
	captured := b.act(made.ID, "captures", "c", euros(600))
	b.act(made.ID, "refunds", "r", euros(100))
	waiting := b.authorize("w", "tok_action")
	voided := b.authorize("v", "tok_pending")
	b.act(voided.ID, "voids", "void", object{})
	before, state := b.entries(), b.send(http.MethodGet, "/v1/authorizations/"+made.ID, "", nil).raw

	b.restart()

	require.Equal(t, before, b.entries())
	require.Equal(t, state, b.send(http.MethodGet, "/v1/authorizations/"+made.ID, "", nil).raw)
	require.Equal(t, "voided", b.send(http.MethodGet, "/v1/authorizations?key=v", "", nil).Status)
	again := b.act(made.ID, "captures", "c", euros(600))
	require.Equal(t, captured.raw, again.raw)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	require.Equal(t, made.raw, b.authorize("k", "tok_success").raw)
	require.Equal(t, "key_reused", b.authorize("k", "tok_declined").Code)
	require.Equal(t, "exceeds_authorized", b.act(made.ID, "captures", "c2", euros(401)).Code)
	require.Equal(t, b.url+"/actions/"+waiting.ID, b.authorize("w", "tok_action").RedirectURL)
	require.Len(t, b.entries(), len(before))
}

func TestALineThatWasBeingWrittenWhenTheProcessDiedIsCutOff(t *testing.T) {
	b := openBank(t)
	b.authorize("k", "tok_success")
	b.stop()
	file, err := os.OpenFile(b.journal, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"seq":2,"op":"capt`)
	require.NoError(t, err)
	require.NoError(t, file.Close())

	b.start()
	b.authorize("l", "tok_success")
	b.restart()

	require.Equal(t, []string{"authorize", "authorize"}, b.operations())
	require.EqualValues(t, 2, b.entries()[1].Seq)
}
