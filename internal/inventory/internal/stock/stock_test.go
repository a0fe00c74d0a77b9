package stock_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

func of(sku string, quantity int64) inventory.Demand {
	return inventory.Demand{SKU: sku, Quantity: quantity}
}

func TestDemandIsAddedUpPerSKUInOrder(t *testing.T) {
	sums, err := stock.Sum([]inventory.Demand{of("TEE", 2), of("MUG", 1), of("TEE", 3)})

	require.NoError(t, err)
	assert.Equal(t, []inventory.Demand{of("MUG", 1), of("TEE", 5)}, sums)
}

func TestDemandNeverWrapsAround(t *testing.T) {
	sums, err := stock.Sum([]inventory.Demand{of("TEE", math.MaxInt64), of("TEE", 1), of("TEE", math.MaxInt64)})

	require.NoError(t, err)
	assert.Equal(t, []inventory.Demand{of("TEE", math.MaxInt64)}, sums)
}

func TestDemandIsPositive(t *testing.T) {
	for _, quantity := range []int64{0, -1, math.MinInt64} {
		_, err := stock.Sum([]inventory.Demand{of("TEE", 1), of("TEE", quantity)})

		assert.ErrorContains(t, err, "TEE is not positive")
	}
}

func reservations(t *rapid.T) []inventory.Reservation {
	quantities := rapid.SliceOfN(rapid.Int64Range(1, 9), 0, 6).Draw(t, "quantities")
	list := make([]inventory.Reservation, len(quantities))
	for i, quantity := range quantities {
		list[i] = inventory.Reservation{
			ID:         string(rune('a' + i)),
			SKU:        rapid.SampledFrom([]string{"TEE", "MUG"}).Draw(t, "sku"),
			LocationID: rapid.SampledFrom([]string{"main", "second"}).Draw(t, "location"),
			State:      rapid.SampledFrom([]string{inventory.ReservationOpen, inventory.ReservationAllocated}).Draw(t, "state"),
			Quantity:   quantity,
		}
	}
	return list
}

func TestPickedAndMissingMakeTheDemand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held := reservations(t)
		demand := []inventory.Demand{of("MUG", rapid.Int64Range(1, 30).Draw(t, "mugs")), of("TEE", rapid.Int64Range(1, 30).Draw(t, "tees"))}

		parts, missing := stock.Pick(held, demand)

		total := map[string]int64{}
		for _, part := range parts {
			assert.Positive(t, part.Quantity)
			assert.LessOrEqual(t, part.Quantity, part.Reservation.Quantity)
			total[part.Reservation.SKU] += part.Quantity
		}
		for _, m := range missing {
			assert.Equal(t, onlyUnits(held, m.SKU), total[m.SKU], "nothing is missing while something is left")
			total[m.SKU] += m.Quantity
		}
		assert.Equal(t, map[string]int64{"MUG": demand[0].Quantity, "TEE": demand[1].Quantity}, total)
	})
}

func onlyUnits(held []inventory.Reservation, sku string) (units int64) {
	for _, r := range held {
		if r.SKU == sku {
			units += r.Quantity
		}
	}
	return units
}

func TestWhatIsGivenBackLeavesTheCountersOfItsState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := stock.Whole(reservations(t))

		var reserved, allocated, open, owed int64
		for _, change := range stock.GiveBack(parts) {
			assert.Zero(t, change.OnHand)
			reserved, allocated = reserved-change.Reserved, allocated-change.Allocated
		}
		for _, part := range parts {
			if part.Reservation.State == inventory.ReservationOpen {
				open += part.Quantity
			} else {
				owed += part.Quantity
			}
		}
		assert.Equal(t, []int64{open, owed}, []int64{reserved, allocated})
		assert.Equal(t, open+owed, stock.Units(parts))
	})
}

func TestChangesComeOncePerLevelInLockOrder(t *testing.T) {
	part := func(sku, location string, quantity int64) stock.Part {
		return stock.Part{Reservation: inventory.Reservation{SKU: sku, LocationID: location, State: inventory.ReservationAllocated}, Quantity: quantity}
	}

	changes := stock.Send([]stock.Part{part("TEE", "b", 1), part("MUG", "c", 4), part("TEE", "a", 2), part("TEE", "b", 2)})

	assert.Equal(t, []stock.Change{
		{SKU: "MUG", LocationID: "c", OnHand: -4, Allocated: -4},
		{SKU: "TEE", LocationID: "a", OnHand: -2, Allocated: -2},
		{SKU: "TEE", LocationID: "b", OnHand: -3, Allocated: -3},
	}, changes)
	assert.Equal(t, "c", stock.MostFrom(changes))
	assert.Equal(t, "a", stock.MostFrom([]stock.Change{{LocationID: "b", OnHand: -2}, {LocationID: "a", OnHand: -2}}))
	assert.Empty(t, stock.MostFrom(nil))
}

func TestTheWantedLocationComesFirst(t *testing.T) {
	held := []inventory.Reservation{{ID: "1", LocationID: "a"}, {ID: "2", LocationID: "b"}, {ID: "3", LocationID: "a"}, {ID: "4", LocationID: "b"}}

	stock.Prefer(held, "b")

	var order string
	for _, r := range held {
		order += r.ID
	}
	assert.Equal(t, "2413", order)
}

func TestShoppersAreToldWordsNotCounts(t *testing.T) {
	for _, c := range []struct {
		count     stock.Count
		available int64
		told      string
	}{
		{stock.Count{Mode: inventory.ModeNone, Shelf: -5}, 0, inventory.InStock},
		{stock.Count{Mode: inventory.ModeTrack, Shelf: 4, LowStockThreshold: 3}, 4, inventory.InStock},
		{stock.Count{Mode: inventory.ModeTrack, Shelf: 3, LowStockThreshold: 3}, 3, inventory.LowStock},
		{stock.Count{Mode: inventory.ModeTrack, Shelf: 1}, 1, inventory.InStock},
		{stock.Count{Mode: inventory.ModeTrack, Shelf: 0, BackorderLimit: 1}, 1, inventory.Backorder},
		{stock.Count{Mode: inventory.ModeTrack, Shelf: -1, BackorderLimit: 1}, 0, inventory.OutOfStock},
		{stock.Count{Mode: inventory.ModeTrack}, 0, inventory.OutOfStock},
	} {
		assert.Equal(t, c.told, c.count.Availability(), "%+v", c.count)
		assert.Equal(t, c.available, c.count.Available(), "%+v", c.count)
	}
}
