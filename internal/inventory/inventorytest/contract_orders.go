package inventorytest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

func canceling() []story {
	return []story{
		{"deallocating after the confirmation gives back once", deallocatingAfterTheConfirmationGivesBackOnce},
		{"a late confirmation does not allocate again", aLateConfirmationDoesNotAllocateAgain},
		{"deallocating an unknown reference closes it", deallocatingAnUnknownReferenceClosesIt},
		{"deallocating lines keeps the rest", deallocatingLinesKeepsTheRest},
		{"more than is held cannot be deallocated", moreThanIsHeldCannotBeDeallocated},
		{"lines sold without counting are ignored", linesSoldWithoutCountingAreIgnored},
	}
}

func deallocatingAfterTheConfirmationGivesBackOnce(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))
	s.confirm("co_1")

	assert.Equal(t, int64(3), s.deallocate("cancel-1", "co_1"))
	assert.Equal(t, int64(3), s.deallocate("cancel-1", "co_1"), "the answer of the first call")
	assert.Equal(t, int64(0), s.deallocate("cancel-2", "co_1"))

	s.counters("TEE", 10, 0, 0)
	_, err := s.tryReserve("co_1", of("TEE", 3))
	assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
}

func aLateConfirmationDoesNotAllocateAgain(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))

	assert.Equal(t, int64(3), s.deallocate("cancel-1", "co_1"))

	assert.Empty(t, s.confirm("co_1"), "there is nothing to review about it")
	s.counters("TEE", 10, 0, 0)
}

func deallocatingAnUnknownReferenceClosesIt(t *testing.T, s shop) {
	s.stock("TEE", 10)

	assert.Equal(t, int64(0), s.deallocate("cancel-1", "co_1"))

	_, err := s.tryReserve("co_1", of("TEE", 3))
	assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
}

func deallocatingLinesKeepsTheRest(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.stock("MUG", 10)
	s.reserve("co_1", of("TEE", 3), of("MUG", 2))

	assert.Equal(t, int64(1), s.deallocate("line-1", "co_1", of("TEE", 1)))
	assert.Equal(t, int64(1), s.deallocate("line-1", "co_1", of("TEE", 1)))
	assert.Empty(t, s.confirm("co_1"))
	assert.Equal(t, int64(3), s.deallocate("line-2", "co_1", of("TEE", 1), of("MUG", 2)))

	s.counters("TEE", 10, 0, 1)
	s.counters("MUG", 10, 0, 0)
}

func moreThanIsHeldCannotBeDeallocated(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))

	_, err := s.tryDeallocate("line-1", "co_1", of("TEE", 2), of("TEE", 2))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)
	_, err = s.tryDeallocate("line-2", "co_unknown", of("TEE", 1))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)
	s.expire("co_ended", of("TEE", 1))
	_, err = s.tryDeallocate("line-3", "co_ended", of("TEE", 1))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)

	s.counters("TEE", 10, 3, 0)
}

func linesSoldWithoutCountingAreIgnored(t *testing.T, s shop) {
	s.sell(inventory.StockItem{SKU: "EBOOK", Mode: inventory.ModeNone})
	s.reserve("co_1", of("EBOOK", 2))

	assert.Equal(t, int64(0), s.deallocate("line-1", "co_1", of("EBOOK", 1)))
}

func shipping() []story {
	return []story{
		{"shipping takes stock off the shelf once per id", shippingTakesStockOffTheShelfOncePerId},
		{"open holds are allocated before they ship", openHoldsAreAllocatedBeforeTheyShip},
		{"more than is allocated cannot be shipped", moreThanIsAllocatedCannotBeShipped},
		{"what was shipped cannot be deallocated", whatWasShippedCannotBeDeallocated},
		{"an ended hold cannot be shipped", anEndedHoldCannotBeShipped},
		{"what is sold without counting ships without a trace", whatIsSoldWithoutCountingShipsWithoutATrace},
		{"a SKU counted only after it was sold ships without a trace", aSKUCountedOnlyAfterItWasSoldShipsWithoutATrace},
		{"units on backorder wait for the goods", unitsOnBackorderWaitForTheGoods},
		{"the wanted location ships first", theWantedLocationShipsFirst},
	}
}

