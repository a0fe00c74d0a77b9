package broker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/broker/brokertest"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	waiters = "kitchen.serve"
	soon    = 10 * time.Second
	often   = 5 * time.Millisecond
)

// quick is a configuration that does not keep tests waiting.
func quick(b *brokertest.Server) broker.Config {
	return broker.Config{URL: b.URL, Name: "test", Lease: 300 * time.Millisecond,
		Backoff: 10 * time.Millisecond, MaxBackoff: 20 * time.Millisecond, Retry: 50 * time.Millisecond, Pull: 500 * time.Millisecond}
}

func open(t *testing.T, cfg broker.Config) *broker.Broker {
	t.Helper()
	b := broker.New(cfg)
	t.Cleanup(b.Close)
	return b
}

// run hands messages over until the answered function is called, or the test ends.
func run(t *testing.T, b *broker.Broker, listen outbox.Listener) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = b.Run(ctx, map[string]outbox.Listener{waiters: listen}) })
	stop = func() {
		cancel()
		running.Wait()
	}
	t.Cleanup(stop)
	return stop
}

func dish(name string) outbox.Delivery {
	payload, _ := json.Marshal(map[string]string{"dish": name})
	return outbox.Delivery{EventID: uuid.Must(uuid.NewV7()).String(), Name: "kitchen.dish_cooked.v1", AggregateType: "dish", AggregateID: name, Seq: 7,
		OccurredAt: time.Date(2026, 2, 3, 4, 5, 6, 7000, time.UTC), Payload: payload, Attempt: 1}
}

func menu(n int) []outbox.Delivery {
	dishes := make([]outbox.Delivery, n)
	for i := range dishes {
		dishes[i] = dish(fmt.Sprintf("dish %03d", i))
	}
	return dishes
}

func names(dishes []outbox.Delivery) []string {
	var all []string
	for _, d := range dishes {
		all = append(all, d.AggregateID)
	}
	return all
}

// inbox is a listener that remembers.
type inbox struct {
	mu      sync.Mutex
	batches [][]outbox.Delivery
	// fail answers what is wrong with a batch.
	fail func(batch []outbox.Delivery) error
}

func (i *inbox) listen(_ context.Context, batch []outbox.Delivery) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.batches = append(i.batches, batch)
	if i.fail != nil {
		return i.fail(batch)
	}
	return nil
}

func (i *inbox) seen() []outbox.Delivery {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Concat(i.batches...)
}

func (i *inbox) waitFor(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool { return len(i.seen()) >= n }, soon, often, "%d came", len(i.seen()))
}

// operator is somebody who looks after the broker.
func operator(t *testing.T, b *brokertest.Server) jetstream.JetStream {
	t.Helper()
	conn, err := nats.Connect(b.URL)
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	return js
}

// stored is how many messages a stream holds.
func stored(t *testing.T, js jetstream.JetStream, stream string) uint64 {
	t.Helper()
	found, err := js.Stream(t.Context(), stream)
	require.NoError(t, err)
	return found.CachedInfo().State.Msgs
}

func emptied(t *testing.T, b *brokertest.Server) {
	t.Helper()
	js := operator(t, b)
	require.Eventually(t, func() bool { return stored(t, js, broker.Stream) == 0 }, soon, often, "nothing is left on its way")
}
