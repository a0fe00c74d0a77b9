package concurrency

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func sameKeyAgain(h house) {
	const sku = "C05"
	h.Sell(sku, 1000, 100)
	h.part("by cart", func(h house) { h.sameOrder(sku, byCart(h.fill(1, one(sku))[0], shop.NewKey())) })
	h.part("all at once", func(h house) { h.sameOrder(sku, outright(shop.Line(sku, 1))) })
	h.part("of a declined payment", func(h house) { h.sameRefusal(sku) })
}

// sameOrder sends a checkout, and then again: at once, written otherwise, and after the order has changed; each time to the
// other server.
func (h house) sameOrder(sku string, w wish) {
	h.t.Helper()
	before := h.orders(sku)

	first := h.must(0, http.StatusCreated, w)

	require.Empty(h.t, first.Header.Get("Idempotency-Replayed"))
	h.requireReplay(first, h.again(1, w))
	h.requireReplay(first, h.At(0).Send(http.MethodPost, checkouts, h.rewritten(w.body), append(w.headers, shop.Once(w.key))...))
	h.Settle()
	h.Must(http.StatusCreated, http.MethodPost, "/admin/v1/orders/"+first.Body.Text("order.id")+"/refunds",
		shop.Object{"reason": "late"}, shop.Key(h.Owner), shop.Once(shop.NewKey()))
	h.Settle()
	h.requireReplay(first, h.again(1, w))
	require.Equal(h.t, before+1, h.orders(sku))
}

// again asks a server again, whatever it answers.
func (h house) again(i int, w wish) shop.Answer {
	h.t.Helper()
	answer, err := w.ask(h.server(i))
	require.NoError(h.t, err)
	return answer
}

// rewritten is the same JSON with its members in another order and with white space.
func (h house) rewritten(body shop.Object) string {
	h.t.Helper()
	var members []string
	for name, value := range body {
		encoded, err := json.MarshalIndent(value, "", "  ")
		require.NoError(h.t, err)
		members = append(members, fmt.Sprintf("%q : %s", name, encoded))
	}
	slices.Sort(members)
	slices.Reverse(members)
	return "{ " + strings.Join(members, " ,\n") + " }"
}

func (h house) requireReplay(first, again shop.Answer) {
	h.t.Helper()
	require.Equal(h.t, first.Status, again.Status, "%s", again.Raw)
	require.Equal(h.t, string(first.Raw), string(again.Raw))
	require.Equal(h.t, first.Header.Get("Content-Type"), again.Header.Get("Content-Type"))
	require.Equal(h.t, "true", again.Header.Get("Idempotency-Replayed"))
}

func (h house) sameRefusal(sku string) {
	cart := h.fill(1, one(sku))[0]
	for what, w := range map[string]wish{"by cart": byCart(cart, shop.NewKey()), "all at once": outright(shop.Line(sku, 1))} {
		before, w := h.orders(sku), w.paying(shop.Declines())

		first := h.must(0, http.StatusPaymentRequired, w)

		require.Equal(h.t, "payment_declined", first.Code(), what)
		require.Equal(h.t, "insufficient_funds", first.Body.Text("decline_code"), what)
		require.Empty(h.t, first.Header.Get("Idempotency-Replayed"), what)
		h.requireReplay(first, h.again(1, w))
		require.Equal(h.t, before, h.orders(sku), what)
	}
	require.Equal(h.t, http.StatusCreated, h.Buy(cart).Status, "another key may pay for the cart")
}

// sameKeyMeanwhile sends the key to the other server while the provider thinks about the payment.
func sameKeyMeanwhile(h house) {
	h.Sell("C06-SLOW", 1000, 1)
	h.Provider.Script(fakeprovider.Rule{Op: fakeprovider.OpAuthorize, DelayMS: 3000})
	w := outright(shop.Line("C06-SLOW", 1))
	first := h.asks(0, w)
	require.Eventually(h.t, func() bool {
		return h.Int(`SELECT count(*) FROM checkout.attempts c JOIN payments.attempts p USING (reference)
			WHERE c.idempotency_key = $1 AND p.status = 'submitted'`, w.key) == 1
	}, within, often)

	early := h.must(1, http.StatusConflict, w)

	require.Equal(h.t, "idempotency_in_progress", early.Code())
	require.NotEmpty(h.t, early.Header.Get("Retry-After"))
	require.Empty(h.t, first, "the first one is still on its way")
	bought := <-first
	require.Equal(h.t, http.StatusCreated, bought.Status, "%s", bought.Raw)
	h.requireReplay(bought, h.again(1, w))
	h.requireCharge(bought.Body.Text("id"))
}

func sameKeyTogether(h house) {
	const clicks = 20
	skus := h.shelves("C06", fifty, always(1))
	h.each(fifty, func(round int) {
		sku := skus(round)
		w := outright(shop.Line(sku, 1))

		answers := h.together(clicks, func(_ int, at *shop.Shop) (shop.Answer, error) { return w.insist(at) })
		h.raced()

		bought, early := withStatus(answers, http.StatusCreated), withStatus(answers, http.StatusConflict)
		require.Equal(h.t, clicks, len(bought)+tally(answers)["409 idempotency_in_progress"], "answers: %v", tally(answers))
		require.NotEmpty(h.t, bought)
		for _, a := range bought {
			require.Equal(h.t, string(bought[0].Raw), string(a.Raw))
		}
		for _, a := range early {
			require.NotEmpty(h.t, a.Header.Get("Retry-After"))
		}
		require.EqualValues(h.t, 1, h.orders(sku))
		h.requireCharge(bought[0].Body.Text("id"))
		h.requireLevel(sku, 1, 0, 1)
	})
}
