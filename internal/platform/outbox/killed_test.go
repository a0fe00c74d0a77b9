package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// mortal are processes that deliver until they are killed, and are started again.
type mortal struct {
	t    *testing.T
	db   *testdb.Database
	mu   sync.Mutex
	dice *rand.Rand
	// handled counts by dish.
	handled map[string]int
}

func (m *mortal) roll(n int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dice.IntN(n)
}

// live runs one process until it dies. Dying takes its database away with it, so it can neither acknowledge what it has
// handled nor give back what it has not.
func (m *mortal) live(ctx context.Context) {
	pool, err := sqldb.Open(ctx, sqldb.Config{DSN: m.db.DSN(), MaxOpen: 2})
	if err != nil {
		return // The test is over.
	}
	life, die := context.WithCancel(ctx)
	defer die()
	kill := func() { die(); _ = pool.Close() }
	handled := 0
	listen := func(ctx context.Context, batch []outbox.Delivery) error {
		if m.roll(3) == 0 {
			kill()
			return ctx.Err()
		}
		m.note(batch)
		if handled += len(batch); m.roll(3) == 0 {
			kill() // after the work and before it could be acknowledged
		}
		return nil
	}
	config := quick(pool, map[string]outbox.Listener{"waiters": listen})
	config.Batch, config.Lease, config.MaxAttempts = 1+m.roll(20), 50*time.Millisecond, 10_000
	_ = outbox.NewRelay(config).Run(life)
	kill()
}

// note holds what is handled against what was announced.
func (m *mortal) note(batch []outbox.Delivery) {
	const committed = `SELECT count(*) FROM kitchen.outbox_events WHERE id = $1`
	for _, d := range batch {
		var n int
		if err := m.db.Admin().Get(context.WithoutCancel(m.t.Context()), &n, committed, d.EventID); err != nil || n != 1 {
			m.t.Errorf("%s was handled and is not in the log: %v", d.EventID, err)
		}
		m.mu.Lock()
		m.handled[d.AggregateID]++
		m.mu.Unlock()
	}
}

// TestF23RelaysKilledInTheMiddleOfABatchLoseAndInventNothing announces while several relays are killed again and again.
func TestF23RelaysKilledInTheMiddleOfABatchLoseAndInventNothing(t *testing.T) {
	const events, relays = 300, 3
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	m := &mortal{t: t, db: open(t), dice: rand.New(rand.NewPCG(seed, 0)), handled: map[string]int{}}
	acknowledgements(t, m.db)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var lives sync.WaitGroup
	deaths := make([]int, relays)
	for i := range relays {
		lives.Go(func() {
			for ; ctx.Err() == nil; deaths[i]++ {
				m.live(ctx)
			}
		})
	}

	for _, dish := range menu(events) {
		m.announceOrNot(dish)
	}
	require.Eventually(t, func() bool { return deliveries(t, m.db) == 0 }, 3*patience, 20*time.Millisecond)
	stop()
	lives.Wait()

	announced := count(t, m.db, `SELECT count(*) FROM kitchen.outbox_events`)
	assert.Len(t, m.handled, announced, "each was handled, and nothing else")
	assert.Equal(t, announced, count(t, m.db, `SELECT count(*) FROM kitchen.acknowledged`))
	assert.Equal(t, announced, count(t, m.db, `SELECT count(DISTINCT event_id) FROM kitchen.acknowledged`), "once")
	t.Logf("%d events, deaths %v", announced, deaths)
}

// announceOrNot announces in a transaction that takes its time, and gives every fifth of them up.
func (m *mortal) announceOrNot(dish string) {
	m.t.Helper()
	errGivenUp := errors.New("given up")
	err := m.db.Module("kitchen").InTx(m.t.Context(), func(tx *sqldb.Tx) error {
		err := kitchen("waiters").Append(m.t.Context(), tx, served(dish))
		if err == nil && m.roll(5) == 0 {
			return errGivenUp
		}
		return err
	})
	if !errors.Is(err, errGivenUp) {
		require.NoError(m.t, err)
	}
}

// acknowledgements keeps what is deleted from the deliveries.
func acknowledgements(t *testing.T, db *testdb.Database) {
	t.Helper()
	_, err := db.Admin().Exec(t.Context(), `
		CREATE TABLE kitchen.acknowledged (event_id uuid);
		CREATE FUNCTION kitchen.note() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN INSERT INTO kitchen.acknowledged VALUES (OLD.event_id); RETURN OLD; END $$;
		CREATE TRIGGER note AFTER DELETE ON kitchen.outbox_deliveries FOR EACH ROW EXECUTE FUNCTION kitchen.note();`)
	require.NoError(t, err)
}

func TestNobodyIsToldOfWhatIsNotCommitted(t *testing.T) {
	db := open(t)
	var box inbox
	relay := outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))
	errGivenUp := errors.New("given up")

	err := db.Module("kitchen").InTx(t.Context(), func(tx *sqldb.Tx) error {
		if err := kitchen("waiters").Append(t.Context(), tx, served("soup")); err != nil {
			return err
		}
		require.NoError(t, drain(t, relay))
		assert.Empty(t, box.all(), "while it is not certain")
		return errGivenUp
	})

	require.ErrorIs(t, err, errGivenUp)
	require.NoError(t, drain(t, relay))
	assert.Empty(t, box.all())
	assert.Zero(t, count(t, db, `SELECT count(*) FROM kitchen.outbox_events`))
}

// TestF24ATransactionThatStaysOpenHoldsNobodyUp has the event of a long transaction between the committed ones of others,
// by id and by time, whose deliveries are claimed again and again before it commits.
func TestF24ATransactionThatStaysOpenHoldsNobodyUp(t *testing.T) {
	const others = 250
	db := open(t)
	var box inbox
	relay := outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))
	names := menu(others)
	announce(t, db.Module("kitchen"), kitchen("waiters"), names[:100]...)

	err := db.Module("kitchen").InTx(t.Context(), func(tx *sqldb.Tx) error {
		if err := kitchen("waiters").Append(t.Context(), tx, served("slow roast")); err != nil {
			return err
		}
		announce(t, db.Admin(), kitchen("waiters"), names[100:]...)
		require.NoError(t, drain(t, relay))
		assert.ElementsMatch(t, names, box.dishes())
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, drain(t, relay))

	assert.ElementsMatch(t, append(names, "slow roast"), box.dishes())
}

func TestOfManySubscribersEachHandlesEachEventOnce(t *testing.T) {
	const subscribers, events = 5, 60
	db := open(t)
	names, listeners, boxes := []string{}, map[string]outbox.Listener{}, make([]inbox, subscribers)
	for i := range boxes {
		name := fmt.Sprintf("subscriber %d", i)
		names, listeners[name] = append(names, name), boxes[i].listen
	}
	announced := outbox.New("kitchen", servedTo(names...), ids.New)
	announce(t, db.Module("kitchen"), announced, menu(events)...)

	require.NoError(t, drain(t, outbox.NewRelay(quick(db.Admin(), listeners))))

	for i := range boxes {
		assert.Equal(t, menu(events), boxes[i].dishes())
	}
}
