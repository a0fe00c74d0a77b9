package concurrency

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func sameKeyAgain(t *testing.T, s *shop.Shop) {
	const sku = "C05"
	s.Sell(sku, 1000, 100)
	t.Run("by cart", func(t *testing.T) {
		cart := fill(t, s.In(t), 1, one(sku))[0]
		sameOrder(t, s.In(t), sku, shop.Object{"cart_id": cart.ID, "payment": shop.Pays()}, shop.CartToken(cart.Token))
	})
	t.Run("all at once", func(t *testing.T) { sameOrder(t, s.In(t), sku, shop.AtOnce(shop.Line(sku, 1))) })
	t.Run("of a declined payment", func(t *testing.T) { sameRefusal(t, s.In(t), sku) })
}

// sameOrder sends a checkout, and then again: at once, written otherwise, and after the order has changed.
func sameOrder(t *testing.T, s *shop.Shop, sku string, body shop.Object, headers ...shop.Header) {
	headers = append(headers, shop.Once(shop.NewKey()))
	before := orders(s, sku)

	first := s.Must(http.StatusCreated, http.MethodPost, checkouts, body, headers...)

	require.Empty(t, first.Header.Get("Idempotency-Replayed"))
	requireReplay(t, first, s.Send(http.MethodPost, checkouts, body, headers...))
	requireReplay(t, first, s.Send(http.MethodPost, checkouts, rewritten(t, body), headers...))
	s.Settle()
	s.Must(http.StatusCreated, http.MethodPost, "/admin/v1/orders/"+first.Body.Text("order.id")+"/refunds",
		shop.Object{"reason": "late"}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	s.Settle()
	requireReplay(t, first, s.Send(http.MethodPost, checkouts, body, headers...))
	require.Equal(t, before+1, orders(s, sku))
}

// rewritten is the same JSON with its members in another order and with white space.
func rewritten(t *testing.T, body shop.Object) string {
	t.Helper()
	var members []string
	for name, value := range body {
		encoded, err := json.MarshalIndent(value, "", "  ")
		require.NoError(t, err)
		members = append(members, fmt.Sprintf("%q : %s", name, encoded))
	}
	slices.Sort(members)
	slices.Reverse(members)
	return "{ " + strings.Join(members, " ,\n") + " }"
}

func requireReplay(t *testing.T, first, again shop.Answer) {
	t.Helper()
	require.Equal(t, first.Status, again.Status, "%s", again.Raw)
	require.Equal(t, string(first.Raw), string(again.Raw))
	require.Equal(t, first.Header.Get("Content-Type"), again.Header.Get("Content-Type"))
	require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
}

func sameRefusal(t *testing.T, s *shop.Shop, sku string) {
	cart := fill(t, s, 1, one(sku))[0]
	for what, request := range map[string]struct {
		body    shop.Object
		headers []shop.Header
	}{
		"by cart":     {shop.Object{"cart_id": cart.ID, "payment": shop.Declines()}, []shop.Header{shop.CartToken(cart.Token)}},
		"all at once": {declined(shop.AtOnce(shop.Line(sku, 1))), nil},
	} {
		before, headers := orders(s, sku), append(request.headers, shop.Once(shop.NewKey()))

		first := s.Must(http.StatusPaymentRequired, http.MethodPost, checkouts, request.body, headers...)

		require.Equal(t, "payment_declined", first.Code(), what)
		require.Equal(t, "insufficient_funds", first.Body.Text("decline_code"), what)
		require.Empty(t, first.Header.Get("Idempotency-Replayed"), what)
		requireReplay(t, first, s.Send(http.MethodPost, checkouts, request.body, headers...))
		require.Equal(t, before, orders(s, sku), what)
	}
	require.Equal(t, http.StatusCreated, s.Buy(cart).Status, "another key may pay for the cart")
}

func declined(body shop.Object) shop.Object {
	body["payment"] = shop.Declines()
	return body
}

func sameKeyTogether(t *testing.T, s *shop.Shop) {
	const clicks, rounds, sku = 20, 10, "C06"
	s.Sell(sku, 1000, rounds)
	s.Restock(sku, 1-rounds)
	for round := range rounds {
		if round > 0 {
			s.Restock(sku, 1)
		}
		key := shop.NewKey()

		answers := together(t, clicks, func(int) (shop.Answer, error) {
			return checkOut(s, shop.AtOnce(shop.Line(sku, 1)), shop.Once(key))
		})

		bought, early := withStatus(answers, http.StatusCreated), withStatus(answers, http.StatusConflict)
		require.Equal(t, clicks, len(bought)+tally(answers)["409 idempotency_in_progress"], "answers: %v", tally(answers))
		originals := 0
		for _, a := range bought {
			require.Equal(t, string(bought[0].Raw), string(a.Raw))
			if a.Header.Get("Idempotency-Replayed") == "" {
				originals++
			}
		}
		require.Equal(t, 1, originals)
		for _, a := range early {
			require.NotEmpty(t, a.Header.Get("Retry-After"))
		}
	}
	require.EqualValues(t, rounds, orders(s, sku))
	requireLevel(t, s, sku, rounds, 0, rounds)
}

func keyReused(t *testing.T, s *shop.Shop) {
	const sku = "C07"
	s.Sell(sku, 1000, 100)
	t.Run("by cart", func(t *testing.T) { otherTotalByCart(t, s.In(t), sku) })
	t.Run("all at once", func(t *testing.T) { otherTotalAtOnce(t, s.In(t), sku) })
}

// requireReused sends what the key was not used for and wants it refused, without any effect.
func requireReused(t *testing.T, s *shop.Shop, body shop.Object, headers ...shop.Header) {
	t.Helper()
	const everything = `SELECT (SELECT count(*) FROM checkout.attempts) + (SELECT count(*) FROM orders.orders)
		+ (SELECT count(*) FROM payments.attempts) + (SELECT count(*) FROM inventory.reservations)`
	before := s.Int(everything)

	refused := s.Send(http.MethodPost, checkouts, body, headers...)

	require.Equal(t, "422 idempotency_key_reused", told(refused))
	require.Empty(t, refused.Header.Get("Idempotency-Replayed"))
	require.Equal(t, before, s.Int(everything), "something was executed")
}

func otherTotalByCart(t *testing.T, s *shop.Shop, sku string) {
	cart := fill(t, s, 1, one(sku))[0]
	token, declinedKey, paidKey := shop.CartToken(cart.Token), shop.Once(shop.NewKey()), shop.Once(shop.NewKey())
	pays := shop.Object{"cart_id": cart.ID, "payment": shop.Pays(), "expected_total": shop.EUR(1000)}

	s.Must(http.StatusPaymentRequired, http.MethodPost, checkouts, shop.Object{"cart_id": cart.ID, "payment": shop.Declines()}, token, declinedKey)
	requireReused(t, s, pays, token, declinedKey)
	s.Must(http.StatusCreated, http.MethodPost, checkouts, pays, token, paidKey)
	for _, total := range []int64{0, 999, 1001} {
		requireReused(t, s, shop.Object{"cart_id": cart.ID, "payment": shop.Pays(), "expected_total": shop.EUR(total)}, token, paidKey)
	}
}

func otherTotalAtOnce(t *testing.T, s *shop.Shop, sku string) {
	key, body := shop.Once(shop.NewKey()), shop.AtOnce(shop.Line(sku, 1))
	first := s.Must(http.StatusCreated, http.MethodPost, checkouts, body, key)

	for _, total := range []int64{0, 999, 1000} {
		other := shop.AtOnce(shop.Line(sku, 1))
		other["expected_total"] = shop.EUR(total)
		requireReused(t, s, other, key)
	}
	requireReused(t, s, shop.AtOnce(shop.Line(sku, 2)), key)
	requireReplay(t, first, s.Send(http.MethodPost, checkouts, body, key))
}

func otherShopper(t *testing.T, s *shop.Shop) {
	const sku = "C08"
	s.Sell(sku, 1000, 100)
	key := shop.NewKey()
	carts := fill(t, s, 2, one(sku))
	ada, grace := shop.AtOnce(shop.Line(sku, 1)), shop.AtOnce(shop.Line(sku, 1))
	grace["email"] = "grace@example.com"
	seen := map[string]bool{}

	for _, buy := range []func() (shop.Answer, error){
		func() (shop.Answer, error) { return checkOut(s, ada, shop.Once(key)) },
		func() (shop.Answer, error) { return checkOut(s, grace, shop.Once(key)) },
		func() (shop.Answer, error) { return byCart(s, carts[0], key) },
		func() (shop.Answer, error) { return byCart(s, carts[1], key) },
	} {
		bought, err := buy()
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, bought.Status, "%s", bought.Raw)
		require.Empty(t, bought.Header.Get("Idempotency-Replayed"))
		require.False(t, seen[bought.Body.Text("order.id")], "one shopper was told another one's order")
		seen[bought.Body.Text("order.id")] = true
	}
}

