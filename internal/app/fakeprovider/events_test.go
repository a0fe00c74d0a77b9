package fakeprovider_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
)

func TestEveryChangeIsToldAsItWas(t *testing.T) {
	b := openBank(t)
	id := b.authorize("k", "tok_success").ID
	b.told("authorization.authorized")
	b.act(id, "captures", "c", euros(600))
	b.told("authorization.authorized", "capture.succeeded")
	b.act(id, "refunds", "r", euros(100))
	b.told("authorization.authorized", "capture.succeeded", "refund.succeeded")
	b.act(b.authorize("v", "tok_pending").ID, "voids", "void", object{})
	b.told("authorization.authorized", "capture.succeeded", "refund.succeeded", "authorization.voided")

	got := b.shop.events()
	require.EqualValues(t, 0, got[0].Data.Authorization.Captured)
	require.Nil(t, got[0].Data.Movement)
	require.EqualValues(t, 600, got[1].Data.Authorization.Captured)
	require.EqualValues(t, 600, got[1].Data.Movement.Amount)
	require.EqualValues(t, 100, got[2].Data.Movement.Amount)
	require.Equal(t, []string{"acct_test", "test"}, []string{got[0].Account, got[0].Mode})
}

func TestARefusedEventIsSentAgainAsItWas(t *testing.T) {
	b := openBank(t)
	refusals := 2
	b.shop.accept = func(event) int {
		if refusals--; refusals >= 0 {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	}

	b.authorize("k", "tok_success")

	b.told("authorization.authorized", "authorization.authorized", "authorization.authorized")
	got := b.shop.events()
	require.Equal(t, []string{got[0].Raw, got[0].Raw}, []string{got[1].Raw, got[2].Raw})
	require.NotEqual(t, got[0].At, got[2].At, "the time of sending is new")
	require.Equal(t, []int{503, 503, 204}, b.deliveredWith())
}

func (b *bank) deliveredWith() []int {
	b.t.Helper()
	var answer struct{ Deliveries []fakeprovider.Delivery }
	require.NoError(b.t, json.Unmarshal([]byte(b.send(http.MethodGet, "/control/deliveries", "", nil).raw), &answer))
	var statuses []int
	for _, d := range answer.Deliveries {
		statuses = append(statuses, d.Status)
	}
	return statuses
}

func TestAnEventMayComeManyTimesOrNever(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", Nth: 1, EventCount: 5}, fakeprovider.Rule{Op: "authorize", Nth: 2, NoEvents: true})

	b.authorize("k", "tok_success")
	b.authorize("l", "tok_success")
	b.authorize("k", "tok_success")

	const kind = "authorization.authorized"
	b.told(kind, kind, kind, kind, kind)
	for _, e := range b.shop.events() {
		require.Equal(t, b.shop.events()[0].ID, e.ID)
	}
}

func TestAnEventMayComeBeforeTheAnswer(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", EventsBeforeAnswer: true, EventDelayMS: 50})

	b.authorize("k", "tok_success")

	require.Len(t, b.shop.events(), 1)
}

func TestAnEventMayComeAfterTheNextOne(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{Op: "authorize", ReorderEvents: true})
	id := b.authorize("k", "tok_success").ID

	b.act(id, "captures", "c", euros(1))

	require.Eventually(t, func() bool { return len(b.shop.events()) == 2 }, limit, often)
	require.Equal(t, []string{"capture.succeeded", "authorization.authorized"}, b.shop.types())
	require.EqualValues(t, 0, b.shop.events()[1].Data.Authorization.Captured, "it tells of the earlier moment")
}

func TestAnEventThatWaitsForTheNextOneIgnoresEarlierOnes(t *testing.T) {
	b := openBank(t)
	refusals := 1
	b.shop.accept = func(event) int {
		if refusals--; refusals >= 0 {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	}
	b.script(fakeprovider.Rule{Op: "capture", ReorderEvents: true})
	id := b.authorize("k", "tok_success").ID
	b.act(id, "captures", "c", euros(1))

	b.told("authorization.authorized", "authorization.authorized")
	b.act(id, "refunds", "r", euros(1))

	require.Eventually(t, func() bool { return len(b.shop.events()) == 4 }, limit, often)
	require.Equal(t, []string{"refund.succeeded", "capture.succeeded"}, b.shop.types()[2:])
}

func TestAnyEventCanBeSentByHand(t *testing.T) {
	b := openBank(t)
	b.script(fakeprovider.Rule{NoEvents: true})
	id := b.authorize("k", "tok_success").ID
	b.act(id, "captures", "c", euros(600))
	longAgo := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	amount := int64(1)

	b.byHand(fakeprovider.Announcement{Key: "k", Type: "authorization.authorized", ID: "evt_1", Count: 3})
	b.byHand(fakeprovider.Announcement{Authorization: id, Type: "capture.succeeded", Amount: &amount, Currency: "USD", Account: "acct_other",
		Reference: "co_other", Mode: "live", CreatedAt: &longAgo})
	b.byHand(fakeprovider.Announcement{Authorization: "auth_unknown", Type: "authorization.declined"})

	require.Eventually(t, func() bool { return len(b.shop.events()) == 5 }, limit, often)
	byType := map[string]event{}
	for _, e := range b.shop.events() {
		byType[e.Type] = e
	}
	require.Equal(t, "evt_1", byType["authorization.authorized"].ID)
	require.Equal(t, "auth_unknown", byType["authorization.declined"].Data.Authorization.ID)
	wrong := byType["capture.succeeded"]
	require.Equal(t, []string{"acct_other", "live"}, []string{wrong.Account, wrong.Mode})
	require.Equal(t, "co_other", wrong.Data.Authorization.Reference)
	require.Equal(t, []any{int64(1), "USD"}, []any{wrong.Data.Movement.Amount, wrong.Data.Movement.Currency})
	require.Equal(t, longAgo, wrong.CreatedAt)
	require.Len(t, b.entries(), 2, "words change nothing")
}

func (b *bank) byHand(a fakeprovider.Announcement) {
	b.t.Helper()
	sent := b.send(http.MethodPost, "/control/events", "", a)
	require.Equal(b.t, http.StatusAccepted, sent.status, sent.raw)
}
