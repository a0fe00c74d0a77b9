package reserving

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Release implements inventory.Service.
func (s *Service) Release(ctx context.Context, req inventory.ReleaseRequest) (answer inventory.ReleaseAnswer, err error) {
	err = s.store.InTx(ctx, func(tx Tx) error {
		if err := tx.CloseHold(ctx, req.Reference, holdReleased); err != nil {
			return err
		}
		promised, err := tx.Promised(ctx, []string{req.Reference})
		if err != nil {
			return err
		}
		parts := stock.Whole(open(promised))
		answer.Units = stock.Units(parts)
		return tx.GiveBack(ctx, parts, inventory.ReservationReleased)
	})
	if err != nil {
		return inventory.ReleaseAnswer{}, fmt.Errorf("release stock of %s: %w", req.Reference, err)
	}
	return answer, nil
}

func open(reservations []inventory.Reservation) []inventory.Reservation {
	var found []inventory.Reservation
	for _, r := range reservations {
		if r.State == inventory.ReservationOpen {
			found = append(found, r)
		}
	}
	return found
}
