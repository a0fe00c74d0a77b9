package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// changed says that something about the product, and not only nothing, is new.
func (w *wish) changed() {
	if w.outcome == catalog.OutcomeUnchanged {
		w.outcome = catalog.OutcomeUpdated
	}
}

// setPrices makes the file's prices hold: those of markets in their channels, the others everywhere.
func (r *run) setPrices(ctx context.Context) error {
	if r.batch.DryRun {
		return r.comparePrices(ctx)
	}
	var req pricing.SetPricesRequest
	owner := map[string]*wish{}
	for _, w := range r.wishes {
		for _, v := range w.Variants {
			id := w.ids[v.SKU]
			owner[id] = w
			req.Prices = append(req.Prices, pricing.Price{VariantID: id, Amount: v.Price, CompareAt: v.CompareAt})
			for _, m := range v.Markets {
				req.Prices = append(req.Prices, pricing.Price{VariantID: id, Amount: m.Price, CompareAt: m.CompareAt, ChannelID: m.ChannelID})
			}
		}
	}
	if len(req.Prices) == 0 {
		return nil
	}
	answer, err := r.pricing.SetPrices(ctx, req)
	if err != nil {
		return fmt.Errorf("set prices: %w", err)
	}
	for _, id := range answer.ChangedVariants {
		owner[id].changed()
	}
	return nil
}

// comparePrices finds out which products would have other prices.
func (r *run) comparePrices(ctx context.Context) error {
	var ids []string
	currency := ""
	for _, w := range r.wishes {
		if w.outcome != catalog.OutcomeUnchanged {
			continue
		}
		for _, v := range w.Variants {
			ids, currency = append(ids, w.ids[v.SKU]), v.Price.Currency()
		}
	}
	if len(ids) == 0 {
		return nil
	}
	answer, err := r.pricing.Prices(ctx, pricing.PricesRequest{VariantIDs: ids, Currency: currency})
	if err != nil {
		return fmt.Errorf("read prices: %w", err)
	}
	current := map[string]pricing.Price{}
	for _, p := range answer.Prices {
		current[p.VariantID] = p
	}
	for _, w := range r.wishes {
		for _, v := range w.Variants {
			if now, known := current[w.ids[v.SKU]]; !known || now.Amount != v.Price || !same(now.CompareAt, v.CompareAt) {
				w.changed()
			}
		}
	}
	return nil
}

func same(a, b *money.Money) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// setStock sets how the variants are counted and, where the file gives another count than files before it, what there is of
// them. The count is what is on hand at this moment: what is promised to shoppers stays promised, and a count below that is
// refused and leaves the stock as it is.
func (r *run) setStock(ctx context.Context) error {
	if r.batch.DryRun || len(r.wishes) == 0 {
		return nil
	}
	items, err := r.stockItems(ctx)
	if err != nil {
		return err
	}
	for {
		answer, err := r.inventory.SetStock(ctx, inventory.SetStockRequest{Items: items})
		if err == nil {
			r.noteCounted(items, answer.Changed)
			return nil
		}
		if !errors.Is(err, inventory.ErrNegativeStock) || !r.leavePromised(items, err) {
			return fmt.Errorf("set stock: %w", err)
		}
	}
}

func (r *run) stockItems(ctx context.Context) ([]inventory.StockItem, error) {
	var skus []string
	for _, w := range r.wishes {
		for _, v := range w.Variants {
			if v.OnHand != nil {
				skus = append(skus, v.SKU)
			}
		}
	}
	before, err := r.memory.Counted(ctx, skus)
	if err != nil {
		return nil, fmt.Errorf("find what files counted before: %w", err)
	}
	var items []inventory.StockItem
	for _, w := range r.wishes {
		for _, v := range w.Variants {
			item := itemOf(v, w.ids[v.SKU])
			if last, known := before[v.SKU]; known && item.OnHand != nil && last == *item.OnHand {
				item.OnHand = nil
			}
			items = append(items, item)
		}
	}
	return items, nil
}

func itemOf(v shopify.Variant, id string) inventory.StockItem {
	item := inventory.StockItem{SKU: v.SKU, VariantID: id, Mode: inventory.ModeNone, LowStockThreshold: inventory.KeepThreshold}
	if v.Tracked {
		item.Mode, item.OnHand = inventory.ModeTrack, v.OnHand
	}
	if v.Backorder {
		item.BackorderLimit = backorderLimit
	}
	return item
}

// noteCounted remembers the counts that were set. How many levels differed is known of the batch only; a product whose
// count was set is taken for changed when any did.
func (r *run) noteCounted(items []inventory.StockItem, differed int) {
	for _, item := range items {
		if item.OnHand != nil {
			r.out.Counted[item.SKU] = *item.OnHand
		}
	}
	for _, w := range r.wishes {
		for _, v := range w.Variants {
			if _, set := r.out.Counted[v.SKU]; set && differed > 0 {
				w.changed()
			}
		}
	}
}

// leavePromised takes the count out of items that have more promised than it, and reports them. It answers false when none
// was found.
func (r *run) leavePromised(items []inventory.StockItem, err error) bool {
	var refusal *fault.Error
	if !errors.As(err, &refusal) {
		return false
	}
	found := false
	for _, field := range refusal.Fields {
		sku, _ := field.Members["sku"].(string)
		i := slices.IndexFunc(items, func(item inventory.StockItem) bool { return item.SKU == sku && item.OnHand != nil })
		if i < 0 {
			continue
		}
		items[i].OnHand, found = nil, true
		for _, w := range r.wishes {
			for _, v := range w.Variants {
				if v.SKU == sku {
					r.report(v.Line, w.Column(shopify.ColQuantity), integrations.CodeNegativeStock,
						"more than this is promised to orders; the stock was left as it is")
				}
			}
		}
	}
	return found
}
