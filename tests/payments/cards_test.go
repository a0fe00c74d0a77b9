package payments

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// canary is a card number that nothing else here contains.
const canary = "4929 3813 3266 4295"

func cardData(h house) {
	order, _ := h.must(http.StatusCreated, "tok_success")
	orderID := h.text(`SELECT id::text FROM orders.orders WHERE reference = $1`, order)
	admin := h.Must(http.StatusOK, http.MethodGet, "/admin/v1/orders?limit=1", nil, shop.Key(h.Owner)).Body.Text("data.0.id")
	require.NotEmpty(h.t, orderID)
	cart := h.Fill(shop.Line("TEE", 1))
	plain := strings.ReplaceAll(canary, " ", "")
	with := func(path string, value any) shop.Object {
		body := paysWith("tok_success")
		body[path] = value
		return body
	}
	address := shop.Berlin()
	address["line2"] = "card " + canary
	requests := []struct {
		method, path string
		body         shop.Object
		headers      []shop.Header
	}{
		{http.MethodPost, checkouts, with("payment", shop.Object{"method": "fake", "token": plain}), nil},
		{http.MethodPost, checkouts, with("payment", shop.Object{"method": "fake", "token": "tok_success", "cvv": "123"}), nil},
		{http.MethodPost, checkouts, with("email", plain+"@example.com"), nil},
		{http.MethodPost, checkouts, with("note", "Please charge "+canary+" 12/27"), nil},
		{http.MethodPost, checkouts, with("note", "cvc: 987"), nil},
		{http.MethodPost, checkouts, with("metadata", shop.Object{"a": strings.ReplaceAll(canary, " ", "-")}), nil},
		{http.MethodPost, checkouts, with("metadata", shop.Object{plain: "x"}), nil},
		{http.MethodPost, checkouts, with("shipping_address", address), nil},
		{http.MethodPost, checkouts, shop.Object{plain: true}, nil},
		{http.MethodPost, "/store/v1/carts", shop.Object{"note": canary}, nil},
		{http.MethodPatch, "/store/v1/carts/" + cart.ID, shop.Object{"note": canary}, []shop.Header{shop.CartToken(cart.Token)}},
		{http.MethodPost, "/admin/v1/orders/" + admin + "/refunds", shop.Object{"reason": "back to " + canary}, []shop.Header{shop.Key(h.Owner)}},
		{http.MethodPost, "/admin/v1/orders/" + admin + "/cancellation", shop.Object{"reason": canary}, []shop.Header{shop.Key(h.Owner)}},
	}
	for i, r := range requests {
		answer := h.Send(r.method, r.path, r.body, append(r.headers, shop.Once(shop.NewKey()))...)

		require.Equal(h.t, http.StatusUnprocessableEntity, answer.Status, "%d %s %s: %s", i, r.method, r.path, answer.Raw)
		require.Equal(h.t, "card_data_not_allowed", answer.Code())
		h.requireNoCard(string(answer.Raw))
	}
	h.requireNoCard(h.Log())
	h.requireNoCardStored()
}

func (h house) requireNoCard(text string) {
	h.t.Helper()
	for _, divider := range []string{"", " ", "-"} {
		require.False(h.t, strings.Contains(text, strings.ReplaceAll(canary, " ", divider)), "card data is repeated")
	}
}

// requireNoCardStored looks through every row of every table.
func (h house) requireNoCardStored() {
	h.t.Helper()
	var tables []string
	require.NoError(h.t, h.Admin().Select(h.t.Context(), &tables, `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`))
	require.Greater(h.t, len(tables), 30)
	for _, table := range tables {
		found := h.Int(fmt.Sprintf(`SELECT count(*) FROM %s t WHERE t::text ~ '4929[ -]?3813[ -]?3266[ -]?4295'`, table))
		require.Zero(h.t, found, table)
	}
}
