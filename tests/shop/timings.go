package shop

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// Timings are what calls took, from short to long.
type Timings []time.Duration

// Percentile is what n of a hundred calls took at most.
func (t Timings) Percentile(n int) time.Duration { return t[len(t)*n/100] }

// Clocked is one call: what it took, and what was wrong with its answer.
type Clocked func(i int) (took time.Duration, wrong string)

// Clock makes a call at every tick, whether or not those before it have been answered, until the answered function is called,
// which answers what all of them took.
func (h *House) Clock(each time.Duration, call Clocked) (stop func() Timings) {
	var mu sync.Mutex
	var took Timings
	var wrong []string
	var calling sync.WaitGroup
	ended := make(chan struct{})
	calling.Go(func() {
		tick := time.NewTicker(each)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			calling.Go(func() {
				one, said := call(i)
				mu.Lock()
				defer mu.Unlock()
				took = append(took, one)
				if said != "" {
					wrong = append(wrong, said)
				}
			})
		}
	})
	return func() Timings {
		h.t.Helper()
		close(ended)
		calling.Wait()
		require.Empty(h.t, wrong, "calls failed")
		slices.Sort(took)
		return took
	}
}

// Reads reads pages in turn. A reading that is turned away because the server is too busy takes for ever; any other answer
// than the page is wrong.
func (h *House) Reads(paths ...string) Clocked {
	return func(i int) (took time.Duration, wrong string) {
		began := time.Now()
		answer, err := h.At(i%len(h.Replicas)).Try(http.MethodGet, paths[i/2%len(paths)], nil)
		return clocked(began, answer, err, http.StatusOK)
	}
}

// Orders orders one unit of a SKU in one call.
func (h *House) Orders(sku string) Clocked {
	return func(i int) (took time.Duration, wrong string) {
		began := time.Now()
		answer, err := h.At(i%len(h.Replicas)).Try(http.MethodPost, "/store/v1/checkouts", AtOnce(Line(sku, 1)), Once(NewKey()))
		return clocked(began, answer, err, http.StatusCreated)
	}
}

func clocked(began time.Time, answer Answer, err error, expected int) (took time.Duration, wrong string) {
	switch {
	case err != nil:
		return 0, err.Error()
	case answer.Status == expected:
		return time.Since(began), ""
	case answer.Status == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != "":
		return math.MaxInt64, ""
	default:
		return 0, fmt.Sprintf("%d %s", answer.Status, answer.Raw)
	}
}
