//go:build faults

// Package load sells out one SKU to a crowd through two servers, watches what becomes of everybody else meanwhile, and lets
// a second crowd come too late. It prints the figures.
package load

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestMain(m *testing.M) { shop.Main(m) }

const (
	checkouts = "/store/v1/checkouts"
	hot       = "HOT"

	units, buyers = 1000, 10_000
	// arriving is the time within which the buyers come.
	arriving = 10 * time.Second
	// atMost is how many of them speak at a time.
	atMost = 200
	// enough is when the last of them must have been answered.
	enough = 120 * time.Second
	// quickly is what all but one in a hundred readings may take. A machine that others keep busy may need longer, by as much
	// as three times what it needs while the shop is calm.
	quickly, busier = 150 * time.Millisecond, 3
	calm            = 3 * time.Second
	// often is how often somebody reads.
	often = 5 * time.Millisecond
	// late is how many come when nothing is left, and sooner how many times as fast they are answered.
	late, sooner = 20_000, 5
)

// crowd is a house with a crowd before it.
type crowd struct {
	*shop.House
	t *testing.T
}

func TestACrowd(t *testing.T) {
	h := shop.StartHouse(t, shop.Setup{Replicas: 2, Provider: true,
		Settings: []string{"RIALTO_CHECK_RESPONSES=false", "RIALTO_BASE_URL=https://shop.example"}})
	goods := h.Sell(hot, 1000, units)
	var pace float64
	t.Run("L01 L02 1,000 units, 10,000 buyers, and 200 readers a second", func(t *testing.T) {
		c := crowd{House: h.In(t), t: t}
		pages := []string{"/store/v1/products/" + goods.Handle, "/store/v1/products"}
		quiet := c.Clock(often, c.Reads(pages...))
		time.Sleep(calm)
		idle := quiet()
		reading, began := c.Clock(often, c.Reads(pages...)), time.Now()
		told := c.come(buyers, arriving)
		crowded, took := reading(), time.Since(began) // before the checks, whose calm would make the readings look better
		pace = c.soldOut(told)
		c.requireQuick(crowded, idle, took)
	})
	t.Run("L03 sold out: 20,000 more are refused without a write", func(t *testing.T) { crowd{House: h.In(t), t: t}.tooLate(pace) })
}

// said is what a buyer was told in the end, and when the buyer asked and heard it.
type said struct {
	answer       shop.Answer
	err          error
	asked, heard time.Duration
	busy         int
}

// come sends n buyers, who arrive evenly within some time, and answers what each was told.
func (c crowd) come(n int, within time.Duration) []said {
	told, places := make([]said, n), make(chan struct{}, atMost)
	began := time.Now()
	var done sync.WaitGroup
	for i := range n {
		time.Sleep(time.Until(began.Add(within * time.Duration(i) / time.Duration(n))))
		places <- struct{}{}
		done.Go(func() {
			told[i] = c.buy(i, began)
			<-places
		})
	}
	done.Wait()
	return told
}

// buy asks for one unit until the server is not too busy any more. It comes back when it is told to.
func (c crowd) buy(i int, began time.Time) said {
	s := said{asked: time.Since(began)}
	at, body, once := c.At(i%len(c.Replicas)), shop.AtOnce(shop.Line(hot, 1)), shop.Once(shop.NewKey())
	for {
		s.answer, s.err = at.Try(http.MethodPost, checkouts, body, once)
		s.heard = time.Since(began)
		again := s.answer.Status == http.StatusServiceUnavailable || s.answer.Status == http.StatusAccepted ||
			s.busy > 0 && s.answer.Code() == "idempotency_in_progress"
		if s.err != nil || !again || s.heard > enough {
			return s
		}
		pause, err := strconv.Atoi(s.answer.Header.Get("Retry-After"))
		if err != nil {
			s.err = fmt.Errorf("no Retry-After with %d: %w", s.answer.Status, err)
			return s
		}
		s.busy++
		time.Sleep(time.Duration(pause) * time.Second)
	}
}

// soldOut is L01. It answers how many were served a second while there was something to sell.
func (c crowd) soldOut(told []said) (pace float64) {
	c.t.Helper()
	counts, busy := map[string]int{}, 0
	var sold, last time.Duration
	for _, s := range told {
		require.NoError(c.t, s.err)
		counts[fmt.Sprintf("%d %s", s.answer.Status, s.answer.Code())]++
		busy += s.busy
		last = max(last, s.heard)
		if s.answer.Status == http.StatusCreated {
			sold = max(sold, s.heard)
		}
	}
	pace = units / sold.Seconds()
	c.t.Logf("L01: sold out after %.1f s, %.0f orders/s; all %d answered after %.1f s; %d times 503 with Retry-After",
		sold.Seconds(), pace, buyers, last.Seconds(), busy)
	require.Equal(c.t, map[string]int{"201 ": units, "409 insufficient_stock": buyers - units}, counts)
	require.Less(c.t, last, enough)
	c.requireNoFalseRefusal(told)
	c.CheckAll()
	require.EqualValues(c.t, units, c.Int(`SELECT count(*) FROM orders.orders`))
	return pace
}

// requireNoFalseRefusal wants all that were served to have asked before the first refusal was heard: with as many orders as
// units, whoever is refused must have come after the last unit was taken. It is what a search for an order of all
// operations would find, in less time.
func (c crowd) requireNoFalseRefusal(told []said) {
	c.t.Helper()
	lastServed, firstRefused := time.Duration(0), time.Duration(math.MaxInt64)
	for _, s := range told {
		if s.answer.Status == http.StatusCreated {
			lastServed = max(lastServed, s.asked)
		} else {
			firstRefused = min(firstRefused, s.heard)
		}
	}
	require.LessOrEqual(c.t, lastServed, firstRefused, "somebody was refused while there was stock")
}

// requireQuick is L02.
func (c crowd) requireQuick(crowded, idle shop.Timings, took time.Duration) {
	c.t.Helper()
	c.t.Logf("L02: %d readings in the crowd, %.0f/s, p50 %s, p99 %s; while the shop was calm p50 %s, p99 %s", len(crowded),
		float64(len(crowded))/took.Seconds(), crowded.Percentile(50), crowded.Percentile(99), idle.Percentile(50), idle.Percentile(99))
	require.Less(c.t, crowded.Percentile(99), max(quickly, busier*idle.Percentile(99)))
}
