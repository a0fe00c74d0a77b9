package inventorytest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

func counting() []story {
	return []story{
		{"availability answers each SKU once, known or not", availabilityAnswersEachSKUOnceKnownOrNot},
		{"availability follows shelf, threshold and backorder limit", availabilityFollowsShelfThresholdAndBackorderLimit},
		{"adjusting cannot break a promise", adjustingCannotBreakAPromise},
		{"adjusting makes an unknown SKU a counted one", adjustingMakesAnUnknownSKUACountedOne},
		{"a refused adjustment leaves nothing behind", aRefusedAdjustmentLeavesNothingBehind},
		{"there is no stock at an unknown location", thereIsNoStockAtAnUnknownLocation},
		{"setting stock counts the differences", settingStockCountsTheDifferences},
		{"setting stock cannot break a promise", settingStockCannotBreakAPromise},
		{"lowering a backorder limit cannot break a promise", loweringABackorderLimitCannotBreakAPromise},
		{"registering leaves stock alone", registeringLeavesStockAlone},
		{"a location is known by its code", aLocationIsKnownByItsCode},
	}
}

func availabilityAnswersEachSKUOnceKnownOrNot(t *testing.T, s shop) {
	s.stock("TEE", 2)

	answer, err := s.Service.Availability(t.Context(), inventory.AvailabilityRequest{SKUs: []string{"UNKNOWN", "TEE", "UNKNOWN"}})

	require.NoError(t, err)
	assert.Equal(t, []inventory.StockStatus{
		{SKU: "UNKNOWN", Mode: inventory.ModeTrack, Availability: inventory.OutOfStock},
		{SKU: "TEE", Mode: inventory.ModeTrack, Available: 2, Availability: inventory.InStock},
	}, answer.Statuses)
}

func availabilityFollowsShelfThresholdAndBackorderLimit(t *testing.T, s shop) {
	three := int64(3)
	s.sell(inventory.StockItem{SKU: "TEE", LowStockThreshold: 2, BackorderLimit: 1, OnHand: &three})

	s.sell(inventory.StockItem{SKU: "TEE", LowStockThreshold: inventory.KeepThreshold, BackorderLimit: 1, OnHand: &three})
	seen := []string{s.status("TEE").Availability}
	for _, reference := range []string{"co_1", "co_2", "co_3", "co_4"} {
		s.reserve(reference, of("TEE", 1))
		seen = append(seen, s.status("TEE").Availability)
	}

	assert.Equal(t, []string{inventory.InStock, inventory.LowStock, inventory.LowStock, inventory.Backorder, inventory.OutOfStock}, seen)
}

func adjustingCannotBreakAPromise(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.reserve("co_1", of("TEE", 3))

	_, err := s.adjust("TEE", -8)
	assert.ErrorIs(t, err, inventory.ErrNegativeStock)
	answer, err := s.adjust("TEE", -7)
	require.NoError(t, err)

	assert.Equal(t, int64(3), answer.Level.OnHand)
	assert.Equal(t, int64(0), answer.Level.Available)
	assert.NotEmpty(t, answer.MovementID)
}

func adjustingMakesAnUnknownSKUACountedOne(t *testing.T, s shop) {
	answer, err := s.adjust("NEW", 4)

	require.NoError(t, err)
	assert.Equal(t, []int64{4, 4}, []int64{answer.Level.OnHand, answer.Level.Available})
	assert.Equal(t, inventory.StockStatus{SKU: "NEW", Mode: inventory.ModeTrack, Available: 4, Availability: inventory.InStock}, s.status("NEW"))
}

func aRefusedAdjustmentLeavesNothingBehind(t *testing.T, s shop) {
	_, err := s.adjust("NEW", -1)

	assert.ErrorIs(t, err, inventory.ErrNegativeStock)
	assert.Equal(t, int64(0), s.status("NEW").Available)
}

