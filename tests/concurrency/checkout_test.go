package concurrency

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func fiftyKeys(h house) {
	const sku = "C03"
	h.Sell(sku, 1000, 10*fifty)
	h.each(fifty, func(round int) {
		clicks, cart := h.crowd(round, 50, 20), h.fill(1, one(sku))[0]
		authorized := h.Provider.Count(fakeprovider.OpAuthorize, "")

		answers := h.together(clicks, func(_ int, at *shop.Shop) (shop.Answer, error) { return byCart(cart, shop.NewKey()).insist(at) })
		h.raced()

		counts := tally(answers)
		require.Equal(h.t, 1, counts["201"], "answers: %v", counts)
		require.Equal(h.t, clicks, counts["201"]+counts["200"]+counts["409 checkout_in_progress"], "answers: %v", counts)
		won := withStatus(answers, http.StatusCreated)[0]
		for _, earlier := range append(withStatus(answers, http.StatusOK), h.Buy(cart)) {
			require.Equal(h.t, http.StatusOK, earlier.Status, "%s", earlier.Raw)
			require.Equal(h.t, won.Body.Text("order.id"), earlier.Body.Text("order.id"))
		}
		h.requireCharge(won.Body.Text("id"))
		require.Equal(h.t, authorized+1, h.Provider.Count(fakeprovider.OpAuthorize, ""), "one charge over all that was tried")
		h.requireOneOrder(cart)
	})
}

// requireOneOrder wants one order of the cart and one payment, over all that was tried for it.
func (h house) requireOneOrder(cart shop.Cart) {
	h.t.Helper()
	id, ok := ids.Decode("cart", cart.ID)
	require.True(h.t, ok)
	require.EqualValues(h.t, 1, h.IntOf("orders", `SELECT count(*) FROM orders.orders WHERE cart_id = $1`, id), "orders of one cart")
	var tried []string
	require.NoError(h.t, h.Of("checkout").Select(h.t.Context(), &tried, `SELECT reference FROM checkout.attempts WHERE cart_id = $1`, id))
	for what, query := range map[string]string{
		"payments": `SELECT count(*) FROM payments.attempts WHERE reference = ANY($1)`,
		"captures": `SELECT count(*) FROM payments.movements WHERE reference = ANY($1)`,
	} {
		require.EqualValues(h.t, 1, h.IntOf("payments", query, tried), "%s of one cart", what)
	}
}

// pastPayment are places that a checkout passes once the provider has authorized: before that is recorded, and after.
func pastPayment() []string { return []string{"payments.answered", "checkout.authorized"} }

// silent keeps events from telling what the answer would have.
func silent() fakeprovider.Rule {
	return fakeprovider.Rule{Op: fakeprovider.OpAuthorize, NoEvents: true}
}

// failed lets a request end with 500 after the provider has authorized.
func failed(h house) {
	h.Sell("C09", 1000, fifty)
	h.Provider.Script(silent())
	h.each(fifty, func(round int) {
		place, w := pastPayment()[round%2], outright(shop.Line("C09", 1))
		h.Home(place, 0).Plan(place, "error", shop.Times(1))

		first := h.must(0, http.StatusInternalServerError, w)

		require.Equal(h.t, "internal_error", first.Code())
		h.requireResumed(w)
	})
}

// crashed lets a server die after the provider has authorized.
func crashed(h house) {
	places := append(pastPayment(), "payments.answered_unread")
	h.Sell("C09-KILLED", 1000, 10)
	h.Provider.Script(silent())
	h.each(len(places), func(round int) {
		w := outright(shop.Line("C09-KILLED", 1))
		h.Settle() // what a killed server is delivering is left lying for the length of its lease
		victim := h.Home(places[round], 0)
		victim.Plan(places[round], "kill")

		answer, err := w.ask(h.server(0))
		require.True(h.t, err != nil || answer.Status == http.StatusServiceUnavailable, "%s", answer.Raw)
		victim.WaitForDeath()

		if victim != h.Replicas[0] {
			victim.Start() // nobody else has the module
		}
		h.requireResumed(w)
		if victim == h.Replicas[0] {
			victim.Start()
		}
	})
}

// requireResumed wants the same key to come to an order that is paid for once.
func (h house) requireResumed(w wish) {
	h.t.Helper()
	reference := h.reference(w.key)
	h.lapse(reference)
	decided := h.CompleteUntilDecided(w.body, w.key, time.Minute, w.headers...)
	require.Equal(h.t, http.StatusCreated, decided.Status, "%s", decided.Raw)
	require.Equal(h.t, reference, decided.Body.Text("id"), "the same checkout")
	h.raced()
	h.requireCharge(reference)
}

// lapse ends what a checkout was claimed for, as if its holder had not been heard of for long.
func (h house) lapse(reference string) {
	h.t.Helper()
	_, err := h.Of("payments").Exec(h.t.Context(), `UPDATE payments.attempts SET asking_until = now() - interval '2 seconds'
		WHERE reference = $1 AND asking_until > now() - interval '2 seconds'`, reference)
	require.NoError(h.t, err)
	_, err = h.Of("checkout").Exec(h.t.Context(), `UPDATE checkout.attempts SET lease_until = now()
		WHERE reference = $1 AND lease_until > now() AND status NOT IN ('completed', 'canceled', 'review')`, reference)
	require.NoError(h.t, err)
}

// eventAndAnswer lets the provider's event arrive before its answer, after it, and while the answer is being recorded.
func eventAndAnswer(h house) {
	const answered = "payments.answered"
	h.Sell("C22", 1000, 3*fifty)
	h.each(fifty, func(round int) {
		h.Provider.Script(fakeprovider.Rule{Op: fakeprovider.OpAuthorize, EventsBeforeAnswer: true})
		before := h.must(round, http.StatusCreated, outright(shop.Line("C22", 1)))

		h.Provider.Script(fakeprovider.Rule{Op: fakeprovider.OpAuthorize, EventDelayMS: 100})
		after := h.must(round, http.StatusCreated, outright(shop.Line("C22", 1)))

		h.Provider.ClearScript()
		h.Plan(answered, "pause", shop.Times(1))
		w := outright(shop.Line("C22", 1))
		answer := h.asks(round, w)
		h.WaitFor(answered)
		reference := h.reference(w.key)
		require.Eventually(h.t, func() bool { return h.payment(reference) == "authorized" }, within, often, "the event has the word")
		h.Release(answered)
		during := <-answer
		h.raced()

		require.Contains(h.t, []int{http.StatusOK, http.StatusCreated}, during.Status, "%s", during.Raw)
		require.Equal(h.t, reference, during.Body.Text("id"))
		for _, told := range []shop.Answer{before, after, during} {
			h.requireCharge(told.Body.Text("id"))
		}
	})
	sold := h.orders("C22")
	h.requireLevel("C22", 3*fifty, 0, sold)
}

// payment is the state of the payment of a checkout.
func (h house) payment(reference string) string {
	h.t.Helper()
	return h.text(`SELECT status FROM payments.attempts WHERE reference = $1`, reference)
}
