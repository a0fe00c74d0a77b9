package reserving

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/stock"
)

// Ship implements inventory.Service. Units on backorder are allocated, but refused with ErrNotAllocated until they are on
// hand.
func (s *Service) Ship(ctx context.Context, req inventory.ShipRequest) (answer inventory.ShipAnswer, err error) {
	demand, err := stock.Sum(req.Lines)
	if err != nil {
		return inventory.ShipAnswer{}, fmt.Errorf("ship stock: %w", err)
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		answer.LocationID, err = ship(ctx, tx, req, demand)
		return err
	})
	if errors.Is(err, inventory.ErrNegativeStock) {
		err = inventory.ErrNotAllocated.Detailf("some of it is on backorder and not on hand yet")
	}
	if err != nil {
		return inventory.ShipAnswer{}, fmt.Errorf("ship stock of %s: %w", req.Reference, err)
	}
	return answer, nil
}

func ship(ctx context.Context, tx Tx, req inventory.ShipRequest, demand []inventory.Demand) (locationID string, err error) {
	standing, err := tx.LockHold(ctx, req.Reference)
	if err != nil {
		return "", err
	}
	if from, err := tx.ShippedFrom(ctx, req.ID); from != "" || err != nil {
		return from, err
	}
	if standing.State == holdOpen {
		if _, err := tx.Confirm(ctx, []string{req.Reference}); err != nil {
			return "", err
		}
	}
	promised, err := tx.Promised(ctx, []string{req.Reference})
	if err != nil {
		return "", err
	}
	stock.Prefer(promised, req.LocationID)
	parts, missing := stock.Pick(promised, demand)
	err = refuse(ctx, tx, standing, missing)
	if errors.Is(err, inventory.ErrNotAllocated) && standing.State == holdExpired {
		return "", inventory.ErrHoldExpired
	}
	if err != nil {
		return "", err
	}
	return stock.MostFrom(stock.Send(parts)), tx.Send(ctx, req.ID, parts)
}
