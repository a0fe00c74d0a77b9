package counting

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// SaveLocation implements inventory.Service. A new location is active; an existing one stays as active as it is.
func (s *Service) SaveLocation(ctx context.Context, req inventory.SaveLocationRequest) (inventory.Location, error) {
	location, err := s.store.SaveLocation(ctx, s.newID(), req)
	if err != nil {
		return inventory.Location{}, fmt.Errorf("save location %s: %w", req.Code, err)
	}
	return location, nil
}

// CreateLocation makes a location; its id, version and times are given to it. Errors: inventory.ErrCodeTaken.
func (s *Service) CreateLocation(ctx context.Context, wanted Location) (Location, error) {
	wanted.ID = s.newID()
	location, err := s.store.InsertLocation(ctx, wanted)
	if err != nil {
		return Location{}, fmt.Errorf("create location %s: %w", wanted.Code, err)
	}
	return location, nil
}

// ChangeLocation applies change to the location when it is at the version. A change that changes nothing keeps the
// version. Deactivating announces every SKU that is sold out by it.
//
// Errors: inventory.ErrNotFound, inventory.ErrVersionMismatch.
func (s *Service) ChangeLocation(ctx context.Context, id string, version int, change func(*Location)) (location Location, err error) {
	err = s.store.InTx(ctx, func(tx Tx) error {
		location, err = changeLocation(ctx, tx, id, version, change)
		return err
	})
	if err != nil {
		return Location{}, fmt.Errorf("change location %s: %w", id, err)
	}
	return location, nil
}

func changeLocation(ctx context.Context, tx Tx, id string, version int, change func(*Location)) (Location, error) {
	before, err := tx.LockLocation(ctx, id)
	if err != nil {
		return Location{}, err
	}
	if before.Version != version {
		return Location{}, inventory.ErrVersionMismatch
	}
	after := before
	change(&after)
	if after == before {
		return before, nil
	}
	var affected []string
	if after.Active != before.Active {
		if affected, err = tx.LockItemsAt(ctx, id); err != nil {
			return Location{}, err
		}
	}
	saved, err := tx.UpdateLocation(ctx, after)
	if err != nil {
		return Location{}, err
	}
	return saved, tx.Announce(ctx, affected)
}
