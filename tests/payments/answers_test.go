package payments

import (
	"net/http"
	"sync"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func silentButDone(h house) {
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", Times: 1, AnswerDelayMS: 30_000, NoEvents: true})
	before, began := h.reserved(), time.Now()

	reference, answer := h.must(http.StatusAccepted, "tok_success")
	require.Less(h.t, time.Since(began), 10*time.Second)
	require.NotEmpty(h.t, answer.Header.Get("Retry-After"))
	require.Equal(h.t, []string{"payment_unknown", "unknown"}, []string{h.checkout(reference), h.attempt(reference)})
	require.Equal(h.t, before+1, h.reserved(), "the stock stays held")

	h.becomes(reference, "completed")
	h.once(reference)
}

func silentAndNothing(h house) {
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", Times: 1, Hang: true})
	before := h.Provider.Requests().Operations["authorize"].Requests
	reference, _ := h.must(http.StatusAccepted, "tok_success")

	h.pass(reference, "1 minute")
	shop.Never(h.t, func() bool { return h.attempt(reference) != "unknown" }, 1500*time.Millisecond, 100*time.Millisecond, "nobody knows yet")
	h.pass(reference, "2 minutes")
	h.becomes(reference, "completed")

	h.once(reference)
	require.Equal(h.t, before+2, h.Provider.Requests().Operations["authorize"].Requests, "asked once again")
	require.Equal(h.t, h.key(reference), h.Provider.Entries(reference)[0].Key, "with the same key")
}

func silentAndLeft(h house) {
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", Times: 1, Hang: true})
	before := h.reserved()
	reference, pending := h.must(http.StatusAccepted, "tok_success")

	h.cancel(reference, pending)
	require.Equal(h.t, before, h.reserved())
	h.pass(reference, "3 minutes")
	h.pays(reference, "expired")

	require.Zero(h.t, h.Provider.Count("authorize", reference), "what was given up is not asked for again")
	again, _ := h.must(http.StatusCreated, "tok_success")
	h.once(again)
}

func noAnswers(h house) {
	for name, rule := range map[string]fakeprovider.Rule{
		"500": {Status: 500}, "503": {Status: 503}, "429": {Status: 429}, "malformed": {Malformed: true}, "hangs up": {DropAnswer: true},
	} {
		rule.Op, rule.Times = "authorize", 2
		h.Provider.Script(rule)

		reference, _ := h.must(http.StatusCreated, "tok_success")

		h.once(reference)
		require.Equal(h.t, 3, h.Provider.Requests().Keys[h.key(reference)].Requests, "%s: the same key each time", name)
	}
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", Times: 1, Status: 429, RetryAfter: 3})
	reference, _ := h.must(http.StatusAccepted, "tok_success")
	require.Equal(h.t, 1, h.Provider.Requests().Keys[h.key(reference)].Requests, "a wait that is too long is respected")
	h.pass(reference, "3 minutes")
	h.becomes(reference, "completed")
}

func otherAmount(h house) {
	for differs, rule := range map[string]fakeprovider.Rule{"amount": {WrongAmount: 7}, "currency": {WrongCurrency: "USD"}} {
		rule.Op, rule.Times = "authorize", 1
		h.Provider.Script(rule)

		reference, pending := h.must(http.StatusAccepted, "tok_success")
		h.pass(reference, "1 hour")
		shop.Never(h.t, func() bool { return h.attempt(reference) != "unknown" }, 1500*time.Millisecond, 100*time.Millisecond, "nobody knows yet")

		require.Equal(h.t, []string{"provider_differs " + differs}, h.reviews(reference))
		require.Zero(h.t, h.orders(reference))
		h.cancel(reference, pending)
	}
}

func providerDown(h house) {
	h.Provider.Kill()
	before := h.reserved()
	var mu sync.Mutex
	codes := map[string]int{}
	slowest := time.Duration(0)
	shop.Barrier(20, func(i int) {
		for range 25 {
			began := time.Now()
			answer, err := h.buy(i%2, "tok_success")
			mu.Lock()
			if err == nil {
				codes[answer.Code()]++
			}
			slowest = max(slowest, time.Since(began))
			mu.Unlock()
		}
	})

	require.Equal(h.t, map[string]int{"payments_unavailable": 500}, codes)
	require.Less(h.t, slowest, 5*time.Second)
	h.Quiesce(soon)
	require.Equal(h.t, before, h.reserved(), "no holds are left")

	h.Provider.Start()
	var bought shop.Answer
	require.Eventually(h.t, func() bool {
		var err error
		bought, err = h.buy(0, "tok_success")
		return err == nil && bought.Status == http.StatusCreated
	}, soon, 200*time.Millisecond, "the shop sells again by itself")
	probes := h.Provider.Requests().Keys["probe"].Requests
	require.LessOrEqual(h.t, probes, 4, "a server that was away asks one question at a time")
	h.once(bought.Body.Text("id"))
	h.cleared()
}

// cleared wants payments to find out by themselves what became of everything that was given up.
func (h house) cleared() {
	h.t.Helper()
	const open = ` FROM payments.attempts WHERE given_up_at IS NOT NULL AND status IN ('submitted', 'unknown')
		AND NOT EXISTS (SELECT FROM payments.reviews r WHERE r.reference = attempts.reference)`
	require.Positive(h.t, h.Int(`SELECT count(*)`+open))
	_, err := h.Admin().Exec(h.t.Context(), `UPDATE payments.attempts SET created_at = created_at - interval '3 minutes', next_ask_at = now()
		WHERE reference IN (SELECT reference`+open+`)`)
	require.NoError(h.t, err)
	require.Eventually(h.t, func() bool { return h.Int(`SELECT count(*)`+open) == 0 }, soon, often)
}

func shopperActs(h house) {
	reference, pending := h.must(http.StatusAccepted, "tok_action")
	url := pending.Body.Text("action.url")
	require.Equal(h.t, "redirect", pending.Body.Text("action.type"))
	require.Contains(h.t, url, h.Provider.URL+"/actions/")

	require.Less(h.t, h.act(url+"/approve"), 400)
	h.becomes(reference, "completed")
	h.once(reference)
}

// actionUnheard loses the answer that the shopper has to act.
func actionUnheard(h house) {
	h.Provider.Script(fakeprovider.Rule{Op: "authorize", Times: 1, AnswerDelayMS: 30_000, NoEvents: true})
	reference, answer := h.must(http.StatusAccepted, "tok_action")
	require.Equal(h.t, "payment_unknown", answer.Body.Text("status"))

	h.becomes(reference, "action_required")
	shown := h.Must(http.StatusOK, http.MethodGet, checkouts+"/"+reference, nil, shop.Header{Name: "Checkout-Token", Value: answer.Body.Text("token")})
	url := shown.Body.Text("action.url")
	require.Contains(h.t, url, h.Provider.URL+"/actions/")

	require.Less(h.t, h.act(url+"/approve"), 400)
	h.becomes(reference, "completed")
	h.once(reference)
}

func shopperRefuses(h house) {
	before := h.reserved()
	reference, pending := h.must(http.StatusAccepted, "tok_action")

	require.Less(h.t, h.act(pending.Body.Text("action.url")+"/decline"), 400)
	h.becomes(reference, "canceled")

	require.Equal(h.t, "declined", h.attempt(reference))
	require.Equal(h.t, before, h.reserved())
}

// act posts a form on the provider's page as the shopper's browser does.
func (h house) act(url string) int {
	h.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	res, err := client.Post(url, "application/x-www-form-urlencoded", http.NoBody)
	require.NoError(h.t, err)
	require.NoError(h.t, res.Body.Close())
	return res.StatusCode
}
