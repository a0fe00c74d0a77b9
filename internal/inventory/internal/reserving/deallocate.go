package reserving

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Deallocate implements inventory.Service.
func (s *Service) Deallocate(ctx context.Context, req inventory.DeallocateRequest) (answer inventory.DeallocateAnswer, err error) {
	demand, err := stock.Sum(req.Lines)
	if err != nil {
		return inventory.DeallocateAnswer{}, fmt.Errorf("deallocate stock: %w", err)
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		answer.Units, err = deallocate(ctx, tx, req, demand)
		return err
	})
	if err != nil {
		return inventory.DeallocateAnswer{}, fmt.Errorf("deallocate stock of %s: %w", req.Reference, err)
	}
	return answer, nil
}

func deallocate(ctx context.Context, tx Tx, req inventory.DeallocateRequest, demand []inventory.Demand) (int64, error) {
	// The hold is locked before the look at what was done before, so that two calls with one ID do the work once.
	if len(demand) == 0 {
		if err := tx.CloseHold(ctx, req.Reference, holdCanceled); err != nil {
			return 0, err
		}
	}
	standing, err := tx.LockHold(ctx, req.Reference)
	if err != nil {
		return 0, err
	}
	if units, found, err := tx.Deallocation(ctx, req.ID); found || err != nil {
		return units, err
	}
	parts, err := partsToGiveBack(ctx, tx, req.Reference, standing, demand)
	if err != nil {
		return 0, err
	}
	if err := tx.GiveBack(ctx, parts, inventory.ReservationReleased); err != nil {
		return 0, err
	}
	units := stock.Units(parts)
	return units, tx.SaveDeallocation(ctx, req.ID, req.Reference, units)
}

func partsToGiveBack(ctx context.Context, tx Tx, reference string, standing Standing, demand []inventory.Demand) ([]stock.Part, error) {
	promised, err := tx.Promised(ctx, []string{reference})
	if err != nil {
		return nil, err
	}
	if len(demand) == 0 {
		return stock.Whole(promised), nil
	}
	parts, missing := stock.Pick(promised, demand)
	return parts, refuse(ctx, tx, standing, missing)
}

// refuse answers ErrNotAllocated when something is missing that is counted. What was sold without counting, then or now,
// was never held, and is not missed.
func refuse(ctx context.Context, tx Tx, standing Standing, missing []inventory.Demand) error {
	if len(missing) == 0 {
		return nil
	}
	uncounted, err := tx.Uncounted(ctx, Hold{Demand: missing}.SKUs())
	if err != nil {
		return err
	}
	ignored := map[string]bool{}
	for _, sku := range append(uncounted, standing.Uncounted...) {
		ignored[sku] = true
	}
	for _, demand := range missing {
		if !ignored[demand.SKU] {
			return inventory.ErrNotAllocated.Detailf("%d more of %s are asked for than are held", demand.Quantity, demand.SKU)
		}
	}
	return nil
}
