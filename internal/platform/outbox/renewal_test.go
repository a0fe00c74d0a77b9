package outbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const shortLease = 300 * time.Millisecond

// rivals runs a relay that would take over whatever its lease has left.
func rivals(t *testing.T, db *testdb.Database) (box *inbox, stop func()) {
	t.Helper()
	box = &inbox{}
	return box, run(t, outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})))
}

func TestALeaseLastsAsLongAsItsListener(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "slow", "waiting")
	_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_deliveries SET attempt = 2`) // so each comes alone
	require.NoError(t, err)
	holding, finish := make(chan string, 2), make(chan struct{})
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, batch []outbox.Delivery) error {
		holding <- batch[0].AggregateID
		<-finish
		return ctx.Err()
	}})
	config.Lease = shortLease
	relay := outbox.NewRelay(config)
	drained := make(chan error, 1)
	go func() { drained <- relay.Drain(t.Context()) }()
	require.Equal(t, "slow", receive(t, holding))
	box, stop := rivals(t, db)

	// Three leases pass, by the clock of the database.
	const passed = `SELECT count(*) FROM kitchen.outbox_deliveries WHERE run_at > $1::timestamptz + interval '900 ms'`
	var began time.Time
	require.NoError(t, db.Admin().Get(t.Context(), &began, `SELECT min(run_at) FROM kitchen.outbox_deliveries`))
	require.Eventually(t, func() bool { return count(t, db, passed, began) == 2 }, patience, 10*time.Millisecond, "both are kept")
	close(finish)

	require.NoError(t, receive(t, drained))
	stop()
	assert.Equal(t, "waiting", receive(t, holding))
	assert.Empty(t, box.all(), "nobody took over what was in hand")
	assert.Zero(t, deliveries(t, db))
}

func TestALeaseEndsWhenAListenerTakesTooLong(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "endless")
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, batch []outbox.Delivery) error {
		if batch[0].Attempt == 1 {
			<-ctx.Done()
		}
		return ctx.Err()
	}})
	config.Lease, config.Longest = patience, shortLease

	require.NoError(t, drain(t, outbox.NewRelay(config)))

	assert.Zero(t, deliveries(t, db))
}

func TestAListenerIsToldWhenOthersHaveItsBatch(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	told := make(chan error, 1)
	holding := make(chan struct{})
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, _ []outbox.Delivery) error {
		close(holding)
		<-ctx.Done()
		told <- ctx.Err()
		return nil
	}})
	config.Lease = shortLease
	stop := run(t, outbox.NewRelay(config))
	receive(t, holding)

	// Another process claims it, as if this one had been frozen.
	_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_deliveries SET attempt = attempt + 1, run_at = now() + interval '1 h'`)
	require.NoError(t, err)

	require.Error(t, receive(t, told))
	stop()
	assert.Equal(t, 1, deliveries(t, db), "it is the other one's to acknowledge")
}

func TestALeaseThatCannotBeRenewedEnds(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	told := make(chan time.Time, 1)
	holding := make(chan time.Time, 1)
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, _ []outbox.Delivery) error {
		holding <- time.Now()
		<-ctx.Done()
		told <- time.Now()
		return ctx.Err()
	}})
	config.Lease = 3 * shortLease
	stop := run(t, outbox.NewRelay(config))
	began := receive(t, holding)
	rename(t, db, "outbox_deliveries", "elsewhere")
	defer rename(t, db, "elsewhere", "outbox_deliveries")

	const moment = 250 * time.Millisecond // for a machine with much to do
	assert.LessOrEqual(t, receive(t, told).Sub(began), 3*shortLease+moment, "about when others may claim it")
	stop()
}
