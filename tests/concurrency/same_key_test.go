package concurrency

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// TestAClerkWhoClicksTwice sends each command of staff several times at once under one Idempotency-Key: it is done once, and
// nobody is told that it was refused.
func TestAClerkWhoClicksTwice(t *testing.T) {
	const clicks, rounds = 4, 10
	s := shop.Start(t, "RIALTO_POOL_REQUESTS=12", "RIALTO_POOL_READS=8", "RIALTO_POOL_BACKGROUND=4")
	captureLater(t, s)
	s.Sell("CLICK", 2000, 5*rounds)
	for round := range rounds {
		path := buy(s, "CLICK")
		line := s.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(s.Owner)).Body.Text("lines.0.id")
		click := func(action string, body shop.Object) map[string]int {
			key := shop.Once(fmt.Sprint(action, round))
			return tally(together(t, clicks, func(int) (shop.Answer, error) {
				return s.Try(http.MethodPost, path+action, body, shop.Key(s.Owner), key)
			}))
		}

		require.Equal(t, map[string]int{"201": clicks}, click("/captures", shop.Object{}), "round %d", round)
		require.Equal(t, map[string]int{"201": clicks}, click("/fulfillments", shop.Object{"lines": []any{shop.Object{"line_id": line, "quantity": 5}}}))
		require.Equal(t, map[string]int{"201": clicks},
			click("/refunds", shop.Object{"lines": []any{shop.Object{"line_id": line, "quantity": 3}}}), "round %d", round)

		requirePayment(t, s, path, 10_000, 6000)
		require.EqualValues(t, 3*(round+1), s.Int(`SELECT count(*) FROM orders.commands WHERE done`))
	}
}
