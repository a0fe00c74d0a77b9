package concurrency

import (
	"fmt"
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// buy places an order over 100.00 for each 5 units and answers its admin path.
func (h house) buy(sku string) string {
	h.t.Helper()
	bought := h.must(0, http.StatusCreated, outright(shop.Line(sku, 5)))
	h.Settle()
	return "/admin/v1/orders/" + bought.Body.Text("order.id")
}

// clerk sends a command of staff with a key.
func (h house) clerk(at *shop.Shop, path string, body shop.Object, key string) (shop.Answer, error) {
	return at.Try(http.MethodPost, path, body, shop.Key(h.Owner), shop.Once(key))
}

// requirePayment compares what was captured and refunded of an order over 100.00.
func (h house) requirePayment(path string, captured, refunded int64) {
	h.t.Helper()
	h.Settle()
	read := h.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(h.Owner))
	require.EqualValues(h.t, 10_000, read.Body.Number(h.t, "totals.total.amount"))
	require.Equal(h.t, captured, read.Body.Number(h.t, "payment.captured.amount"))
	require.Equal(h.t, refunded, read.Body.Number(h.t, "payment.refunded.amount"))
}

func canceledTogether(h house) {
	const cancelers, refunders, sku = 10, 5, "C16"
	h.Sell(sku, 2000, 10) // more than one order takes, so that it is never sold out
	h.each(few, func(int) {
		path := h.buy(sku)
		h.requirePayment(path, 10_000, 0)
		h.requireLevel(sku, 10, 0, 5)

		answers := h.together(cancelers+refunders, func(i int, at *shop.Shop) (shop.Answer, error) {
			if i < cancelers {
				return h.clerk(at, path+"/cancellation", shop.Object{}, shop.NewKey())
			}
			return h.clerk(at, path+"/refunds", shop.Object{"amount": shop.EUR(700)}, shop.NewKey())
		})
		h.raced()

		require.Equal(h.t, map[string]int{"200": 1, "409 order_not_cancelable": cancelers - 1}, tally(answers[:cancelers]))
		for _, refund := range answers[cancelers:] {
			require.Contains(h.t, []int{http.StatusCreated, http.StatusConflict}, refund.Status, "%s", refund.Raw)
		}
		h.requirePayment(path, 10_000, 10_000)
		h.requireLevel(sku, 10, 0, 0)
	})
}

func refundedTogether(h house) {
	const clerks = 20
	h.Sell("C19", 2000, 5*few)
	h.each(few, func(int) {
		path := h.buy("C19")

		answers := h.together(clerks, func(_ int, at *shop.Shop) (shop.Answer, error) {
			return h.clerk(at, path+"/refunds", shop.Object{"amount": shop.EUR(3000)}, shop.NewKey())
		})
		h.raced()

		require.Equal(h.t, map[string]int{"201": 3, "409 refund_exceeds_captured": clerks - 3}, tally(answers))
		h.requirePayment(path, 10_000, 9000)
	})
}

func capturedTogether(h house) {
	const paths, clerks = 20, 2
	h.captureLater()
	h.Sell("C20", 2000, 5*paths)
	var placed []string
	for range paths {
		placed = append(placed, h.buy("C20"))
	}
	h.requirePayment(placed[0], 0, 0)

	// Captures of other orders keep the database busy, so that those of one order get in each other's way.
	answers := h.together(paths*clerks, func(i int, at *shop.Shop) (shop.Answer, error) {
		return h.clerk(at, placed[i/clerks]+"/captures", shop.Object{"amount": shop.EUR(6000)}, shop.NewKey())
	})

	for i, path := range placed {
		require.Equal(h.t, map[string]int{"201": 1, "409 capture_exceeds_authorized": 1}, tally(answers[i*clerks:(i+1)*clerks]))
		h.requirePayment(path, 6000, 0)
	}
}

// captureLater lets the shop's channel leave payments authorized until somebody captures them.
func (h house) captureLater() {
	h.t.Helper()
	channel := h.Must(http.StatusOK, http.MethodGet, "/admin/v1/channels", nil, shop.Key(h.Owner)).Body
	require.Len(h.t, channel.List("data"), 1)
	h.Must(http.StatusOK, http.MethodPatch, "/admin/v1/channels/"+channel.Text("data.0.id"), shop.Object{"payment_capture": "manual"},
		shop.Key(h.Owner), shop.IfMatch(fmt.Sprintf("%q", channel.Get("data.0.version"))))
}

// clickedTwice sends each command of staff several times at once under one Idempotency-Key: it is done once, and nobody is
// told that it was refused.
func clickedTwice(h house) {
	const clicks = 4
	h.Sell("CLICK", 2000, 5*fifty)
	before := h.Int(`SELECT count(*) FROM orders.commands WHERE done`)
	h.each(few, func(round int) {
		path := h.buy("CLICK")
		line := h.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(h.Owner)).Body.Text("lines.0.id")
		click := func(action string, body shop.Object) map[string]int {
			key := fmt.Sprint(action, round)
			return tally(h.together(clicks, func(_ int, at *shop.Shop) (shop.Answer, error) { return h.clerk(at, path+action, body, key) }))
		}

		require.Equal(h.t, map[string]int{"201": clicks}, click("/captures", shop.Object{}), "round %d", round)
		require.Equal(h.t, map[string]int{"201": clicks}, click("/fulfillments", shop.Object{"lines": []any{shop.Object{"line_id": line, "quantity": 5}}}))
		require.Equal(h.t, map[string]int{"201": clicks},
			click("/refunds", shop.Object{"lines": []any{shop.Object{"line_id": line, "quantity": 3}}}), "round %d", round)

		h.requirePayment(path, 10_000, 6000)
		require.Equal(h.t, before+3*int64(round+1), h.Int(`SELECT count(*) FROM orders.commands WHERE done`))
	})
}
