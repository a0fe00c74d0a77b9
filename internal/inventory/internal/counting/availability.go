package counting

import (
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Availability implements inventory.Service. The statuses come in the order asked for.
func (s *Service) Availability(ctx context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	skus := stock.Distinct(req.SKUs)
	wanted := skus
	if req.MayRemember {
		wanted = slices.DeleteFunc(slices.Clone(skus), s.soldOut.Remembered)
	}
	counts, err := s.counts(ctx, wanted)
	if err != nil {
		return inventory.AvailabilityAnswer{}, fmt.Errorf("read availability: %w", err)
	}
	statuses := make([]inventory.StockStatus, len(skus))
	for i, sku := range skus {
		count, heardOf := counts[sku]
		if !heardOf {
			count.Mode = inventory.ModeTrack
		}
		statuses[i] = inventory.StockStatus{SKU: sku, Mode: count.Mode, Available: count.Available(), Availability: count.Availability()}
	}
	return inventory.AvailabilityAnswer{Statuses: statuses}, nil
}

// counts reads what is true now, and remembers what is sold out.
func (s *Service) counts(ctx context.Context, skus []string) (map[string]stock.Count, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	began := s.soldOut.Begin()
	counts, err := s.store.Counts(ctx, skus)
	if err != nil {
		return nil, err
	}
	var soldOut []string
	for sku, count := range counts {
		if count.Availability() == inventory.OutOfStock {
			soldOut = append(soldOut, sku)
		}
	}
	s.soldOut.Keep(began, soldOut)
	return counts, nil
}