func corrected(t *testing.T, s *shop.Shop) {
	const sku = "C10"
	s.Sell(sku, 1000, 100)
	once, invalid := shop.Once(shop.NewKey()), shop.AtOnce(shop.Line(sku, -1))
	require.Equal(t, http.StatusUnprocessableEntity, s.Send(http.MethodPost, checkouts, invalid, once).Status)
	delete(invalid, "email")
	invalid["lines"] = []shop.Object{shop.Line(sku, 1)}
	require.Equal(t, http.StatusUnprocessableEntity, s.Send(http.MethodPost, checkouts, invalid, once).Status)
	bought := s.Must(http.StatusCreated, http.MethodPost, checkouts, shop.AtOnce(shop.Line(sku, 1)), once)
	require.Empty(t, bought.Header.Get("Idempotency-Replayed"))

	opened := s.Must(http.StatusCreated, http.MethodPost, "/store/v1/carts", shop.Object{"lines": one(sku)(0)})
	cart, key := shop.Cart{ID: opened.Body.Text("id"), Token: opened.Body.Text("token")}, shop.NewKey()
	homeless, err := byCart(s, cart, key)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, homeless.Status, "%s", homeless.Raw)
	option := s.Must(http.StatusOK, http.MethodGet, "/admin/v1/shipping-options", nil, shop.Key(s.Owner)).Body.Text("data.0.id")
	s.Must(http.StatusOK, http.MethodPatch, "/store/v1/carts/"+cart.ID, shop.Object{"email": "ada@example.com",
		"shipping_address": shop.Berlin(), "shipping_option_id": option}, shop.CartToken(cart.Token))
	addressed, err := byCart(s, cart, key)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, addressed.Status, "%s", addressed.Raw)
	require.Empty(t, addressed.Header.Get("Idempotency-Replayed"))
}
