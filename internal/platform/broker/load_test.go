package broker_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/broker/brokertest"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
)

// stops is how often the broker ends under load.
const stops = 10

// TestABrokerThatStopsUnderLoadLosesNothing stops and starts it while two processes publish and two others handle.
func TestABrokerThatStopsUnderLoadLosesNothing(t *testing.T) {
	server := brokertest.Start(t)
	cfg := quick(server)
	cfg.Retry = 20 * time.Millisecond
	var box inbox
	for range 2 {
		run(t, open(t, cfg), box.listen)
	}
	open, shut := context.WithCancel(t.Context())
	var publishing sync.WaitGroup
	var mu sync.Mutex
	published := map[string]bool{}
	for p := range 2 {
		publisher := broker.New(cfg)
		t.Cleanup(publisher.Close)
		publishing.Go(func() {
			publish := publisher.Publisher(waiters)
			for i := 0; open.Err() == nil; i++ {
				batch := []outbox.Delivery{dish(fmt.Sprintf("%d/%d a", p, i)), dish(fmt.Sprintf("%d/%d b", p, i))}
				for publish(t.Context(), batch) != nil {
					time.Sleep(often)
				}
				mu.Lock()
				for _, name := range names(batch) {
					published[name] = true
				}
				mu.Unlock()
			}
		})
	}
	reached := func(n int) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(published) >= n
		}
	}
	for range stops {
		mu.Lock()
		goal := len(published) + 20
		mu.Unlock()
		require.Eventually(t, reached(goal), soon, often)
		server.Stop()
		server.Again()
	}
	shut()
	publishing.Wait()

	require.Eventually(t, func() bool {
		seen := distinct(box.seen())
		return len(seen) == len(published)
	}, soon, often)
	emptied(t, server)
	t.Logf("%d events, handled %d times", len(published), len(box.seen()))
}
