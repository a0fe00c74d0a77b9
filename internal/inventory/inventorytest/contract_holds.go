package inventorytest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

func reserving() []story {
	return []story{
		{"same reference reserves once", sameReferenceReservesOnce},
		{"all lines or none", allLinesOrNone},
		{"a refused reference may try again", aRefusedReferenceMayTryAgain},
		{"lines of one SKU are added up", linesOfOneSKUAreAddedUp},
		{"demand beyond all bounds is refused like any other", demandBeyondAllBoundsIsRefusedLikeAnyOther},
		{"every short SKU is named", everyShortSKUIsNamed},
		{"a quantity that is not positive is refused", aQuantityThatIsNotPositiveIsRefused},
		{"a SKU sold without counting needs no stock", aSKUSoldWithoutCountingNeedsNoStock},
		{"a demand is split over locations, shelves first", aDemandIsSplitOverLocationsShelvesFirst},
	}
}

func sameReferenceReservesOnce(t *testing.T, s shop) {
	s.stock("TEE", 10)
	until := time.Now().Add(time.Hour)
	req := inventory.ReserveRequest{Reference: "co_1", Lines: []inventory.Demand{of("TEE", 3)}, HoldUntil: until}

	first, err := s.Service.Reserve(t.Context(), req)
	require.NoError(t, err)
	second, err := s.Service.Reserve(t.Context(), req)
	require.NoError(t, err)

	assert.Equal(t, first, second)
	require.Len(t, first.Reservations, 1)
	r := first.Reservations[0]
	assert.Equal(t, []any{"co_1", "TEE", int64(3), inventory.ReservationOpen}, []any{r.Reference, r.SKU, r.Quantity, r.State})
	assert.WithinDuration(t, until, r.HoldUntil, time.Millisecond)
	s.counters("TEE", 10, 3, 0)
}

func allLinesOrNone(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.stock("MUG", 1)

	_, err := s.tryReserve("co_1", of("TEE", 2), of("MUG", 2))

	assert.Equal(t, map[string]string{"MUG": "1"}, shortages(t, err))
	s.counters("TEE", 10, 0, 0)
	s.counters("MUG", 1, 0, 0)
}

func aRefusedReferenceMayTryAgain(t *testing.T, s shop) {
	s.stock("TEE", 1)
	_, err := s.tryReserve("co_1", of("TEE", 2))
	require.ErrorIs(t, err, inventory.ErrInsufficientStock)
	s.stock("TEE", 2)

	s.reserve("co_1", of("TEE", 2))

	s.counters("TEE", 2, 2, 0)
}

func linesOfOneSKUAreAddedUp(t *testing.T, s shop) {
	s.stock("TEE", 3)

	_, err := s.tryReserve("co_1", of("TEE", 2), of("TEE", 2))

	assert.Equal(t, map[string]string{"TEE": "3"}, shortages(t, err))
	s.counters("TEE", 3, 0, 0)
}

func demandBeyondAllBoundsIsRefusedLikeAnyOther(t *testing.T, s shop) {
	s.stock("TEE", 3)

	_, err := s.tryReserve("co_1", of("TEE", 1<<62), of("TEE", 1<<62), of("TEE", 1<<62))

	assert.Equal(t, map[string]string{"TEE": "3"}, shortages(t, err))
}

func everyShortSKUIsNamed(t *testing.T, s shop) {
	s.stock("TEE", 1)

	_, err := s.tryReserve("co_1", of("TEE", 2), of("UNKNOWN", 1))

	assert.Equal(t, map[string]string{"TEE": "1", "UNKNOWN": "0"}, shortages(t, err))
}

func aQuantityThatIsNotPositiveIsRefused(t *testing.T, s shop) {
	s.stock("TEE", 3)

	for _, quantity := range []int64{0, -1} {
		_, err := s.tryReserve("co_1", of("TEE", quantity))
		assert.Error(t, err)
	}

	s.counters("TEE", 3, 0, 0)
}

func aSKUSoldWithoutCountingNeedsNoStock(t *testing.T, s shop) {
	s.sell(inventory.StockItem{SKU: "EBOOK", Mode: inventory.ModeNone})
	s.stock("TEE", 1)

	held := s.reserve("co_1", of("EBOOK", 1000), of("TEE", 1))

	require.Len(t, held, 1)
	assert.Equal(t, "TEE", held[0].SKU)
	assert.Equal(t, inventory.StockStatus{SKU: "EBOOK", Mode: inventory.ModeNone, Availability: inventory.InStock}, s.status("EBOOK"))
}

