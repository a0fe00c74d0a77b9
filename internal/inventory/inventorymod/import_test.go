package inventorymod_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

const imported = 5000

// sheet is an import of the counts of 5,000 SKUs, as absolute numbers and in no order.
func sheet(onHand int64) []inventory.StockItem {
	items := make([]inventory.StockItem, imported)
	for i, n := range rand.Perm(imported) {
		items[i] = inventory.StockItem{SKU: fmt.Sprintf("SKU-%04d", n), OnHand: &onHand, LowStockThreshold: inventory.KeepThreshold}
	}
	return items
}

// trades are the units that were promised to somebody, and those that left.
type trades struct{ promised, sent atomic.Int64 }

// sell lets a reference go to its end: given back, allocated or sent.
func (r race) sell(reference string, random *rand.Rand, sum *trades) {
	ctx, service := r.t.Context(), r.Service()
	var lines []inventory.Demand
	for range 3 {
		lines = append(lines, of(fmt.Sprintf("SKU-%04d", random.IntN(imported)), 1))
	}
	if err := r.reserve(reference, lines...); err != nil {
		assert.ErrorIs(r.t, err, inventory.ErrInsufficientStock)
		return
	}
	sum.promised.Add(3)
	end := random.IntN(4)
	if end == 0 {
		answer, err := service.Release(ctx, inventory.ReleaseRequest{Reference: reference})
		assert.NoError(r.t, err)
		sum.promised.Add(-answer.Units)
		return
	}
	answer, err := service.Confirm(ctx, inventory.ConfirmRequest{References: []string{reference}})
	assert.NoError(r.t, err)
	assert.Empty(r.t, answer.Expired)
	if end == 1 {
		return
	}
	_, err = service.Ship(ctx, inventory.ShipRequest{ID: "ship-" + reference, Reference: reference, Lines: lines})
	assert.NoError(r.t, err)
	sum.promised.Add(-3)
	sum.sent.Add(3)
}

// TestC30AnImportOfAllCountsLosesNoSale sets the stock of 5,000 SKUs again and again while they are sold. A count says what
// is on the shelf; what was promised of it stays promised, and a count below that is refused as a whole.
func TestC30AnImportOfAllCountsLosesNoSale(t *testing.T) {
	r := openRace(t)
	r.set("", sheet(20)...)
	var sum trades
	var imports, refused atomic.Int64
	var longest atomic.Int64

	var done atomic.Bool
	together(9, func(n int) {
		if n == 0 {
			defer done.Store(true)
			for round := range rounds(t, 2) + 2 {
				began := time.Now()
				_, err := r.Service().SetStock(t.Context(), inventory.SetStockRequest{Items: sheet([]int64{15, 0, 25}[round%3])})
				longest.Store(max(longest.Load(), int64(time.Since(began))))
				imports.Add(1)
				if errors.Is(err, inventory.ErrNegativeStock) {
					refused.Add(1)
					continue
				}
				assert.NoError(t, err)
			}
			return
		}
		random := rand.New(rand.NewPCG(rand.Uint64(), uint64(n)))
		for i := 0; !done.Load(); i++ {
			r.sell(fmt.Sprintf("co_%d_%d", n, i), random, &sum)
		}
	})

	t.Logf("%d imports, %d refused, the longest took %v; %d units promised, %d sent", imports.Load(), refused.Load(),
		time.Duration(longest.Load()), sum.promised.Load(), sum.sent.Load())
	var promised, sent int64
	const inRows = `SELECT sum(reserved + allocated)::bigint FROM inventory.stock_levels`
	require.NoError(t, r.database.Admin().Get(t.Context(), &promised, inRows))
	const inLedger = `SELECT coalesce(-sum(delta), 0)::bigint FROM inventory.stock_movements WHERE reason = 'ship'`
	require.NoError(t, r.database.Admin().Get(t.Context(), &sent, inLedger))
	assert.Equal(t, []int64{sum.promised.Load(), sum.sent.Load()}, []int64{promised, sent})
	assert.Positive(t, sent)
	assert.Positive(t, refused.Load())
	assert.Less(t, refused.Load(), imports.Load())
	r.calm()
}
