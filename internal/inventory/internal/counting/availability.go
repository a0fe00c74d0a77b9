package counting

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Availability implements inventory.Service. The statuses come in the order asked for.
func (s *Service) Availability(ctx context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error) {
	skus := stock.Distinct(req.SKUs)
	counts, err := s.store.Counts(ctx, skus)
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
