package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// shopper does the same again with every call, over a connection of its own, and answers the status it ends with. An
// answer that it did not expect is an error.
type shopper func() (status int, err error)

// visit is one call of a shopper. Ended counts from the start of the load.
type visit struct {
	ended, took time.Duration
	status      int
}

// during lets visits begin for as long as d.
func during(d time.Duration) func() bool {
	end := time.Now().Add(d)
	return func() bool { return time.Now().Before(end) }
}

// times lets n visits begin, whoever makes them.
func times(n int64) func() bool {
	var begun atomic.Int64
	return func() bool { return begun.Add(1) <= n }
}

// visitsAtFirst is room for what one shopper does in a measurement, so that the load does not allocate under way.
const visitsAtFirst = 8192

// load lets all shoppers in at once, each visiting again as soon as it has its answer, while more says so. It answers
// the visits in the order they ended, or the first error.
func load(ctx context.Context, shoppers []shopper, more func() bool) ([]visit, error) {
	var (
		wait    sync.WaitGroup
		visits  = make([][]visit, len(shoppers))
		failure = make([]error, len(shoppers))
		stop    atomic.Bool
	)
	start := time.Now()
	for i, shop := range shoppers {
		wait.Go(func() {
			mine := make([]visit, 0, visitsAtFirst)
			for !stop.Load() && ctx.Err() == nil && more() {
				begun := time.Now()
				status, err := shop()
				if err != nil {
					failure[i] = err
					stop.Store(true)
					break
				}
				ended := time.Now()
				mine = append(mine, visit{ended: ended.Sub(start), took: ended.Sub(begun), status: status})
			}
			visits[i] = mine
		})
	}
	wait.Wait()
	for _, err := range failure {
		if err != nil {
			return nil, err
		}
	}
	all := slices.Concat(visits...)
	slices.SortFunc(all, func(a, b visit) int { return int(a.ended - b.ended) })
	return all, ctx.Err()
}

// pace is what a load comes to.
type pace struct {
	perSecond float64
	p50, p99  time.Duration
}

// paceOf counts visits over the time from since to the last of them.
func paceOf(visits []visit, since time.Duration) pace {
	if len(visits) == 0 {
		return pace{}
	}
	span := visits[len(visits)-1].ended - since
	took := make([]time.Duration, len(visits))
	for i, v := range visits {
		took[i] = v.took
	}
	slices.Sort(took)
	return pace{perSecond: float64(len(visits)) / span.Seconds(), p50: percentile(took, 50), p99: percentile(took, 99)}
}

// percentile of sorted values, which must not be empty.
func percentile[T any](sorted []T, percent int) T {
	return sorted[(len(sorted)-1)*percent/100]
}

// middle is the median of the values as a whole number of them allows: the lower one of two.
func middle(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return percentile(slices.Sorted(slices.Values(values)), 50)
}
