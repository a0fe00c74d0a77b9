package concurrency

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/tests/shop"
)

func fiftyKeys(t *testing.T, s *shop.Shop) {
	const clicks, sku = 50, "C03"
	s.Sell(sku, 1000, clicks)
	cart := fill(t, s, 1, one(sku))[0]

	answers := together(t, clicks, func(int) (shop.Answer, error) { return byCart(s, cart, shop.NewKey()) })

	counts := tally(answers)
	require.Equal(t, 1, counts["201"], "answers: %v", counts)
	require.Equal(t, clicks, counts["201"]+counts["200"]+counts["409 checkout_in_progress"], "answers: %v", counts)
	order := withStatus(answers, http.StatusCreated)[0].Body.Text("order.id")
	for _, earlier := range append(withStatus(answers, http.StatusOK), s.Buy(cart)) {
		require.Equal(t, http.StatusOK, earlier.Status, "%s", earlier.Raw)
		require.Equal(t, order, earlier.Body.Text("order.id"))
	}
	s.Settle()
	requireOneCharge(t, s, cart)
	requireLevel(t, s, sku, clicks, 0, 1)
	s.Verify()
}

// requireOneCharge wants one order of the cart, one authorization and one capture, over all that was tried for it.
func requireOneCharge(t *testing.T, s *shop.Shop, cart shop.Cart) {
	t.Helper()
	id, ok := ids.Decode("cart", cart.ID)
	require.True(t, ok)
	for what, query := range map[string]string{
		"orders": `SELECT count(*) FROM orders.orders WHERE cart_id = $1`,
		"authorizations": `SELECT count(*) FROM payments.attempts p
			JOIN checkout.attempts c ON c.reference = p.reference WHERE c.cart_id = $1`,
		"captures": `SELECT count(*) FROM payments.movements m
			JOIN checkout.attempts c ON c.reference = m.reference WHERE c.cart_id = $1`,
	} {
		require.EqualValues(t, 1, s.Int(query, id), "%s of one cart", what)
	}
}
