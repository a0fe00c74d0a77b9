package inventorymod_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
)

func TestConcurrentFirstCallsShareOneAnswer(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 10)
	r.stock("MUG", 10)

	for round := range 10 {
		req := inventory.ReserveRequest{Reference: reference(round), Lines: []inventory.Demand{of("TEE", 1), of("MUG", 1)},
			HoldUntil: time.Now().Add(time.Hour)}
		answers := make([]inventory.ReserveAnswer, 16)
		together(len(answers), func(i int) {
			var err error
			answers[i], err = r.Service().Reserve(t.Context(), req)
			assert.NoError(t, err)
		})
		for _, answer := range answers {
			assert.Equal(t, answers[0], answer)
		}
	}

	assert.Equal(t, int64(0), r.status("TEE").Available)
	r.calm()
}

func TestReleaseAndReserveInAnyOrderLeaveNothingHeld(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 5)

	for round := range 50 {
		together(2, func(i int) {
			if i == 0 {
				_, err := r.Service().Release(t.Context(), inventory.ReleaseRequest{Reference: reference(round)})
				assert.NoError(t, err)
				return
			}
			if err := r.reserve(reference(round), of("TEE", 5)); err != nil {
				assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
			}
		})
		require.Equal(t, int64(5), r.status("TEE").Available)
	}
	r.calm()
}

func TestAHoldThatEndsIsEitherConfirmedOrExpired(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 100)
	expired := 0

	for round := range 50 {
		_, err := r.Service().Reserve(t.Context(), inventory.ReserveRequest{Reference: reference(round), Lines: []inventory.Demand{of("TEE", 1)},
			HoldUntil: time.Now().Add(-time.Second)})
		require.NoError(t, err)
		together(3, func(i int) {
			if i > 0 {
				_, err := r.Sweep(t.Context())
				assert.NoError(t, err)
				return
			}
			answer, err := r.Service().Confirm(t.Context(), inventory.ConfirmRequest{References: []string{reference(round)}})
			assert.NoError(t, err)
			expired += len(answer.Expired)
		})
	}

	assert.Equal(t, int64(50+expired), r.status("TEE").Available)
	r.calm()
}

func TestWhatAnOrderGivesBackWhileItIsConfirmedIsGivenBackOnce(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 1000)

	for round := range 30 {
		require.NoError(t, r.reserve(reference(round), of("TEE", 10)))
		together(6, func(i int) {
			var err error
			switch {
			case i < 2:
				_, err = r.Service().Confirm(t.Context(), inventory.ConfirmRequest{References: []string{reference(round)}})
			case i < 4:
				_, err = r.Service().Deallocate(t.Context(), inventory.DeallocateRequest{ID: reference(round) + "-line", Reference: reference(round),
					Lines: []inventory.Demand{of("TEE", 3)}})
			default:
				_, err = r.Service().Ship(t.Context(), inventory.ShipRequest{ID: reference(round) + "-ship", Reference: reference(round),
					Lines: []inventory.Demand{of("TEE", 2)}})
			}
			assert.NoError(t, err)
		})
	}

	level := r.level("TEE")
	assert.Equal(t, []int64{1000 - 30*2, 0, 30 * 5}, []int64{level.OnHand, level.Reserved, level.Allocated})
	r.calm()
}

func TestCountingWhileSellingLosesNoSale(t *testing.T) {
	r := openRace(t)
	skus := []string{"A", "B", "C"}
	for _, sku := range skus {
		r.stock(sku, 100)
	}
	places := []string{r.location("second", 1), r.location("third", 2), r.location("fourth", 3), ""}

	together(clients, func(i int) {
		for n := range 10 {
			r.countOrSell(places[n%len(places)], skus, i, n)
		}
	})

	r.calm()
}

func (r race) countOrSell(place string, skus []string, i, n int) {
	count, sku := int64(100+n), skus[(i+n)%len(skus)]
	var err error
	switch i % 4 {
	case 0:
		_, err = r.Service().SetStock(r.t.Context(), inventory.SetStockRequest{LocationID: place, Items: []inventory.StockItem{
			{SKU: sku, OnHand: &count, LowStockThreshold: int64(n)}, {SKU: fmt.Sprintf("NEW-%d", n), OnHand: &count}, {SKU: skus[n%len(skus)], OnHand: &count}}})
	case 1:
		_, err = r.Service().Register(r.t.Context(), inventory.RegisterRequest{Items: []inventory.RegisterItem{
			{SKU: fmt.Sprintf("NEW-%d", n), VariantID: ids.New()}, {SKU: sku, VariantID: ids.New()}}})
	case 2:
		_, err = r.Service().Adjust(r.t.Context(), inventory.AdjustRequest{SKU: sku, LocationID: place, Delta: -1, Reason: inventory.ReasonDamage})
	default:
		err = r.reserve(reference(i*100+n), of(sku, 5))
	}
	if !errors.Is(err, inventory.ErrNegativeStock) && !errors.Is(err, inventory.ErrInsufficientStock) {
		assert.NoError(r.t, err)
	}
}

func TestManySweepersEndEachHoldOnce(t *testing.T) {
	r := openRace(t)
	r.stock("A", 1000)
	r.stock("B", 1000)
	for i := range 250 {
		_, err := r.Service().Reserve(t.Context(), inventory.ReserveRequest{Reference: reference(i),
			Lines: []inventory.Demand{of([]string{"A", "B"}[i%2], 1), of([]string{"B", "A"}[i%2], 2)}, HoldUntil: time.Now().Add(-time.Minute)})
		require.NoError(t, err)
	}
	var ended atomic.Int64

	together(8, func(int) {
		n, err := r.Sweep(t.Context())
		assert.NoError(t, err)
		ended.Add(int64(n))
	})

	assert.Equal(t, int64(250), ended.Load())
	assert.Equal(t, int64(1000), r.status("A").Available)
	r.calm()
}

func TestTheModuleSweepsWhileItRuns(t *testing.T) {
	s := open(t)
	s.stock("TEE", 1)
	_, err := s.Service().Reserve(t.Context(), inventory.ReserveRequest{Reference: "co_1", Lines: []inventory.Demand{of("TEE", 1)},
		HoldUntil: time.Now().Add(50 * time.Millisecond)})
	require.NoError(t, err)
	stop := periodictest.Run(t, s.Run)

	require.Eventually(t, func() bool { return s.status("TEE").Available == 1 }, 5*time.Second, 10*time.Millisecond)
	stop()

	s.intact()
}
