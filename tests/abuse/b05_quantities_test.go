package abuse

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// impossible are spellings of a quantity and how they are refused. 0 is the only one that means something, somewhere.
func impossible() map[string]string {
	return map[string]string{
		`0.5`: "400 invalid_type", `"1"`: "400 invalid_type", `1e3`: "400 invalid_type", `1.0`: "400 invalid_type", `1E0`: "400 invalid_type",
		`9223372036854775808`: "400 invalid_type", `-9223372036854775809`: "400 invalid_type", `1` + strings.Repeat("0", 400): "400 invalid_type",
		`1e400`: "400 invalid_type", `null`: "400 invalid_type", `true`: "400 invalid_type", `[1]`: "400 invalid_type", `{}`: "400 invalid_type", `""`: "400 invalid_type",
		`-1`: "422 validation_failed", `1000001`: "422 validation_failed", `2147483648`: "422 validation_failed",
		`9007199254740993`: "422 validation_failed", `9223372036854775807`: "422 validation_failed", `-9223372036854775808`: "422 validation_failed",
	}
}

// quantities puts them wherever a client says how many. QUANTITY stands for the number.
func quantities(w *world) {
	first, owner := w.shoppers[0], shop.Key(w.Owner)
	cart, order := cartsPath+"/"+first.cart, "/admin/v1/orders/"+first.order
	line := fmt.Sprintf(`{"sku":%q,"quantity":QUANTITY}`, w.goods.SKU)
	orderLine := fmt.Sprintf(`{"lines":[{"line_id":%q,"quantity":QUANTITY}]}`, w.admin(order).Body.Text("lines.0.id"))
	atOnce := `{"lines":[` + line + `],"email":"ada@example.com","shipping_address":{"country":"DE"},"payment":{"method":"manual"}}`
	for _, r := range []struct{ method, path, body, at string }{
		{http.MethodPost, cartsPath, `{"lines":[` + line + `]}`, "/lines/0/quantity"},
		{http.MethodPost, cart + "/lines", line, "/quantity"},
		{http.MethodPost, cart + "/lines", `{"lines":[{"sku":"GOODS","quantity":1},` + line + `]}`, "/lines/1/quantity"},
		{http.MethodPut, cart + "/lines", `{"lines":[` + line + `]}`, "/lines/0/quantity"},
		{http.MethodPatch, cart + "/lines/" + first.line, `{"quantity":QUANTITY}`, "/quantity"},
		{http.MethodPost, checkoutsPath, atOnce, "/lines/0/quantity"},
		{http.MethodPost, order + "/refunds", orderLine, "/lines/0/quantity"},
		{http.MethodPost, order + "/fulfillments", orderLine, "/lines/0/quantity"},
	} {
		refused := impossible()
		if r.method != http.MethodPatch {
			refused[`0`] = "422 validation_failed"
		}
		w.unchanged(r.method+" "+r.path, func() {
			for quantity, want := range refused {
				body := strings.ReplaceAll(r.body, "QUANTITY", quantity)
				answer := w.send(r.method, r.path, body, shop.CartToken(first.cartToken), owner, shop.Once(shop.NewKey()))
				require.Equal(w.t, want, told(answer), "%s %s with %s: %s", r.method, r.path, brief(quantity), answer.Raw)
				require.Equal(w.t, r.at, answer.Body.Text("errors.0.pointer"), "%s", answer.Raw)
			}
		})
	}
	mostInALine(w)
	zeroRemoves(w)
}

// mostInALine wants the limit to hold for what is merged, too.
func mostInALine(w *world) {
	s := w.shopper()
	path, token := cartsPath+"/"+s.cart+"/lines", shop.CartToken(s.cartToken)
	w.Must(http.StatusOK, http.MethodPut, path, shop.Object{"lines": []shop.Object{shop.Line(w.goods.SKU, 1_000_000)}}, token)
	w.Settle()
	w.unchanged("merging beyond the limit", func() {
		answer := w.send(http.MethodPost, path, shop.Line(w.goods.SKU, 1), token)
		require.Equal(w.t, "422 quantity_out_of_range", told(answer), "%s", answer.Raw)
	})
}

// zeroRemoves is the one documented use of 0.
func zeroRemoves(w *world) {
	s := w.shopper()
	answer := w.send(http.MethodPatch, cartsPath+"/"+s.cart+"/lines/"+s.line, shop.Object{"quantity": 0}, shop.CartToken(s.cartToken))
	require.Equal(w.t, "200", told(answer), "%s", answer.Raw)
	require.Empty(w.t, answer.Body.List("lines"))
	require.EqualValues(w.t, 0, answer.Body.Number(w.t, "totals.total.amount"))
}