func thereIsNoStockAtAnUnknownLocation(t *testing.T, s shop) {
	one := int64(1)

	for _, id := range []string{someID(), "nowhere"} {
		_, err := s.Service.Adjust(t.Context(), inventory.AdjustRequest{SKU: "TEE", LocationID: id, Delta: 1, Reason: inventory.ReasonReceive})
		assert.ErrorIs(t, err, inventory.ErrUnknownLocation)
		_, err = s.Service.SetStock(t.Context(), inventory.SetStockRequest{LocationID: id, Items: []inventory.StockItem{{SKU: "TEE", OnHand: &one}}})
		assert.ErrorIs(t, err, inventory.ErrUnknownLocation)
	}
}

func settingStockCountsTheDifferences(t *testing.T, s shop) {
	five, six := int64(5), int64(6)
	items := []inventory.StockItem{{SKU: "TEE", OnHand: &five}, {SKU: "MUG", OnHand: &six}, {SKU: "EBOOK", Mode: inventory.ModeNone}}

	first, err := s.Service.SetStock(t.Context(), inventory.SetStockRequest{Items: items})
	require.NoError(t, err)
	again, err := s.Service.SetStock(t.Context(), inventory.SetStockRequest{Items: items})
	require.NoError(t, err)
	items[0].OnHand = &six
	third, err := s.Service.SetStock(t.Context(), inventory.SetStockRequest{Items: items})
	require.NoError(t, err)

	assert.Equal(t, []int{2, 0, 1}, []int{first.Changed, again.Changed, third.Changed})
	s.counters("TEE", 6, 0, 0)
}

func settingStockCannotBreakAPromise(t *testing.T, s shop) {
	s.stock("TEE", 10)
	s.stock("MUG", 1)
	s.reserve("co_1", of("TEE", 3))
	two := int64(2)

	_, err := s.Service.SetStock(t.Context(), inventory.SetStockRequest{Items: []inventory.StockItem{{SKU: "MUG", OnHand: &two}, {SKU: "TEE", OnHand: &two}}})

	assert.ErrorIs(t, err, inventory.ErrNegativeStock)
	s.counters("TEE", 10, 3, 0)
	s.counters("MUG", 1, 0, 0)
}

func loweringABackorderLimitCannotBreakAPromise(t *testing.T, s shop) {
	s.sell(inventory.StockItem{SKU: "TEE", BackorderLimit: 5})
	s.reserve("co_1", of("TEE", 3))

	_, err := s.Service.SetStock(t.Context(), inventory.SetStockRequest{Items: []inventory.StockItem{{SKU: "TEE", BackorderLimit: 2}}})
	assert.ErrorIs(t, err, inventory.ErrNegativeStock)
	s.sell(inventory.StockItem{SKU: "TEE", BackorderLimit: 3})

	assert.Equal(t, int64(0), s.status("TEE").Available)
}

func registeringLeavesStockAlone(t *testing.T, s shop) {
	s.stock("TEE", 2)
	variant := someID()

	_, err := s.Service.Register(t.Context(), inventory.RegisterRequest{Items: []inventory.RegisterItem{
		{SKU: "TEE", VariantID: variant}, {SKU: "NEW", VariantID: someID()}}})

	require.NoError(t, err)
	assert.Equal(t, variant, s.level("TEE").VariantID)
	assert.Equal(t, inventory.OutOfStock, s.status("NEW").Availability)
	s.counters("TEE", 2, 0, 0)
}

func aLocationIsKnownByItsCode(t *testing.T, s shop) {
	first, err := s.Service.SaveLocation(t.Context(), inventory.SaveLocationRequest{Code: "zurich", Name: "Zürich", Country: "CH", Position: 3})
	require.NoError(t, err)
	same, err := s.Service.SaveLocation(t.Context(), inventory.SaveLocationRequest{Code: "zurich", Name: "Zürich", Country: "CH", Position: 3})
	require.NoError(t, err)
	renamed, err := s.Service.SaveLocation(t.Context(), inventory.SaveLocationRequest{Code: "zurich", Name: "Zurich", Country: "CH", Position: 3})
	require.NoError(t, err)

	assert.Equal(t, first, same)
	assert.Equal(t, []any{first.ID, "Zurich", first.Version + 1}, []any{renamed.ID, renamed.Name, renamed.Version})
}