func shippingTakesStockOffTheShelfOncePerId(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))
	s.confirm("co_1")

	from := s.ship("ful-1", "co_1", of("TEE", 2))
	assert.Equal(t, from, s.ship("ful-1", "co_1", of("TEE", 2)))

	assert.Equal(t, s.level("TEE").LocationID, from)
	s.counters("TEE", 8, 0, 1)
	assert.Equal(t, int64(7), s.status("TEE").Available)
}

func openHoldsAreAllocatedBeforeTheyShip(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))

	s.ship("ful-1", "co_1", of("TEE", 1))

	s.counters("TEE", 9, 0, 2)
	assert.Empty(t, s.confirm("co_1"))
	s.counters("TEE", 9, 0, 2)
}

func moreThanIsAllocatedCannotBeShipped(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))
	s.ship("ful-1", "co_1", of("TEE", 2))

	_, err := s.tryShip("ful-2", "co_1", of("TEE", 2))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)
	_, err = s.tryShip("ful-3", "co_unknown", of("TEE", 1))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)

	s.counters("TEE", 8, 0, 1)
}

func whatWasShippedCannotBeDeallocated(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))
	s.ship("ful-1", "co_1", of("TEE", 2))

	_, err := s.tryDeallocate("line-1", "co_1", of("TEE", 2))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)
	assert.Equal(t, int64(1), s.deallocate("cancel-1", "co_1"))

	s.counters("TEE", 8, 0, 0)
}

func anEndedHoldCannotBeShipped(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.expire("co_1", of("TEE", 3))

	_, err := s.tryShip("ful-1", "co_1", of("TEE", 3))

	assert.ErrorIs(t, err, inventory.ErrHoldExpired)
	s.counters("TEE", 10, 0, 0)
}

func whatIsSoldWithoutCountingShipsWithoutATrace(t *testing.T, s shop) {
	s.sell(inventory.StockItem{SKU: "EBOOK", Mode: inventory.ModeNone})
	s.reserve("co_1", of("EBOOK", 2))

	assert.Empty(t, s.ship("ful-1", "co_1", of("EBOOK", 2)))
}

func aSKUCountedOnlyAfterItWasSoldShipsWithoutATrace(t *testing.T, s shop) {
	s.sell(inventory.StockItem{SKU: "TEE", Mode: inventory.ModeNone})
	s.reserve("co_1", of("TEE", 2))
	s.stock("TEE", 10)

	assert.Empty(t, s.ship("ful-1", "co_1", of("TEE", 2)))

	s.counters("TEE", 10, 0, 0)
}

func unitsOnBackorderWaitForTheGoods(t *testing.T, s shop) {
	s.stock("TEE", 1)
	one := int64(1)
	s.sell(inventory.StockItem{SKU: "TEE", BackorderLimit: 5, OnHand: &one})
	s.reserve("co_1", of("TEE", 3))
	s.confirm("co_1")

	s.ship("ful-1", "co_1", of("TEE", 1))
	_, err := s.tryShip("ful-2", "co_1", of("TEE", 2))
	assert.ErrorIs(t, err, inventory.ErrNotAllocated)
	_, err = s.adjust("TEE", 2)
	require.NoError(t, err)
	s.ship("ful-2", "co_1", of("TEE", 2))

	s.counters("TEE", 0, 0, 0)
	assert.Equal(t, inventory.StockStatus{SKU: "TEE", Mode: inventory.ModeTrack, Available: 5, Availability: inventory.Backorder}, s.status("TEE"))
}

func theWantedLocationShipsFirst(t *testing.T, s shop) {
	second := s.location("second", 1)
	s.stock("TEE", 3)
	s.stockAt(second, "TEE", 3)
	s.reserve("co_1", of("TEE", 5))

	answer, err := s.Service.Ship(t.Context(), inventory.ShipRequest{ID: "ful-1", Reference: "co_1",
		Lines: []inventory.Demand{of("TEE", 2)}, LocationID: second})

	require.NoError(t, err)
	assert.Equal(t, second, answer.LocationID)
	s.counters("TEE", 3, 0, 3)
}
