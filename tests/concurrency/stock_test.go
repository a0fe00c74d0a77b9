package concurrency

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func tenUnits(t *testing.T, s *shop.Shop) {
	const buyers, units, sku = 200, 10, "C01"
	s.Sell(sku, 1000, units)
	carts := fill(t, s, buyers, one(sku))

	answers := together(t, buyers, func(i int) (shop.Answer, error) { return byCart(s, carts[i], shop.NewKey()) })

	require.Equal(t, map[string]int{"201": units, "409 insufficient_stock": buyers - units}, tally(answers))
	for _, refused := range withStatus(answers, http.StatusConflict) {
		require.EqualValues(t, 0, refused.Body.Number(t, "errors.0.available"), "refused while there was stock: %s", refused.Raw)
		require.Equal(t, "/lines/0", refused.Body.Text("errors.0.pointer"))
	}
	require.EqualValues(t, units, orders(s, sku))
	require.Zero(t, moneyWithoutOrder(s), "a buyer without an order is charged")
	requireLevel(t, s, sku, units, 0, units)
	s.Verify()
}

// moneyWithoutOrder counts payments that hold or took money for something that is no order.
func moneyWithoutOrder(s *shop.Shop) int64 {
	return s.Int(`SELECT count(*) FROM payments.attempts p
		WHERE p.status NOT IN ('declined', 'voided', 'expired') AND NOT EXISTS (SELECT FROM orders.orders o WHERE o.reference = p.reference)`)
}

func lastUnit(t *testing.T, s *shop.Shop) {
	const rounds = 20
	s.Sell("C02", 1000, rounds)
	s.Restock("C02", 1-rounds)
	for round := range rounds {
		if round > 0 {
			s.Restock("C02", 1)
		}
		cart := fill(t, s, 1, one("C02"))[0]

		answers := together(t, 2, func(i int) (shop.Answer, error) {
			if i == 0 {
				return byCart(s, cart, shop.NewKey())
			}
			return checkOut(s, shop.AtOnce(shop.Line("C02", 1)), shop.Once(shop.NewKey()))
		})

		require.Equal(t, map[string]int{"201": 1, "409 insufficient_stock": 1}, tally(answers), "round %d", round)
		loser := withStatus(answers, http.StatusConflict)[0]
		require.NotEmpty(t, loser.Body.Text("checkout_id"))
		require.Zero(t, s.Int(`SELECT count(*) FROM payments.attempts
			WHERE reference = $1 AND status NOT IN ('declined', 'voided', 'expired')`, loser.Body.Text("checkout_id")))
		require.Zero(t, moneyWithoutOrder(s))
	}
	requireLevel(t, s, "C02", rounds, 0, rounds)
	s.Verify()
}

// engraved are two lines of a SKU that stay two, because they differ in metadata.
func engraved(sku string, first, second int64) []shop.Object {
	lines := []shop.Object{shop.Line(sku, first), shop.Line(sku, second)}
	lines[0]["metadata"], lines[1]["metadata"] = shop.Object{"engraving": "Ada"}, shop.Object{"engraving": "Grace"}
	return lines
}

func twoLines(t *testing.T, s *shop.Shop) {
	t.Run("by cart", func(t *testing.T) { twoLinesByCart(t, s.In(t)) })
	t.Run("all at once", func(t *testing.T) { twoLinesAtOnce(t, s.In(t)) })
}

func twoLinesByCart(t *testing.T, s *shop.Shop) {
	s.Sell("C04-CART", 1000, 3)
	tooMany := fill(t, s, 1, func(int) []shop.Object { return engraved("C04-CART", 2, 2) })[0]
	lines := s.Must(http.StatusOK, http.MethodGet, "/store/v1/carts/"+tooMany.ID, nil, shop.CartToken(tooMany.Token)).Body.List("lines")
	require.Len(t, lines, 2)

	refused, err := byCart(s, tooMany, shop.NewKey())

	require.NoError(t, err)
	requireBothShort(t, s, "C04-CART", refused)

	enough := fill(t, s, 1, func(int) []shop.Object { return engraved("C04-CART", 2, 1) })[0]
	require.Equal(t, http.StatusCreated, s.Buy(enough).Status)
	requireLevel(t, s, "C04-CART", 3, 0, 3)
}

func twoLinesAtOnce(t *testing.T, s *shop.Shop) {
	s.Sell("C04-ONCE", 1000, 3)

	refused := s.Send(http.MethodPost, checkouts, shop.AtOnce(engraved("C04-ONCE", 2, 2)...), shop.Once(shop.NewKey()))

	requireBothShort(t, s, "C04-ONCE", refused)
	s.Must(http.StatusCreated, http.MethodPost, checkouts, shop.AtOnce(engraved("C04-ONCE", 2, 1)...), shop.Once(shop.NewKey()))
	requireLevel(t, s, "C04-ONCE", 3, 0, 3)
}

// requireBothShort wants both lines refused with what there is, and nothing kept of them.
func requireBothShort(t *testing.T, s *shop.Shop, sku string, refused shop.Answer) {
	t.Helper()
	require.Equal(t, "409 insufficient_stock", told(refused))
	for i, pointer := range []string{"/lines/0", "/lines/1"} {
		require.Equal(t, pointer, refused.Body.Text(fmt.Sprintf("errors.%d.pointer", i)))
		require.EqualValues(t, 3, refused.Body.Number(t, fmt.Sprintf("errors.%d.available", i)))
	}
	require.Zero(t, s.Int(`SELECT count(*) FROM inventory.reservations WHERE sku = $1 AND state IN ('open', 'allocated')`, sku))
	require.Zero(t, orders(s, sku))
	requireLevel(t, s, sku, 3, 0, 0)
}

func crosswise(t *testing.T, s *shop.Shop) {
	const buyers, units = 120, 100
	s.Sell("C26-A", 1000, units)
	s.Sell("C26-B", 1000, units)
	carts := fill(t, s, buyers, func(i int) []shop.Object {
		if i%2 == 0 {
			return []shop.Object{shop.Line("C26-A", 1), shop.Line("C26-B", 1)}
		}
		return []shop.Object{shop.Line("C26-B", 1), shop.Line("C26-A", 1)}
	})

	answers := together(t, buyers, func(i int) (shop.Answer, error) { return byCart(s, carts[i], shop.NewKey()) })

	require.Equal(t, map[string]int{"201": units, "409 insufficient_stock": buyers - units}, tally(answers))
	requireLevel(t, s, "C26-A", units, 0, units)
	requireLevel(t, s, "C26-B", units, 0, units)
	s.Verify()
}
