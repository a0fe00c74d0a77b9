package app_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// An earlier version delivered every order to whoever acts on some.
func TestADeliveryToWhomItDoesNotConcernIsPassedOver(t *testing.T) {
	var dsn string
	c := open(t, func(cfg *app.Config) { dsn = cfg.DatabaseURL })
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn, MaxOpen: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec(t.Context(), `UPDATE channels.channels SET payment_capture = 'manual'`)
	require.NoError(t, err)
	c.buy()
	n, err := db.Exec(t.Context(), `INSERT INTO orders.outbox_deliveries (event_id, subscriber)
		SELECT id, subscriber FROM orders.outbox_events, unnest(ARRAY['payments.capture', 'cart.close']) AS subscriber
		WHERE name = 'orders.order_placed.v1'`)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)

	require.Equal(t, "authorized", c.settle()["payment_status"])
}

// By its name a process knows whether the module is elsewhere, so that the broker is to carry its events.
func TestASubscriberIsNamedByTheModuleThatActs(t *testing.T) {
	actors := app.Actors()

	require.NotEmpty(t, actors)
	for subscriber, module := range actors {
		require.Contains(t, app.Modules(), module, subscriber)
	}
}
