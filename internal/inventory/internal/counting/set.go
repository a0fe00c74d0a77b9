package counting

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/inventory"
)

// SetStock implements inventory.Service. Of several items with one SKU the last one counts. An empty mode leaves the mode
// alone, an empty variant id the variant. All items are set or none.
func (s *Service) SetStock(ctx context.Context, req inventory.SetStockRequest) (answer inventory.SetStockAnswer, err error) {
	items := lastOfEach(req.Items, func(i inventory.StockItem) string { return i.SKU })
	if len(items) == 0 {
		return answer, nil
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		lock, err := lockItems(ctx, tx, req.LocationID, items)
		if err != nil {
			return err
		}
		answer.Changed, err = set(ctx, tx, lock, items)
		return err
	})
	if err != nil {
		return inventory.SetStockAnswer{}, fmt.Errorf("set stock of %d SKUs: %w", len(items), err)
	}
	return answer, nil
}

// locked says what lockItems found.
type locked struct {
	// locationID is empty when no item needs a level.
	locationID string
	// created are the SKUs that did not exist.
	created []string
}

func lockItems(ctx context.Context, tx Tx, locationID string, items []inventory.StockItem) (lock locked, err error) {
	if len(skusWithLevel(items)) > 0 {
		if lock.locationID, err = tx.ShareLocation(ctx, locationID); err != nil {
			return locked{}, err
		}
	}
	if lock.created, err = tx.CreateItems(ctx, items); err != nil {
		return locked{}, err
	}
	return lock, tx.LockItems(ctx, skusOf(items))
}

func set(ctx context.Context, tx Tx, lock locked, items []inventory.StockItem) (changed int, err error) {
	if err := tx.CreateLevels(ctx, lock.locationID, skusWithLevel(items)); err != nil {
		return 0, err
	}
	if err := tx.SetItems(ctx, items, lock.created); err != nil {
		return 0, err
	}
	if changed, err = tx.SetLevels(ctx, lock.locationID, items); err != nil {
		return 0, err
	}
	return changed, tx.Announce(ctx, skusOf(items))
}

// skusWithLevel names the SKUs that need a level for what is wished for.
func skusWithLevel(items []inventory.StockItem) []string {
	var skus []string
	for _, item := range items {
		if item.OnHand != nil || item.BackorderLimit > 0 {
			skus = append(skus, item.SKU)
		}
	}
	return skus
}

func skusOf(items []inventory.StockItem) []string {
	skus := make([]string, len(items))
	for i, item := range items {
		skus[i] = item.SKU
	}
	return skus
}

// lastOfEach keeps the last value of each SKU, in SKU order.
func lastOfEach[T any](values []T, sku func(T) string) []T {
	last := map[string]T{}
	for _, value := range values {
		last[sku(value)] = value
	}
	list := make([]T, 0, len(last))
	for _, value := range last {
		list = append(list, value)
	}
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(sku(a), sku(b)) })
	return list
}
