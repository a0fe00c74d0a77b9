package demo

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// lowStock is how many of a variant shoppers are told to hurry for.
const lowStock = 5

// addPrices sets the prices of variants that have none.
func (l *loader) addPrices(ctx context.Context) error {
	ids, err := l.variantIDs(ctx)
	if err != nil {
		return err
	}
	req := pricing.PricesRequest{Currency: l.terms.Currency}
	for _, id := range ids {
		req.VariantIDs = append(req.VariantIDs, id)
	}
	answer, err := l.Pricing.Prices(ctx, req)
	if err != nil {
		return fmt.Errorf("find prices: %w", err)
	}
	priced := make(map[string]bool, len(answer.Prices))
	for _, p := range answer.Prices {
		priced[p.VariantID] = true
	}
	for sku, id := range ids {
		if priced[id] {
			delete(ids, sku)
		}
	}
	return l.setPrices(ctx, ids)
}

// setPrices sets the prices of these variants, whose ids come by SKU.
func (l *loader) setPrices(ctx context.Context, ids map[string]string) error {
	var req pricing.SetPricesRequest
	for _, p := range l.products {
		for _, v := range p.Variants {
			if ids[v.SKU] == "" {
				continue
			}
			price, err := l.price(v)
			if err != nil {
				return fmt.Errorf("price of %s: %w", v.SKU, err)
			}
			price.VariantID = ids[v.SKU]
			req.Prices = append(req.Prices, price)
		}
	}
	if len(req.Prices) == 0 {
		return nil
	}
	_, err := l.Pricing.SetPrices(ctx, req)
	return err
}

func (l *loader) price(v variant) (pricing.Price, error) {
	amount, err := money.ParseMajor(v.Price, l.terms.Currency)
	if err != nil || v.CompareAt == "" {
		return pricing.Price{Amount: amount}, err
	}
	compareAt, err := money.ParseMajor(v.CompareAt, l.terms.Currency)
	return pricing.Price{Amount: amount, CompareAt: &compareAt}, err
}

// setStock counts the products at the first location of the shop, whichever that is, and at the demo shop's own.
func (l *loader) setStock(ctx context.Context, products []product) error {
	if len(products) == 0 {
		return nil
	}
	own, err := l.Inventory.SaveLocation(ctx, inventory.SaveLocationRequest(l.terms.Location))
	if err != nil {
		return err
	}
	for place, locationID := range []string{"", own.ID} {
		req := inventory.SetStockRequest{LocationID: locationID, Items: stockItems(products, place)}
		if _, err := l.Inventory.SetStock(ctx, req); err != nil {
			return fmt.Errorf("set stock: %w", err)
		}
	}
	return nil
}

func stockItems(products []product, place int) []inventory.StockItem {
	var items []inventory.StockItem
	for _, p := range products {
		for _, v := range p.Variants {
			item := inventory.StockItem{SKU: v.SKU, Mode: inventory.ModeNone}
			if v.Stock != nil {
				item.Mode, item.LowStockThreshold, item.OnHand = inventory.ModeTrack, lowStock, &v.Stock[place]
			}
			items = append(items, item)
		}
	}
	return items
}

// saveTerms sets shipping options and tax rates.
func (l *loader) saveTerms(ctx context.Context) error {
	for position, option := range l.terms.Shipping {
		price, err := money.ParseMajor(option.Price, l.terms.Currency)
		if err != nil {
			return fmt.Errorf("price of shipping option %s: %w", option.Code, err)
		}
		req := fulfillment.SaveOptionRequest{Code: option.Code, Name: option.Name, Countries: option.Countries,
			Prices: []money.Money{price}, MinDays: option.Days[0], MaxDays: option.Days[1], TaxClass: tax.ClassStandard,
			Position: position, Active: true}
		if _, err := l.Fulfillment.SaveOption(ctx, req); err != nil {
			return fmt.Errorf("save shipping option %s: %w", option.Code, err)
		}
	}
	retired := l.terms.RetiredShipping
	req := fulfillment.SaveOptionRequest{Code: retired.Code, Name: retired.Name, TaxClass: tax.ClassStandard}
	if _, err := l.Fulfillment.SaveOption(ctx, req); err != nil {
		return fmt.Errorf("retire shipping option %s: %w", retired.Code, err)
	}
	return l.saveTaxes(ctx)
}

func (l *loader) saveTaxes(ctx context.Context) error {
	for _, rate := range l.terms.Taxes {
		req := tax.SaveRateRequest{Name: rate.Name, Country: rate.Country, TaxClass: rate.Class, Rate: rate.Rate, AppliesToShipping: true}
		if _, err := l.Tax.SaveRate(ctx, req); err != nil {
			return fmt.Errorf("save tax rate of %s: %w", rate.Country, err)
		}
	}
	return nil
}
