package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// setPrices makes the file's prices hold everywhere. It answers how many were not current before.
func (w *wish) setPrices(ctx context.Context, ids map[string]string) (int, error) {
	var req pricing.SetPricesRequest
	for _, v := range w.product.Variants {
		req.Prices = append(req.Prices, pricing.Price{VariantID: ids[v.SKU], Amount: v.Price, CompareAt: v.CompareAt})
	}
	answer, err := w.pricing.SetPrices(ctx, req)
	if err != nil {
		return 0, fmt.Errorf("set prices: %w", err)
	}
	return answer.Changed, nil
}

// setStock sets how the variants are counted and what there is of them. It answers how many counts were others before.
func (w *wish) setStock(ctx context.Context, ids map[string]string) (int, error) {
	items := w.stockItems(ids)
	for {
		answer, err := w.inventory.SetStock(ctx, inventory.SetStockRequest{Items: items})
		if !errors.Is(err, inventory.ErrNegativeStock) {
			return answer.Changed, err
		}
		fewer := w.withoutPromised(items, err)
		if len(fewer) == len(items) {
			return 0, fmt.Errorf("set stock: %w", err)
		}
		items = fewer
	}
}

func (w *wish) stockItems(ids map[string]string) []inventory.StockItem {
	items := make([]inventory.StockItem, len(w.product.Variants))
	for i, v := range w.product.Variants {
		items[i] = inventory.StockItem{SKU: v.SKU, VariantID: ids[v.SKU], Mode: inventory.ModeNone, LowStockThreshold: inventory.KeepThreshold}
		if v.Tracked {
			items[i].Mode, items[i].OnHand = inventory.ModeTrack, v.OnHand
		}
		if v.Backorder {
			items[i].BackorderLimit = backorderLimit
		}
	}
	return items
}

// withoutPromised drops the items whose count is below what shoppers were promised, and reports them.
func (w *wish) withoutPromised(items []inventory.StockItem, err error) []inventory.StockItem {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return items
	}
	for _, field := range refusal.Fields {
		sku, _ := field.Members["sku"].(string)
		for _, v := range w.product.Variants {
			if v.SKU == sku {
				w.report(integrations.RowError{Row: v.Line, Column: "Variant Inventory Qty",
					Message: "more than this is promised to orders; the stock was left as it is"})
			}
		}
		items = slices.DeleteFunc(slices.Clone(items), func(i inventory.StockItem) bool { return i.SKU == sku })
	}
	return items
}
