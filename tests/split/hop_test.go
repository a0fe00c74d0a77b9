package split

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventoryclient"
	"github.com/rialto-commerce/rialto/internal/platform/remote"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// hops is how often the module is called, by how many at the same time.
	hops, callers = 8000, 4
	// dearest is the CPU time that a call of another process may cost, on both sides together.
	dearest = 400 * time.Microsecond
	// tick is the unit in which the kernel counts the CPU time of a process.
	tick = 10 * time.Millisecond
)

// worked is the CPU time that this process and another one have taken.
func worked(t *testing.T, pid int) time.Duration {
	t.Helper()
	var own syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &own))
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(t, err)
	_, afterName, _ := strings.Cut(string(text), ") ")
	const user, system = 11, 12
	fields := strings.Fields(afterName)
	total := time.Duration(own.Utime.Nano() + own.Stime.Nano())
	for _, field := range []string{fields[user], fields[system]} {
		ticks, err := strconv.Atoi(field)
		require.NoError(t, err)
		total += time.Duration(ticks) * tick
	}
	return total
}

// answered is how many calls of the verb a process has answered.
func answered(t *testing.T, process *shop.Replica) int {
	t.Helper()
	const counter = `rialto_http_requests_total{method="POST",route="/internal/v1/inventory/Availability",status="2xx"} `
	_, number, found := strings.Cut(process.Metrics(t), counter)
	require.True(t, found)
	number, _, _ = strings.Cut(number, "\n")
	n, err := strconv.Atoi(number)
	require.NoError(t, err)
	return n
}

// TestAHopIsCheap calls a module in another process for nothing, so that only the way there and back costs anything.
func TestAHopIsCheap(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Apart: [][]string{{"inventory"}}})
	process := h.Part("inventory").Replicas[0]
	tokens, err := remote.ParseTokens(shop.InternalToken)
	require.NoError(t, err)
	there := inventoryclient.New(remote.NewCaller(remote.Config{Module: "inventory", URL: h.Part("inventory").Inside, Tokens: tokens}))
	call := func(times int) {
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				for range times / callers {
					_, err := there.Availability(t.Context(), inventory.AvailabilityRequest{})
					assert.NoError(t, err)
				}
			})
		}
		all.Wait()
	}
	call(hops / 10)
	begun := answered(t, process)
	before := worked(t, process.PID())

	call(hops)

	each := (worked(t, process.PID()) - before) / hops
	requests := answered(t, process) - begun
	t.Logf("a hop costs %v of CPU on both sides together and %.2f round trips", each, float64(requests)/hops)
	require.LessOrEqual(t, each, dearest)
	require.Equal(t, hops, requests, "each call is one request")
}
