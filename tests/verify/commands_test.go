package verify_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestACommandNeitherWaitsForNorFailsByDeliveriesOfOthers(t *testing.T) {
	s := shop.Start(t)
	s.Sell("CLI", 1000, 5)
	s.Must(http.StatusCreated, http.MethodPost, "/store/v1/checkouts", shop.AtOnce(shop.Line("CLI", 1)), shop.Once(shop.NewKey()))
	s.Settle()
	for name, deadAt := range map[string]string{"waits for its next attempt": "NULL::timestamptz", "is dead": "now()"} {
		t.Run("of which one "+name, func(t *testing.T) {
			_, err := s.Admin().Exec(t.Context(), `INSERT INTO orders.outbox_deliveries (event_id, subscriber, attempt, run_at, dead_at)
				SELECT id, 'cart.close', 10, now() + interval '1 hour', `+deadAt+` FROM orders.outbox_events WHERE name = 'orders.order_placed.v1'`)
			require.NoError(t, err)
			defer func() {
				_, err := s.Admin().Exec(t.Context(), `DELETE FROM orders.outbox_deliveries`)
				require.NoError(t, err)
			}()

			secret, err := s.In(t).Command("keys", "create", "--name", "another", "--role", "staff")

			require.NoError(t, err)
			require.NotEmpty(t, secret)
		})
	}
}
