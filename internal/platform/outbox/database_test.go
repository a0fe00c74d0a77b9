package outbox_test

import (
	"context"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// dishServed is announced by two schemas, the kitchen and the bar.
type dishServed struct {
	Dish  string `json:"dish"`
	Table int64  `json:"table"`
}

func (dishServed) EventName() string { return "kitchen.dish_served.v1" }

type dishDropped struct {
	Dish string `json:"dish"`
}

func (dishDropped) EventName() string { return "kitchen.dish_dropped.v1" }

// open returns a database with the schemas kitchen and bar, each with its outbox, and the table
// kitchen.dishes.
func open(t *testing.T) *testdb.Database {
	t.Helper()
	dishes := "CREATE TABLE kitchen.dishes (name text PRIMARY KEY);\n"
	return testdb.New(t, testdb.WithMigrations([]schema.Module{
		{Name: "kitchen", FS: fstest.MapFS{"000001_init.up.sql": {Data: []byte(dishes + outbox.MigrationSQL("kitchen"))}}},
		{Name: "bar", FS: fstest.MapFS{"000001_init.up.sql": {Data: []byte(outbox.MigrationSQL("bar"))}}},
	}))
}

// servedTo has these subscribers for served dishes.
func servedTo(names ...string) map[string][]outbox.Subscriber {
	var subscribers []outbox.Subscriber
	for _, name := range names {
		subscribers = append(subscribers, outbox.Subscriber{Name: name})
	}
	return map[string][]outbox.Subscriber{dishServed{}.EventName(): subscribers}
}

// kitchen announces served dishes to these subscribers.
func kitchen(subscribers ...string) *outbox.Outbox {
	return outbox.New("kitchen", servedTo(subscribers...), ids.New)
}

func served(dish string) outbox.Record {
	return outbox.Record{AggregateType: "dish", AggregateID: dish, Seq: 1, Event: dishServed{Dish: dish, Table: 7}}
}

func announce(t *testing.T, db sqldb.Queryer, o *outbox.Outbox, dishes ...string) {
	t.Helper()
	records := make([]outbox.Record, len(dishes))
	for i, dish := range dishes {
		records[i] = served(dish)
	}
	require.NoError(t, o.Append(t.Context(), db, records...))
}

// quick is a configuration whose waits suit a test.
func quick(db *sqldb.DB, subscribers map[string]outbox.Listener) outbox.Config {
	return outbox.Config{
		DB: db, Schemas: []string{"kitchen"}, Subscribers: subscribers,
		Poll: 20 * time.Millisecond, Gather: time.Millisecond, Backoff: time.Millisecond, Lease: patience,
	}
}

func drain(t *testing.T, relay *outbox.Relay) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return relay.Drain(ctx)
}

// run runs a relay until the returned function is called, at the latest until the test ends.
func run(t *testing.T, relay *outbox.Relay) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { _ = relay.Run(ctx) })
	stop = func() { cancel(); done.Wait() }
	t.Cleanup(stop)
	return stop
}

func count(t *testing.T, db *testdb.Database, query string, args ...any) int {
	t.Helper()
	var n int
	require.NoError(t, db.Admin().Get(context.WithoutCancel(t.Context()), &n, query, args...))
	return n
}

func deliveries(t *testing.T, db *testdb.Database) int {
	t.Helper()
	return count(t, db, `SELECT count(*) FROM kitchen.outbox_deliveries`)
}

// inbox is a listener that remembers what it was given.
type inbox struct {
	mu      sync.Mutex
	batches [][]outbox.Delivery
	answer  func(batch []outbox.Delivery) error
}

func (i *inbox) listen(_ context.Context, batch []outbox.Delivery) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.batches = append(i.batches, batch)
	if i.answer == nil {
		return nil
	}
	return i.answer(batch)
}

func (i *inbox) all() []outbox.Delivery {
	i.mu.Lock()
	defer i.mu.Unlock()
	var all []outbox.Delivery
	for _, batch := range i.batches {
		all = append(all, batch...)
	}
	return all
}

func (i *inbox) dishes() []string {
	var names []string
	for _, d := range i.all() {
		names = append(names, d.AggregateID)
	}
	return names
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing came")
		panic("unreachable")
	}
}
