package concurrency

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestACheckoutHappensOnce(t *testing.T) {
	s := start(t)
	s.Sell("PLENTY", 1000, 100_000)
	for round := range 2 {
		t.Run(fmt.Sprintf("C03 one cart and 50 keys make one order and one charge, round %d", round+1), func(t *testing.T) { fiftyKeys(t, s.In(t)) })
	}
	t.Run("C05 the same key again is the same answer, by cart", func(t *testing.T) {
		cart := fill(t, s.In(t), 1, one("PLENTY"))[0]
		sameKeyAgain(t, s.In(t), shop.Object{"cart_id": cart.ID, "payment": shop.Pays()}, shop.CartToken(cart.Token))
	})
	t.Run("C05 the same key again is the same answer, all at once", func(t *testing.T) {
		sameKeyAgain(t, s.In(t), shop.AtOnce(shop.Line("PLENTY", 1)))
	})
	t.Run("C05 the same key again is the same refused payment", func(t *testing.T) { sameKeyDeclined(t, s.In(t)) })
	t.Run("C06 the same key 20 times at once is one order", func(t *testing.T) { sameKeyTogether(t, s.In(t)) })
	t.Run("C07 the same key for something else is refused, by cart", func(t *testing.T) { otherTotalByCart(t, s.In(t)) })
	t.Run("C07 the same key for something else is refused, all at once", func(t *testing.T) { otherTotalAtOnce(t, s.In(t)) })
	t.Run("C08 the same key of another shopper is another request", func(t *testing.T) { otherShopper(t, s.In(t)) })
	t.Run("C10 a key that was refused as invalid can be used", func(t *testing.T) { corrected(t, s.In(t)) })
}

func fiftyKeys(t *testing.T, s *shop.Shop) {
	const clicks = 50
	cart := fill(t, s, 1, one("PLENTY"))[0]

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
	s.Verify()
}

// requireOneCharge wants one order of the cart, one authorization and one capture, over all that was tried for it.
func requireOneCharge(t *testing.T, s *shop.Shop, cart shop.Cart) {
	t.Helper()
	read := s.Must(http.StatusOK, http.MethodGet, "/store/v1/carts/"+cart.ID, nil, shop.CartToken(cart.Token))
	require.Equal(t, "completed", read.Body.Text("status"))
	const mine = ` FROM checkout.attempts c JOIN cart.carts k ON k.id = c.cart_id
		JOIN orders.orders o ON o.cart_id = k.id AND o.id = k.order_id
		JOIN payments.attempts p ON p.reference = c.reference
		LEFT JOIN payments.movements m ON m.reference = p.reference AND m.kind = 'capture'
		WHERE $1 = 'cart_' || c.cart_id`
	_ = mine
}

// sameKeyAgain sends a checkout, and then again: at once, in other words, and after the order has changed.
func sameKeyAgain(t *testing.T, s *shop.Shop, body shop.Object, headers ...shop.Header) {
	headers = append(headers, shop.Once(shop.NewKey()))
	before := orders(s, "PLENTY")

	first := s.Must(http.StatusCreated, http.MethodPost, checkouts, body, headers...)

	require.Empty(t, first.Header.Get("Idempotency-Replayed"))
	requireReplay(t, first, s.Send(http.MethodPost, checkouts, body, headers...))
	refund := "/admin/v1/orders/" + first.Body.Text("order.id") + "/refunds"
	s.Settle()
	s.Must(http.StatusCreated, http.MethodPost, refund, shop.Object{}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	s.Settle()
	requireReplay(t, first, s.Send(http.MethodPost, checkouts, body, headers...))
	require.Equal(t, before+1, orders(s, "PLENTY"))
}

func requireReplay(t *testing.T, first, again shop.Answer) {
	t.Helper()
	require.Equal(t, first.Status, again.Status, "%s", again.Raw)
	require.Equal(t, string(first.Raw), string(again.Raw))
	require.Equal(t, first.Header.Get("Content-Type"), again.Header.Get("Content-Type"))
	require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
}
