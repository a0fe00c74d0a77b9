package outbox_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

func menu(n int) []string {
	dishes := make([]string, n)
	for i := range dishes {
		dishes[i] = fmt.Sprintf("dish %03d", i)
	}
	return dishes
}

func TestEverySubscriberGetsEveryEventInBatches(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters", "bills"), menu(25)...)
	var waiters, bills inbox
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": waiters.listen, "bills": bills.listen})
	config.Batch = 10

	require.NoError(t, drain(t, outbox.NewRelay(config)))

	assert.Equal(t, menu(25), waiters.dishes())
	assert.Equal(t, menu(25), bills.dishes())
	assert.Len(t, waiters.batches, 3)
	assert.Zero(t, deliveries(t, db))
}

func TestOneRelayServesAllSchemas(t *testing.T) {
	db := open(t)
	var box inbox
	bar := outbox.New("bar", servedTo("waiters"), ids.New)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	announce(t, db.Module("bar"), bar, "wine")
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.Schemas = []string{"kitchen", "bar"}

	require.NoError(t, drain(t, outbox.NewRelay(config)))

	assert.ElementsMatch(t, []string{"soup", "wine"}, box.dishes())
}

func TestDeliveriesToUnknownSubscribersAreLeftAlone(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters", "newer version"), "soup")
	var box inbox

	require.NoError(t, drain(t, outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))))

	assert.Equal(t, 1, count(t, db, `
		SELECT count(*) FROM kitchen.outbox_deliveries WHERE subscriber = 'newer version' AND attempt = 0`))
}

func TestARelayWithoutSubscribersOrSchemasHasNothingToDo(t *testing.T) {
	relay := outbox.NewRelay(outbox.Config{DB: open(t).Admin(), Poll: time.Millisecond})

	assert.NoError(t, drain(t, relay))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	assert.NoError(t, relay.Run(ctx))
}

func TestAnEventOfALongTransactionIsNotLost(t *testing.T) {
	db := open(t)
	var box inbox
	relay := outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen}))
	announced, commit, committed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		committed <- db.Module("kitchen").InTx(t.Context(), func(tx *sqldb.Tx) error {
			err := kitchen("waiters").Append(t.Context(), tx, served("slow roast"))
			close(announced)
			<-commit
			return err
		})
	}()
	receive(t, announced)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup", "fish")

	require.NoError(t, drain(t, relay))
	assert.Equal(t, []string{"soup", "fish"}, box.dishes(), "nobody waits for the long transaction")

	close(commit)
	require.NoError(t, receive(t, committed))
	require.NoError(t, drain(t, relay))
	assert.Equal(t, []string{"soup", "fish", "slow roast"}, box.dishes())
}

func TestASlowSubscriberDelaysNobodyElse(t *testing.T) {
	db := open(t)
	blocked, arrived := make(chan struct{}), make(chan string, 100)
	release := sync.OnceFunc(func() { close(blocked) })
	defer release()
	slow := func(context.Context, []outbox.Delivery) error { <-blocked; return nil }
	quickly := func(_ context.Context, batch []outbox.Delivery) error {
		for _, d := range batch {
			arrived <- d.AggregateID
		}
		return nil
	}
	config := quick(db.Admin(), map[string]outbox.Listener{"slow": slow, "quick": quickly})
	stop := run(t, outbox.NewRelay(config))

	for _, dish := range menu(5) {
		announce(t, db.Module("kitchen"), kitchen("slow", "quick"), dish)
		assert.Equal(t, dish, receive(t, arrived))
	}

	assert.NotZero(t, count(t, db, `SELECT count(*) FROM kitchen.outbox_deliveries WHERE subscriber = 'slow'`))
	release()
	stop()
}

