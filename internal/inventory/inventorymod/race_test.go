package inventorymod_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// clients is how many connections race each other.
const clients = 32

// race is a shop whose module has a connection for every client.
type race struct {
	shop
	pool *sqldb.DB
}

func openRace(t *testing.T) race {
	t.Helper()
	s := open(t)
	pool, err := sqldb.Open(t.Context(), sqldb.Config{DSN: s.database.ModuleDSN("inventory") + "&application_name=race", MaxOpen: clients})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, pool.Close()) })
	s.Module = build(t, pool)
	return race{shop: s, pool: pool}
}

// calm ends the race and asserts that there was no deadlock and no broken promise.
func (r race) calm() {
	r.t.Helper()
	r.intact()
	require.NoError(r.t, r.pool.Close())
	const gone = `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'race' AND datname = current_database())`
	require.Eventually(r.t, func() (yes bool) {
		return r.database.Admin().Get(r.t.Context(), &yes, gone) == nil && yes
	}, 10*time.Second, 10*time.Millisecond, "sessions hand in their counters when they end")

	const query = `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`
	var deadlocks int
	require.NoError(r.t, r.database.Admin().Get(r.t.Context(), &deadlocks, query))
	assert.Zero(r.t, deadlocks)
}

// together runs n goroutines from one moment on and waits for them.
func together(n int, run func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			run(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func TestTenUnitsAreSoldToTenOfSixtyFourBuyers(t *testing.T) {
	r := openRace(t)

	for round := range 5 {
		sku := fmt.Sprintf("TEE-%d", round)
		r.stock(sku, 10)
		var sold, refused atomic.Int64

		together(64, func(i int) {
			switch err := r.reserve(reference(round*64+i), of(sku, 1)); {
			case err == nil:
				sold.Add(1)
			case errors.Is(err, inventory.ErrInsufficientStock):
				refused.Add(1)
			default:
				assert.NoError(t, err)
			}
		})

		assert.Equal(t, []int64{10, 54}, []int64{sold.Load(), refused.Load()})
		assert.Equal(t, inventory.OutOfStock, r.status(sku).Availability)
	}
	r.calm()
}

func TestUnitsAtTwoLocationsAreSoldOnce(t *testing.T) {
	r := openRace(t)
	second := r.location("second", 1)
	five, limit := int64(5), int64(3)
	r.set(second, inventory.StockItem{SKU: "TEE", OnHand: &five})
	r.set("", inventory.StockItem{SKU: "TEE", OnHand: &five, BackorderLimit: limit})
	var units atomic.Int64

	together(64, func(i int) {
		quantity := int64(i%3 + 1)
		if err := r.reserve(reference(i), of("TEE", quantity)); err == nil {
			units.Add(quantity)
		} else {
			assert.ErrorIs(t, err, inventory.ErrInsufficientStock)
		}
	})

	assert.Equal(t, 13-units.Load(), r.status("TEE").Available)
	assert.Less(t, r.status("TEE").Available, int64(1), "someone wanted a single unit")
	r.calm()
}

func TestNobodyIsRefusedWhileThereIsEnough(t *testing.T) {
	r := openRace(t)
	available := int64(clients)
	r.set("", inventory.StockItem{SKU: "TEE", OnHand: &available, LowStockThreshold: clients / 2})

	together(clients, func(i int) {
		for n := range 8 {
			if !assert.NoError(t, r.reserve(reference(i*100+n), of("TEE", 1))) {
				return
			}
			_, err := r.Service().Release(t.Context(), inventory.ReleaseRequest{Reference: reference(i*100 + n)})
			assert.NoError(t, err)
		}
	})

	assert.Equal(t, available, r.status("TEE").Available)
	r.calm()
}

func TestOrdersThatNameSKUsInAnyOrderNeverDeadlock(t *testing.T) {
	r := openRace(t)
	second := r.location("second", 1)
	skus := []string{"A", "B", "C", "D"}
	for _, sku := range skus {
		plenty := int64(200)
		r.set("", inventory.StockItem{SKU: sku, OnHand: &plenty, LowStockThreshold: 150})
		r.set(second, inventory.StockItem{SKU: sku, OnHand: &plenty, LowStockThreshold: 150})
	}

	together(clients, func(i int) {
		for n := range 12 {
			r.trade(reference(i*100+n), skus, i+n)
		}
	})

	r.calm()
}

// trade lets one reference go one of the ways that references go.
func (r race) trade(reference string, skus []string, turn int) {
	ctx, service := r.t.Context(), r.Service()
	var lines []inventory.Demand
	for i := range skus {
		lines = append(lines, of(skus[(turn*(i+1)+i)%len(skus)], int64(turn%3+1)))
	}
	err := r.reserve(reference, lines...)
	if !errors.Is(err, inventory.ErrInsufficientStock) {
		assert.NoError(r.t, err)
	}
	switch turn % 4 {
	case 0:
		_, err = service.Release(ctx, inventory.ReleaseRequest{Reference: reference})
	case 1:
		_, err = service.Confirm(ctx, inventory.ConfirmRequest{References: []string{reference}})
	case 2:
		_, err = service.Deallocate(ctx, inventory.DeallocateRequest{ID: reference, Reference: reference})
	case 3:
		_, err = service.Adjust(ctx, inventory.AdjustRequest{SKU: skus[turn%len(skus)], Delta: 1, Reason: inventory.ReasonReceive})
	}
	assert.NoError(r.t, err)
}

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
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(ctx) }()

	require.Eventually(t, func() bool { return s.status("TEE").Available == 1 }, 5*time.Second, 10*time.Millisecond)
	stop()

	assert.NoError(t, <-stopped)
	s.intact()
}
