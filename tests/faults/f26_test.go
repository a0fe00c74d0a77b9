//go:build faults

package faults

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// balancer sends shoppers to the servers that say that they are ready, as one that asks every 50 ms does. It never repeats
// a request.
type balancer struct {
	stage
	ready []atomic.Bool
	next  atomic.Int64
	over  chan struct{}
	going sync.WaitGroup

	mu    sync.Mutex
	acked []string // references of checkouts that were answered 201
	wrong []string // everything that no shopper should see
	sent  int
}

// shoppers is how many come ten times a second: 100 requests a second together.
const shoppers = 10

func (s stage) balance() *balancer {
	b := &balancer{stage: s, ready: make([]atomic.Bool, len(s.Replicas)), over: make(chan struct{})}
	for i, r := range s.Replicas {
		b.ready[i].Store(r.Ready())
		b.every(50*time.Millisecond, func() { b.ready[i].Store(r.Ready()) })
	}
	for range shoppers {
		b.every(time.Second/10, b.serve)
	}
	return b
}

func (b *balancer) every(pause time.Duration, do func()) {
	b.going.Go(func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-b.over:
				return
			case <-tick.C:
				do()
			}
		}
	})
}

// pick is the next server that is ready.
func (b *balancer) pick() int {
	for {
		i := int(b.next.Add(1)) % len(b.ready)
		if b.ready[i].Load() {
			return i
		}
	}
}

// serve sends one request: every third is an order.
func (b *balancer) serve() {
	i, wanted := b.pick(), http.StatusOK
	method, path, body, headers := http.MethodGet, "/store/v1/products?limit=3", any(nil), []shop.Header(nil)
	if b.next.Load()%3 == 0 {
		w := b.atOnce()
		method, path, body, headers, wanted = http.MethodPost, checkouts, w.body, []shop.Header{shop.Once(w.key)}, http.StatusCreated
	}
	answer, err := b.At(i).Try(method, path, body, headers...)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent++
	if err != nil || answer.Status != wanted {
		b.wrong = append(b.wrong, fmt.Sprintf("server %d: %s %s: %d %s %v", i, method, path, answer.Status, answer.Raw, err))
	}
	if answer.Status == http.StatusCreated {
		b.acked = append(b.acked, answer.Body.Text("id"))
	}
}

// enough waits until so many more requests were answered.
func (b *balancer) enough(more int) {
	b.t.Helper()
	count := func() int {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.sent
	}
	before := count()
	require.Eventually(b.t, func() bool { return count() >= before+more }, within, often, "the shoppers are not served")
}

func (b *balancer) end() {
	close(b.over)
	b.going.Wait()
}

func TestF26AServerEndsUnderLoad(t *testing.T) {
	s := open(t, shop.Setup{Replicas: 2, Settings: []string{"RIALTO_DRAIN_DELAY=1s"}})
	for range 2 {
		t.Run("F26 a server ends under load", func(t *testing.T) { endsUnderLoad(s.in(t)) })
		s.Replicas[0], s.Replicas[1] = s.Replicas[1], s.Replicas[0]
	}
}

// endsUnderLoad ends the first server while it serves a shopper who has to wait.
func endsUnderLoad(s stage) {
	const limit = 20 * time.Second
	b, first := s.balance(), s.Replicas[0]
	b.enough(100)
	waiting := s.sleeps("payments.answered", s.atOnce())
	began := time.Now()

	first.Terminate()
	require.Eventually(s.t, func() bool { return !first.Ready() && first.Live() }, within, time.Millisecond, "it says so before it stops to answer")
	b.enough(30)
	require.True(s.t, first.Running(), "it waits for whom it serves")
	first.Release("payments.answered")
	answer := <-waiting.answer
	first.AwaitEnd()
	took := time.Since(began)
	b.enough(100)
	b.end()

	require.EqualValues(s.t, 0, s.Int(`SELECT count(*) FROM checkout.attempts WHERE lease_until > now() AND status NOT IN ('completed', 'canceled', 'review')`))
	require.Eventually(s.t, func() bool { return s.Int(claimed) == 0 }, 5*time.Second, often, "it left deliveries that it had taken")
	require.Less(s.t, took, limit)
	require.Equal(s.t, http.StatusCreated, answer.Status, "%s", answer.Raw)
	require.Empty(s.t, b.wrong)
	require.EqualValues(s.t, len(b.acked), s.Int(`SELECT count(*) FROM orders.orders WHERE reference = ANY($1)`, b.acked), "what was answered is there")
	s.t.Logf("%d requests, %d orders, ended after %s", b.sent, len(b.acked), took)
	first.Start()
	s.Settle()
}

// claimed counts deliveries that somebody has taken, or is to try again.
const claimed = `SELECT (SELECT count(*) FROM orders.outbox_deliveries WHERE attempt > 0) + (SELECT count(*) FROM payments.outbox_deliveries WHERE attempt > 0)
	+ (SELECT count(*) FROM inventory.outbox_deliveries WHERE attempt > 0)`
