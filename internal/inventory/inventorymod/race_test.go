package inventorymod_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
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
