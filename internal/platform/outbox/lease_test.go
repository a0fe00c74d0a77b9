package outbox_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// hands counts who holds what at the same moment, and how often it was handled.
type hands struct {
	mu      sync.Mutex
	holding map[string]int
	handled map[string]int
	twice   []string
}

func (h *hands) listen(ctx context.Context, batch []outbox.Delivery) error {
	h.each(batch, func(id string) {
		if h.holding[id]++; h.holding[id] > 1 {
			h.twice = append(h.twice, id)
		}
	})
	hold := time.NewTimer(3 * time.Millisecond)
	defer hold.Stop()
	select {
	case <-hold.C:
	case <-ctx.Done():
	}
	h.each(batch, func(id string) {
		h.holding[id]--
		h.handled[id]++
	})
	return ctx.Err()
}

func (h *hands) each(batch []outbox.Delivery, do func(id string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, d := range batch {
		do(d.EventID)
	}
}

func TestRelaysNeverHandleOneDeliveryAtTheSameTime(t *testing.T) {
	const events, relays = 600, 4
	db := open(t)
	h := &hands{holding: map[string]int{}, handled: map[string]int{}}
	var all sync.WaitGroup
	failures := make(chan error, relays)
	announce(t, db.Module("kitchen"), kitchen("waiters"), menu(events)...)

	for range relays {
		pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: db.DSN(), MaxOpen: 2})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, pool.Close()) })
		config := quick(pool, map[string]outbox.Listener{"waiters": h.listen})
		config.Batch = 7
		all.Go(func() { failures <- drain(t, outbox.NewRelay(config)) })
	}
	all.Wait()

	for range relays {
		require.NoError(t, <-failures)
	}
	assert.Empty(t, h.twice, "held by two at once")
	require.Len(t, h.handled, events)
	for id, n := range h.handled {
		assert.Equal(t, 1, n, id)
	}
}

// stuck is a relay whose listener ignores the end of its lease and returns what it is told to.
type stuck struct {
	holding chan string
	answer  chan error
	stop    func()
}

func getStuck(t *testing.T, db *sqldb.DB, lease time.Duration) stuck {
	t.Helper()
	s := stuck{holding: make(chan string, 1), answer: make(chan error, 1)}
	config := quick(db, map[string]outbox.Listener{"waiters": func(_ context.Context, batch []outbox.Delivery) error {
		s.holding <- batch[0].AggregateID
		return <-s.answer
	}})
	config.Lease, config.Longest = lease, lease
	s.stop = run(t, outbox.NewRelay(config))
	return s
}

func TestADeliveryIsTakenOverWhenItsLeaseEndsAndNotBefore(t *testing.T) {
	const lease = 500 * time.Millisecond
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	first := getStuck(t, db.Admin(), lease)
	receive(t, first.holding)
	taken := time.Now()
	var box inbox

	require.NoError(t, drain(t, outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))))

	assert.Greater(t, time.Since(taken), lease*8/10)
	require.Len(t, box.all(), 1)
	assert.Equal(t, 2, box.all()[0].Attempt)
	first.answer <- nil
	first.stop()
}

func TestWhoLostTheLeaseChangesNothingAnyMore(t *testing.T) {
	for name, late := range map[string]error{"a late success": nil, "a late failure": errBurnt} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
			first := getStuck(t, db.Admin(), 100*time.Millisecond)
			receive(t, first.holding)
			second := getStuck(t, db.Admin(), patience)
			receive(t, second.holding)

			first.answer <- late
			announce(t, db.Module("kitchen"), kitchen("waiters"), "fish")
			require.Equal(t, "fish", receive(t, first.holding), "it is done with the soup when it takes the next one")

			assert.Equal(t, 1, count(t, db, `
				SELECT count(*) FROM kitchen.outbox_deliveries
				WHERE attempt = 2 AND last_error IS NULL AND run_at > now() + interval '5 s'`))
			for _, relay := range []stuck{first, second} {
				relay.answer <- nil
				relay.stop()
			}
			assert.Zero(t, deliveries(t, db))
		})
	}
}

func TestAListenerIsToldWhenItsLeaseEnds(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	var attempts int
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, _ []outbox.Delivery) error {
		if attempts++; attempts == 1 {
			<-ctx.Done()
		}
		return ctx.Err()
	}})
	config.Lease, config.Longest = 100*time.Millisecond, 100*time.Millisecond

	require.NoError(t, drain(t, outbox.NewRelay(config)))

	assert.Equal(t, 2, attempts)
}

func TestWhatTheLeaseLeftNoTimeForIsNotAnAttempt(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "bad", "soup")
	_, err := db.Admin().Exec(t.Context(), `UPDATE kitchen.outbox_deliveries SET attempt = 2`)
	require.NoError(t, err)
	var box inbox
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, batch []outbox.Delivery) error {
		if batch[0].AggregateID == "bad" && batch[0].Attempt == 3 {
			<-ctx.Done()
		}
		return errors.Join(ctx.Err(), box.listen(ctx, batch))
	}})
	config.Lease, config.Longest = 100*time.Millisecond, 100*time.Millisecond

	require.NoError(t, drain(t, outbox.NewRelay(config)))

	attempts := map[string][]int{}
	for _, d := range box.all() {
		attempts[d.AggregateID] = append(attempts[d.AggregateID], d.Attempt)
	}
	assert.Equal(t, map[string][]int{"bad": {3, 4}, "soup": {3}}, attempts)
}

func TestAShutdownGivesBackWhatIsInHand(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	holding := make(chan struct{})
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, _ []outbox.Delivery) error {
		close(holding)
		<-ctx.Done()
		return ctx.Err()
	}})
	stop := run(t, outbox.NewRelay(config))
	receive(t, holding)

	stop()

	assert.Equal(t, 1, count(t, db, `
		SELECT count(*) FROM kitchen.outbox_deliveries WHERE attempt = 0 AND run_at <= now() AND last_error IS NULL`))
}

func TestAShutdownKeepsWhatWasHandled(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	holding := make(chan struct{})
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": func(ctx context.Context, _ []outbox.Delivery) error {
		close(holding)
		<-ctx.Done()
		return nil
	}})
	stop := run(t, outbox.NewRelay(config))
	receive(t, holding)

	stop()

	assert.Zero(t, deliveries(t, db))
}
