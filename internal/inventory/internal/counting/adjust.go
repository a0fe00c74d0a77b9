package counting

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// Adjust implements inventory.Service. A SKU never heard of is counted from now on.
func (s *Service) Adjust(ctx context.Context, req inventory.AdjustRequest) (answer inventory.AdjustAnswer, err error) {
	if req.Delta == 0 {
		return answer, fmt.Errorf("adjust stock of %s: a change of 0 is none", req.SKU)
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		answer, err = adjust(ctx, tx, s.newID(), req)
		return err
	})
	if err != nil {
		return inventory.AdjustAnswer{}, fmt.Errorf("adjust stock of %s: %w", req.SKU, err)
	}
	return answer, nil
}

func adjust(ctx context.Context, tx Tx, id string, req inventory.AdjustRequest) (answer inventory.AdjustAnswer, err error) {
	skus := []string{req.SKU}
	if req.LocationID, err = tx.ShareLocation(ctx, req.LocationID); err != nil {
		return answer, err
	}
	if _, err := tx.CreateItems(ctx, []inventory.StockItem{{SKU: req.SKU}}); err != nil {
		return answer, err
	}
	if err := tx.LockItems(ctx, skus); err != nil {
		return answer, err
	}
	if err := tx.CreateLevels(ctx, req.LocationID, skus); err != nil {
		return answer, err
	}
	if answer, err = tx.Adjust(ctx, id, req); err != nil {
		return answer, err
	}
	return answer, tx.Announce(ctx, skus)
}