func aDemandIsSplitOverLocationsShelvesFirst(t *testing.T, s shop) {
	second, third := s.location("second", 1), s.location("third", 2)
	s.sell(inventory.StockItem{SKU: "TEE", BackorderLimit: 4})
	s.stockAt(third, "TEE", 5)
	s.stockAt(second, "TEE", 3)
	s.sell(inventory.StockItem{SKU: "TEE", BackorderLimit: 4})

	held := s.reserve("co_1", of("TEE", 10))

	taken := map[string]int64{}
	for _, r := range held {
		taken[r.LocationID] += r.Quantity
	}
	assert.Len(t, taken, 3)
	assert.Equal(t, []int64{3, 5}, []int64{taken[second], taken[third]})
	assert.Equal(t, int64(2), s.status("TEE").Available)
}

func ending() []story {
	return []story{
		{"release gives back and closes", releaseGivesBackAndCloses},
		{"a release that overtakes its reserve wins", aReleaseThatOvertakesItsReserveWins},
		{"release leaves what is owed to an order", releaseLeavesWhatIsOwedToAnOrder},
		{"a hold that ended is given back and closed", aHoldThatEndedIsGivenBackAndClosed},
		{"what is allocated does not end", whatIsAllocatedDoesNotEnd},
	}
}

func releaseGivesBackAndCloses(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))

	assert.Equal(t, int64(3), s.release("co_1"))
	assert.Equal(t, int64(0), s.release("co_1"))

	_, err := s.tryReserve("co_1", of("TEE", 3))
	assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
	s.counters("TEE", 10, 0, 0)
}

func aReleaseThatOvertakesItsReserveWins(t *testing.T, s shop) {
	s.stock("TEE", 10)

	assert.Equal(t, int64(0), s.release("co_1"))

	_, err := s.tryReserve("co_1", of("TEE", 3))
	assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
	s.counters("TEE", 10, 0, 0)
}

func releaseLeavesWhatIsOwedToAnOrder(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))
	s.confirm("co_1")

	assert.Equal(t, int64(0), s.release("co_1"))

	_, err := s.tryReserve("co_1", of("TEE", 3))
	assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
	assert.Empty(t, s.confirm("co_1"))
	s.counters("TEE", 10, 0, 3)
}

func aHoldThatEndedIsGivenBackAndClosed(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_live", of("TEE", 1))

	s.expire("co_1", of("TEE", 3))

	s.counters("TEE", 10, 1, 0)
	_, err := s.tryReserve("co_1", of("TEE", 3))
	assert.ErrorIs(t, err, inventory.ErrReferenceClosed)
	assert.Equal(t, []string{"co_1"}, s.confirm("co_1"))
	s.counters("TEE", 10, 1, 0)
}

func whatIsAllocatedDoesNotEnd(t *testing.T, s shop) {
	s.stock("TEE", 10)
	_, err := s.Service.Reserve(t.Context(), inventory.ReserveRequest{Reference: "co_1", Lines: []inventory.Demand{of("TEE", 3)},
		HoldUntil: time.Now().Add(-time.Hour)})
	require.NoError(t, err)
	assert.Empty(t, s.confirm("co_1"))

	ended, err := s.Sweep(t.Context())

	require.NoError(t, err)
	assert.Zero(t, ended)
	s.counters("TEE", 10, 0, 3)
}

func confirming() []story {
	return []story{
		{"confirming twice allocates once", confirmingTwiceAllocatesOnce},
		{"a reference that holds nothing counted is confirmed", aReferenceThatHoldsNothingCountedIsConfirmed},
		{"released and unknown references are reported, the others confirmed", releasedAndUnknownReferencesAreReportedTheOthersConfirmed},
		{"confirming nothing is nothing", confirmingNothingIsNothing},
	}
}

func confirmingTwiceAllocatesOnce(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))
	s.reserve("co_2", of("TEE", 2))

	assert.Empty(t, s.confirm("co_1", "co_2", "co_1"))
	assert.Empty(t, s.confirm("co_1", "co_2"))

	s.counters("TEE", 10, 0, 5)
	assert.Equal(t, inventory.ReservationAllocated, s.reserve("co_1", of("TEE", 3))[0].State)
}

func aReferenceThatHoldsNothingCountedIsConfirmed(t *testing.T, s shop) {
	s.sell(inventory.StockItem{SKU: "EBOOK", Mode: inventory.ModeNone})
	s.reserve("co_1", of("EBOOK", 1))

	assert.Empty(t, s.confirm("co_1"))
}

func releasedAndUnknownReferencesAreReportedTheOthersConfirmed(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 1))
	s.reserve("co_2", of("TEE", 2))
	s.release("co_1")

	ended := s.confirm("co_unknown", "co_2", "co_1")

	assert.Equal(t, []string{"co_1", "co_unknown"}, ended)
	s.counters("TEE", 10, 0, 2)
}

func confirmingNothingIsNothing(t *testing.T, s shop) {
	assert.Empty(t, s.confirm())
}