func TestWakeDeliversWithoutWaitingForThePoll(t *testing.T) {
	db := open(t)
	arrived := make(chan struct{}, 10)
	listen := func(context.Context, []outbox.Delivery) error { arrived <- struct{}{}; return nil }
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": listen})
	config.Poll = time.Hour
	relay := outbox.NewRelay(config)
	run(t, relay)

	for _, dish := range menu(3) {
		announce(t, db.Module("kitchen"), kitchen("waiters"), dish)
		relay.Wake()
		receive(t, arrived)
	}
}

func TestEventsThatComeTogetherAreGathered(t *testing.T) {
	db := open(t)
	var box inbox
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.Gather, config.Poll = 2*time.Second, time.Hour
	relay := outbox.NewRelay(config)
	run(t, relay)

	for _, dish := range menu(50) {
		announce(t, db.Module("kitchen"), kitchen("waiters"), dish)
		relay.Wake()
	}

	require.Eventually(t, func() bool { return len(box.all()) == 50 }, patience, 10*time.Millisecond)
	assert.LessOrEqual(t, len(box.batches), 3)
}

func TestWhatOthersCommitIsFoundByPolling(t *testing.T) {
	db := open(t)
	arrived := make(chan struct{}, 1)
	listen := func(context.Context, []outbox.Delivery) error { arrived <- struct{}{}; return nil }
	run(t, outbox.NewRelay(quick(db.Admin(), map[string]outbox.Listener{"waiters": listen})))

	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")

	receive(t, arrived)
}

func TestDrainEndsWithItsContext(t *testing.T) {
	db := open(t)
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	var box inbox
	box.answer = func([]outbox.Delivery) error { return errBurnt }
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	config.Backoff, config.Poll, config.Gather = time.Hour, time.Hour, time.Hour
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()

	err := outbox.NewRelay(config).Drain(ctx)

	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.ErrorContains(t, err, "1 deliveries left")
}

func TestDrainDeliversWhatListenersAnnounce(t *testing.T) {
	db := open(t)
	var box inbox
	config := quick(db.Admin(), map[string]outbox.Listener{
		"waiters": func(ctx context.Context, batch []outbox.Delivery) error {
			return kitchen("bills").Append(ctx, db.Module("kitchen"), served("bill of "+batch[0].AggregateID))
		},
		"bills": box.listen,
	})
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")

	require.NoError(t, drain(t, outbox.NewRelay(config)))

	assert.Equal(t, []string{"bill of soup"}, box.dishes())
}

func TestARelayLeavesNoGoroutineBehind(t *testing.T) {
	db := open(t)
	var box inbox
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": box.listen})
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	before := goleak.IgnoreCurrent()

	stop := run(t, outbox.NewRelay(config))
	require.Eventually(t, func() bool { return len(box.all()) == 1 }, patience, time.Millisecond)
	stop()

	goleak.VerifyNone(t, before)
}

func TestARelaySurvivesALossOfItsTablesAndSaysSoOnce(t *testing.T) {
	db := open(t)
	arrived := make(chan struct{}, 1)
	listen := func(context.Context, []outbox.Delivery) error { arrived <- struct{}{}; return nil }
	log := &lockedBuffer{}
	config := quick(db.Admin(), map[string]outbox.Listener{"waiters": listen})
	config.Log = slog.New(slog.NewTextHandler(log, nil))
	announce(t, db.Module("kitchen"), kitchen("waiters"), "soup")
	rename(t, db, "outbox_deliveries", "elsewhere")
	run(t, outbox.NewRelay(config))
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "cannot look") }, patience, time.Millisecond)

	rename(t, db, "elsewhere", "outbox_deliveries")

	receive(t, arrived)
	assert.Equal(t, 1, strings.Count(log.String(), "cannot look"))
}

func rename(t *testing.T, db *testdb.Database, from, to string) {
	t.Helper()
	_, err := db.Admin().Exec(t.Context(), fmt.Sprintf(`ALTER TABLE kitchen.%s RENAME TO %s`, from, to))
	require.NoError(t, err)
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
