package reserving_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/reserving"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// slowStore needs a while for a hold, longer for a SKU that is stuck, and notes who is inside.
type slowStore struct {
	reserving.Store
	takes  time.Duration
	mu     sync.Mutex
	stuck  map[string]bool
	inside map[string]int
	most   map[string]int
	order  []string
}

func newSlowStore(takes time.Duration) *slowStore {
	return &slowStore{takes: takes, stuck: map[string]bool{}, inside: map[string]int{}, most: map[string]int{}}
}

func (s *slowStore) Hold(ctx context.Context, hold reserving.Hold) (reserving.Attempt, error) {
	takes := s.enter(hold)
	defer s.leave(hold)
	select {
	case <-time.After(takes):
		return reserving.Attempt{Outcome: reserving.Held}, nil
	case <-ctx.Done():
		return reserving.Attempt{}, ctx.Err()
	}
}

func (s *slowStore) enter(hold reserving.Hold) (takes time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order = append(s.order, hold.Reference)
	takes = s.takes
	for _, sku := range hold.SKUs() {
		s.inside[sku]++
		s.most[sku] = max(s.most[sku], s.inside[sku])
		if s.stuck[sku] {
			takes = time.Hour
		}
	}
	return takes
}

func (s *slowStore) leave(hold reserving.Hold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sku := range hold.SKUs() {
		s.inside[sku]--
	}
}

// queue is a service before a slow store.
type queue struct {
	store   *slowStore
	service *reserving.Service
}

// inBubble tells a story in which time passes only when everybody waits.
func inBubble(t *testing.T, takes time.Duration, story func(t *testing.T, q queue)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := newSlowStore(takes)
		story(t, queue{store, reserving.New(store, ids.New)})
	})
}

func (q queue) reserve(ctx context.Context, reference string, skus ...string) error {
	var lines []inventory.Demand
	for _, sku := range skus {
		lines = append(lines, inventory.Demand{SKU: sku, Quantity: 1})
	}
	_, err := q.service.Reserve(ctx, inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now()})
	return err
}

// later reserves in a goroutine that is waiting when later returns.
func (q queue) later(ctx context.Context, reference string, skus ...string) <-chan error {
	answer := make(chan error, 1)
	go func() { answer <- q.reserve(ctx, reference, skus...) }()
	synctest.Wait()
	return answer
}

func TestTwoCallsAtATimeHoldASKUTheOthersInTheOrderInWhichTheyCame(t *testing.T) {
	const takes = 500 * time.Millisecond
	inBubble(t, takes, func(t *testing.T, q queue) {
		began := time.Now()
		var answers []<-chan error
		for _, reference := range []string{"1", "2", "3", "4", "5", "6"} {
			answers = append(answers, q.later(t.Context(), reference, "TEE"))
		}
		other := q.later(t.Context(), "other", "MUG")

		assert.NoError(t, <-other)
		assert.Equal(t, takes, time.Since(began), "another SKU has a queue of its own")
		for _, answer := range answers {
			assert.NoError(t, <-answer)
		}
		assert.Equal(t, 3*takes, time.Since(began))
		assert.Equal(t, 2, q.store.most["TEE"])
		assert.Equal(t, []string{"1", "2", "other"}, q.store.order[:3])
		assert.ElementsMatch(t, []string{"3", "4"}, q.store.order[3:5])
		assert.ElementsMatch(t, []string{"5", "6"}, q.store.order[5:])
	})
}

func TestWhoWaitsInAQueueThatDoesNotMoveIsSoonToldToComeBack(t *testing.T) {
	inBubble(t, time.Second, func(t *testing.T, q queue) {
		q.store.stuck["A"], q.store.stuck["B"] = true, true
		stuck, stop := context.WithCancel(t.Context())
		var holders []<-chan error
		for _, sku := range []string{"A", "A", "B", "B"} {
			holders = append(holders, q.later(stuck, "holder", sku))
		}
		began := time.Now()
		third := q.later(t.Context(), "third", "A", "B")

		assert.ErrorIs(t, <-third, inventory.ErrBusy)
		assert.Equal(t, 800*time.Millisecond, time.Since(began))
		assert.NotContains(t, q.store.order, "third")
		stop()
		for _, holder := range holders {
			assert.ErrorIs(t, <-holder, context.Canceled)
		}
		q.store.stuck = nil
		assert.NoError(t, q.reserve(t.Context(), "after", "A", "B"), "everybody gave back the place")
	})
}

func TestWhoWaitsFiveSecondsInAQueueThatMovesIsToldToComeBack(t *testing.T) {
	inBubble(t, 450*time.Millisecond, func(t *testing.T, q queue) {
		began := time.Now()
		var answers []<-chan error
		for range 30 {
			answers = append(answers, q.later(t.Context(), "buyer", "TEE"))
		}
		const inTime = 24 // the eleventh pair has ended after 4.95 s

		for _, answer := range answers[inTime:] {
			assert.ErrorIs(t, <-answer, inventory.ErrBusy)
		}
		assert.Equal(t, 5*time.Second, time.Since(began))
		for _, answer := range answers[:inTime] {
			assert.NoError(t, <-answer)
		}
	})
}

func TestWhoIsNotWaitedForAnyMoreLeavesTheQueue(t *testing.T) {
	inBubble(t, 500*time.Millisecond, func(t *testing.T, q queue) {
		for range 2 {
			q.later(t.Context(), "holder", "B")
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := []<-chan error{q.later(ctx, "gone", "A", "B"), q.later(ctx, "gone", "A", "B")}
		late, done := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer done()
		hurried := q.later(late, "hurried", "B")

		cancel()
		assert.ErrorIs(t, <-gone[0], context.Canceled)
		assert.ErrorIs(t, <-gone[1], context.Canceled)
		assert.ErrorIs(t, <-hurried, inventory.ErrBusy, "its own time was over first")

		assert.NoError(t, q.reserve(t.Context(), "next", "A", "B"), "the places that they had at A are free")
		assert.Equal(t, []string{"holder", "holder", "next"}, q.store.order)
	})
}

func TestDemandsOfSKUsInAnyOrderTakeTurns(t *testing.T) {
	inBubble(t, 10*time.Millisecond, func(t *testing.T, q queue) {
		var answers []<-chan error
		for n := range 40 {
			skus := [][]string{{"A", "B"}, {"B", "A"}, {"C", "A", "B"}, {"B"}}[n%4]
			answers = append(answers, q.later(t.Context(), "buyer", skus...))
		}

		for _, answer := range answers {
			assert.NoError(t, <-answer)
		}
		assert.Equal(t, 2, q.store.most["B"])
	})
}

func TestAFailedCallGivesItsPlaceBack(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, q queue) {
		for range 4 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err := q.reserve(ctx, "slow", "TEE")
			cancel()
			assert.True(t, errors.Is(err, context.DeadlineExceeded), err)
		}
	})
}
