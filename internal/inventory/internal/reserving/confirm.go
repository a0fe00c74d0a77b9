package reserving

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Confirm implements inventory.Service. Whether a hold has ended is decided by its row, not by the clock: one that is past
// its end but not swept yet still becomes an order's stock. A reference that was released, or that never reserved
// anything, counts as ended; one whose order was canceled meanwhile does not, there is nothing left to do for it.
func (s *Service) Confirm(ctx context.Context, req inventory.ConfirmRequest) (inventory.ConfirmAnswer, error) {
	references := stock.Distinct(req.References)
	if len(references) == 0 {
		return inventory.ConfirmAnswer{}, nil
	}
	ended, err := s.store.Confirm(ctx, references)
	if err != nil {
		return inventory.ConfirmAnswer{}, fmt.Errorf("confirm holds of %d references: %w", len(references), err)
	}
	return inventory.ConfirmAnswer{Expired: ended}, nil
}
