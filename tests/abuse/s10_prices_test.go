package abuse

import (
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	cartsPath     = "/store/v1/carts"
	checkoutsPath = "/store/v1/checkouts"
)

func clientPrices(w *world) {
	first := w.shoppers[0]
	cart, token := cartsPath+"/"+first.cart, shop.CartToken(first.cartToken)
	line := shop.Object{"sku": w.goods.SKU, "quantity": 1}
	w.unchanged("a line with a price", func() {
		for field, value := range map[string]any{"unit_price": 1, "discount": shop.EUR(999), "tax": 0, "currency": "JPY",
			"price": shop.EUR(1), "total": shop.EUR(1), "compare_at_unit_price": 1, "adjustments": []int{}} {
			priced := with(line, field, value)
			for _, r := range []struct {
				method, path string
				body         shop.Object
				at           string
			}{
				{http.MethodPost, cartsPath, shop.Object{"lines": []shop.Object{priced}}, "/lines/0/"},
				{http.MethodPost, cart + "/lines", priced, "/"},
				{http.MethodPost, cart + "/lines", shop.Object{"lines": []shop.Object{line, priced}}, "/lines/1/"},
				{http.MethodPut, cart + "/lines", shop.Object{"lines": []shop.Object{priced}}, "/lines/0/"},
				{http.MethodPatch, cart + "/lines/" + first.line, with(shop.Object{"quantity": 1}, field, value), "/"},
				{http.MethodPost, checkoutsPath, shop.AtOnce(priced), "/lines/0/"},
				{http.MethodPost, checkoutsPath, with(shop.AtOnce(line), field, value), "/"},
			} {
				if r.at == "/" && r.path == checkoutsPath && field == "currency" {
					continue // there it is the shopper's choice
				}
				answer := w.send(r.method, r.path, r.body, token, shop.Once(shop.NewKey()))
				require.Equal(w.t, "400 unknown_field", told(answer), "%s %s with %s: %s", r.method, r.path, field, answer.Raw)
				require.Equal(w.t, r.at+field, answer.Body.Text("errors.0.pointer"))
			}
		}
	})
	serversPrice(w)
}

// serversPrice wants the total that a shopper expects compared, and never taken.
func serversPrice(w *world) {
	opened := w.Must(http.StatusCreated, http.MethodPost, cartsPath, shop.Object{"lines": []shop.Object{shop.Line(w.goods.SKU, 3)}})
	require.EqualValues(w.t, 3000, opened.Body.Number(w.t, "totals.total.amount"))
	for _, r := range []struct {
		expected shop.Object
		want     string
	}{
		{shop.EUR(0), "409 price_changed"}, {shop.EUR(1), "409 price_changed"}, {shop.EUR(2999), "409 price_changed"},
		{shop.EUR(3001), "409 price_changed"}, {shop.EUR(9_000_000_000), "409 price_changed"},
		{shop.Object{"amount": 3000, "currency": "USD"}, "422 currency_mismatch"}, {shop.EUR(-1), "422 validation_failed"},
		{shop.EUR(3000), "201"},
	} {
		body := with(shop.AtOnce(shop.Line(w.goods.SKU, 3)), "expected_total", r.expected)
		answer := w.send(http.MethodPost, checkoutsPath, body, shop.Once(shop.NewKey()))
		require.Equal(w.t, r.want, told(answer), "expecting %v: %s", r.expected, answer.Raw)
		switch answer.Status {
		case http.StatusConflict:
			require.EqualValues(w.t, 3000, answer.Body.Number(w.t, "totals.total.amount"))
			requireNothingHeld(w, answer.Body.Text("checkout_id"))
		case http.StatusCreated:
			require.EqualValues(w.t, 3000, answer.Body.Number(w.t, "order.totals.total.amount"))
			require.EqualValues(w.t, 3000, answer.Body.Number(w.t, "order.payment.authorized.amount"))
		}
	}
}

// requireNothingHeld wants a checkout that was refused to have left neither stock held, nor money, nor an order.
func requireNothingHeld(w *world, checkout string) {
	w.t.Helper()
	require.NotEmpty(w.t, checkout)
	for _, query := range []string{
		`SELECT count(*) FROM inventory.reservations WHERE reference = $1 AND state IN ('open', 'allocated')`,
		`SELECT count(*) FROM payments.attempts WHERE reference = $1 AND authorized > 0`,
		`SELECT count(*) FROM orders.orders WHERE reference = $1`,
	} {
		require.Zero(w.t, w.Int(query, checkout), "%s for %s", query, checkout)
	}
}

// with is a body with one more member.
func with(body shop.Object, name string, value any) shop.Object {
	more := shop.Object{name: value}
	for n, v := range body {
		if n != name {
			more[n] = v
		}
	}
	return more
}
