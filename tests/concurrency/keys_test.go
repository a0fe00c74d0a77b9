package concurrency

import (
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func keyReused(h house) {
	const sku = "C07"
	h.Sell(sku, 1000, 100)
	h.part("by cart", func(h house) { h.otherTotalByCart(sku) })
	h.part("all at once", func(h house) { h.otherTotalAtOnce(sku) })
}

// requireReused sends what the key was not used for to the other server and wants it refused, without any effect.
func (h house) requireReused(w wish) {
	h.t.Helper()
	const everything = `SELECT (SELECT count(*) FROM checkout.attempts) + (SELECT count(*) FROM orders.orders)
		+ (SELECT count(*) FROM payments.attempts) + (SELECT count(*) FROM inventory.reservations)`
	before := h.Int(everything)

	refused := h.must(1, http.StatusUnprocessableEntity, w)

	require.Equal(h.t, "idempotency_key_reused", refused.Code())
	require.Empty(h.t, refused.Header.Get("Idempotency-Replayed"))
	require.Equal(h.t, before, h.Int(everything), "something was executed")
}

func (h house) otherTotalByCart(sku string) {
	cart := h.fill(1, one(sku))[0]
	refused := byCart(cart, shop.NewKey()).with("expected_total", shop.EUR(1000))
	paid := byCart(cart, shop.NewKey()).with("expected_total", shop.EUR(1000))

	h.must(0, http.StatusPaymentRequired, refused.paying(shop.Declines()))
	h.requireReused(refused)
	h.must(0, http.StatusCreated, paid)
	for _, total := range []int64{0, 999, 1001} {
		h.requireReused(paid.with("expected_total", shop.EUR(total)))
	}
}

func (h house) otherTotalAtOnce(sku string) {
	w := outright(shop.Line(sku, 1))
	first := h.must(0, http.StatusCreated, w)

	for _, total := range []int64{0, 999, 1000} {
		h.requireReused(w.with("expected_total", shop.EUR(total)))
	}
	h.requireReused(w.with("lines", []shop.Object{shop.Line(sku, 2)}))
	h.requireReplay(first, h.again(1, w))
}

func otherShopper(h house) {
	const sku = "C08"
	h.Sell(sku, 1000, 100)
	ada := outright(shop.Line(sku, 1))
	seen := map[string]bool{}
	carts := h.fill(2, one(sku))
	grace := ada.with("email", "grace@example.com")

	for i, w := range []wish{ada, grace, byCart(carts[0], ada.key), byCart(carts[1], ada.key)} {
		bought := h.must(i, http.StatusCreated, w)
		require.Empty(h.t, bought.Header.Get("Idempotency-Replayed"))
		require.False(h.t, seen[bought.Body.Text("order.id")], "one shopper was told another one's order")
		seen[bought.Body.Text("order.id")] = true
	}
}

func corrected(h house) {
	const sku = "C10"
	h.Sell(sku, 1000, 100)
	valid := outright(shop.Line(sku, 1))
	h.must(0, http.StatusUnprocessableEntity, valid.with("lines", []shop.Object{shop.Line(sku, -1)}))
	homeless := valid.with("lines", []shop.Object{shop.Line(sku, 1)})
	delete(homeless.body, "email")
	h.must(1, http.StatusUnprocessableEntity, homeless)
	require.Empty(h.t, h.must(0, http.StatusCreated, valid).Header.Get("Idempotency-Replayed"))

	opened := h.Must(http.StatusCreated, http.MethodPost, "/store/v1/carts", shop.Object{"lines": one(sku)(0)})
	cart := shop.Cart{ID: opened.Body.Text("id"), Token: opened.Body.Text("token")}
	w := byCart(cart, shop.NewKey())
	h.must(0, http.StatusUnprocessableEntity, w)
	h.Must(http.StatusOK, http.MethodPatch, "/store/v1/carts/"+cart.ID, shop.Object{"email": "ada@example.com",
		"shipping_address": shop.Berlin(), "shipping_option_id": h.optionID()}, shop.CartToken(cart.Token))
	require.Empty(h.t, h.must(1, http.StatusCreated, w).Header.Get("Idempotency-Replayed"))
}
