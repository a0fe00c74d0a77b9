package counting

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
)

// Register implements inventory.Service. Of several items with one SKU the last one counts.
func (s *Service) Register(ctx context.Context, req inventory.RegisterRequest) (inventory.RegisterAnswer, error) {
	items := lastOfEach(req.Items, func(i inventory.RegisterItem) string { return i.SKU })
	if len(items) == 0 {
		return inventory.RegisterAnswer{}, nil
	}
	wanted := make([]inventory.StockItem, len(items))
	for i, item := range items {
		wanted[i] = inventory.StockItem{SKU: item.SKU, VariantID: item.VariantID}
	}
	err := s.store.InTx(ctx, func(tx Tx) error {
		if _, err := tx.CreateItems(ctx, wanted); err != nil {
			return err
		}
		if err := tx.LockItems(ctx, skusOf(wanted)); err != nil {
			return err
		}
		return tx.SetVariants(ctx, items)
	})
	if err != nil {
		return inventory.RegisterAnswer{}, fmt.Errorf("register %d SKUs: %w", len(items), err)
	}
	return inventory.RegisterAnswer{}, nil
}

// PutItem creates the SKU, for which version is 0, or replaces how it is counted when it is at the version.
//
// Errors: etag.ErrRequired for version 0 when the SKU exists, inventory.ErrVersionMismatch, inventory.ErrNegativeStock,
// inventory.ErrUnknownLocation when a backorder limit finds no active location.
func (s *Service) PutItem(ctx context.Context, wanted inventory.StockItem, version int) (item Item, created bool, err error) {
	items := []inventory.StockItem{wanted}
	err = s.store.InTx(ctx, func(tx Tx) error {
		lock, err := lockItems(ctx, tx, "", items)
		if err != nil {
			return err
		}
		created = len(lock.created) > 0
		if err := expect(ctx, tx, wanted.SKU, created, version); err != nil {
			return err
		}
		if _, err := set(ctx, tx, lock, items); err != nil {
			return err
		}
		item, err = tx.Item(ctx, wanted.SKU)
		return err
	})
	if err != nil {
		return Item{}, false, fmt.Errorf("put stock item %s: %w", wanted.SKU, err)
	}
	return item, created, nil
}

func expect(ctx context.Context, tx Tx, sku string, created bool, version int) error {
	switch {
	case created && version == 0:
		return nil
	case created:
		return inventory.ErrVersionMismatch
	case version == 0:
		return etag.ErrRequired
	}
	item, err := tx.Item(ctx, sku)
	if err != nil {
		return err
	}
	if item.Version != version {
		return inventory.ErrVersionMismatch
	}
	return nil
}
