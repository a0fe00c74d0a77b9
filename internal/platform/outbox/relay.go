package outbox

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

// Config says what a relay delivers, and how. DB, Schemas and Subscribers are required; the zero value of
// everything else is its default.
type Config struct {
	// DB is the database of all Schemas. Two connections are enough: none is held while a listener runs.
	DB *sqldb.DB
	// Schemas are those with outbox tables.
	Schemas []string
	// Subscribers maps names to listeners. Deliveries to other names are left alone, for a process of a
	// newer or older version.
	Subscribers map[string]Listener

	Poll   time.Duration // longest time until a new delivery is seen without Wake; 250 ms
	Gather time.Duration // shortest time between two looks, in which events form a batch; 100 ms
	Batch  int           // most deliveries handed over at once; 100
	// Lease is how long a batch stays with a process that has died; 30 s. It is renewed while a listener runs.
	Lease time.Duration
	// Longest is the time that listeners have for a batch, after which their context ends; 10 min.
	Longest time.Duration
	// Away says of a listener's error that whoever acts has not even heard of the batch. Then nothing counts as an attempt,
	// and the queue waits; nil is never.
	Away        func(error) bool
	AwayWait    time.Duration // how long the queue waits then; 2 s
	MaxAttempts int           // attempts before a delivery is dead; 25
	Backoff     time.Duration // wait after the first attempt, doubled after each further one; 1 s
	// MaxBackoff bounds the wait; 15 min. Up to half of every wait is random.
	MaxBackoff time.Duration
	// Random returns numbers in [0, 1).
	Random func() float64
	Log    *slog.Logger    // discarded when nil
	Tracer *tracing.Tracer // may be nil
}

// Relay delivers the events of one database to the listeners of this process. Any number of relays, in
// any number of processes, share the work.
type Relay struct {
	cfg    Config
	wake   chan struct{}
	queues map[queueName]*queue
}

// NewRelay returns a relay; Run starts it. It panics on a schema that is not a plain identifier.
func NewRelay(c Config) *Relay {
	r := &Relay{cfg: withDefaults(c), wake: make(chan struct{}, 1), queues: map[queueName]*queue{}}
	for _, schema := range c.Schemas {
		for subscriber, listener := range c.Subscribers {
			name := queueName{Schema: checked(schema), Subscriber: subscriber}
			r.queues[name] = &queue{queueName: name, listen: listener, due: make(chan struct{}, 1)}
		}
	}
	return r
}

// Wake makes a running relay look now instead of at the next poll. Call it after the commit of a
// transaction that appended. It never blocks.
func (r *Relay) Wake() {
	signal(r.wake)
}

// Run delivers until ctx ends, and returns once the listeners have returned; what they did not finish is
// due again at once. A database that cannot be reached is logged and asked again. Run returns nil.
func (r *Relay) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for _, q := range r.queues {
		workers.Go(func() { r.serve(ctx, q) })
	}
	r.look(ctx)
	workers.Wait()
	return nil
}

// look wakes the queues that have something due.
func (r *Relay) look(ctx context.Context) {
	var lastFailed bool
	for ctx.Err() == nil {
		due, err := r.dueQueues(ctx)
		if err != nil && !lastFailed && ctx.Err() == nil {
			r.cfg.Log.WarnContext(ctx, "outbox relay cannot look for deliveries", "error", err)
		}
		lastFailed = err != nil
		for _, name := range due {
			signal(r.queues[name].due)
		}
		pause(ctx, r.cfg.Gather, nil)
		pause(ctx, r.cfg.Poll-r.cfg.Gather, r.wake)
	}
}

func (r *Relay) dueQueues(ctx context.Context) ([]queueName, error) {
	const query = `
		SELECT '{schema}' AS schema, s.name AS subscriber
		FROM unnest($1::text[]) AS s(name)
		WHERE EXISTS (
			SELECT FROM {schema}.outbox_deliveries d
			WHERE d.subscriber = s.name AND d.dead_at IS NULL AND d.run_at <= now()
		)`
	var due []queueName
	if len(r.queues) == 0 {
		return nil, nil
	}
	if err := r.cfg.DB.Select(ctx, &due, forEach(r.cfg.Schemas, query), r.subscribers()); err != nil {
		return nil, fmt.Errorf("look for due deliveries: %w", err)
	}
	return due, nil
}

func (r *Relay) subscribers() []string {
	return slices.Sorted(maps.Keys(r.cfg.Subscribers))
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pause ends after d, at a signal, or with ctx.
func pause(ctx context.Context, d time.Duration, early <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-early:
	case <-ctx.Done():
	}
}

func withDefaults(c Config) Config {
	c.Poll = cmp.Or(c.Poll, 250*time.Millisecond)
	c.Gather = min(cmp.Or(c.Gather, 100*time.Millisecond), c.Poll)
	c.Batch = cmp.Or(c.Batch, 100)
	c.Lease = cmp.Or(c.Lease, 30*time.Second)
	c.Longest = cmp.Or(c.Longest, 10*time.Minute)
	c.AwayWait = cmp.Or(c.AwayWait, 2*time.Second)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, 25)
	c.Backoff = cmp.Or(c.Backoff, time.Second)
	c.MaxBackoff = cmp.Or(c.MaxBackoff, 15*time.Minute)
	if c.Away == nil {
		c.Away = func(error) bool { return false }
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
