package valuing

import (
	"context"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// Variants are what the catalog knows of the variants that were asked for.
type Variants struct {
	byID  map[string]catalog.SellableVariant
	bySKU map[string]catalog.SellableVariant
}

// Variants reads variants by id and by SKU in one call; none are asked for without one.
func (v *Valuer) Variants(ctx context.Context, ids, skus []string) (Variants, error) {
	if len(ids) == 0 && len(skus) == 0 {
		return Variants{}, nil
	}
	answer, err := v.owners.Catalog.Variants(ctx, catalog.VariantsRequest{IDs: distinct(ids), SKUs: distinct(skus), MayRemember: true})
	if err != nil {
		return Variants{}, fmt.Errorf("read variants of cart: %w", err)
	}
	found := Variants{
		byID:  make(map[string]catalog.SellableVariant, len(answer.Variants)),
		bySKU: make(map[string]catalog.SellableVariant, len(answer.Variants)),
	}
	for _, variant := range answer.Variants {
		found.byID[variant.VariantID] = variant
		found.bySKU[variant.SKU] = variant
	}
	return found, nil
}

// SKU answers the SKU of a variant, empty when it is gone.
func (v Variants) SKU(id string) string { return v.byID[id].SKU }

// describe says what each line is. A variant that is gone keeps the looks it had.
func describe(c basket.Cart, variants Variants) []Line {
	lines := make([]Line, len(c.Lines))
	for i, line := range c.Lines {
		variant, known := variants.byID[line.VariantID]
		switch {
		case !known:
			lines[i] = Line{Product: line.Product, TaxClass: tax.ClassExempt, Fault: cart.ErrUnknownVariant}
		case !variant.Active:
			lines[i] = Line{Product: looks(variant), TaxClass: taxClass(variant), Fault: cart.ErrVariantUnavailable}
		default:
			lines[i] = Line{Product: looks(variant), TaxClass: taxClass(variant)}
		}
	}
	return lines
}

func looks(v catalog.SellableVariant) basket.Product {
	p := basket.Product{ProductID: v.ProductID, Handle: v.ProductHandle, SKU: v.SKU, Title: v.Title,
		VariantTitle: v.VariantTitle, Options: make([]cart.SelectedOption, len(v.Options)), RequiresShipping: v.RequiresShipping}
	for i, option := range v.Options {
		p.Options[i] = cart.SelectedOption{Name: option.Name, Value: option.Value}
	}
	if m := v.Thumbnail; m != nil {
		p.Thumbnail = &cart.Thumbnail{URL: m.URL, Alt: m.Alt, Width: m.Width, Height: m.Height}
	}
	return p
}

func taxClass(v catalog.SellableVariant) string {
	if !v.Taxable {
		return tax.ClassExempt
	}
	return v.TaxClass
}

func shippable(lines []Line) bool {
	return slices.ContainsFunc(lines, func(l Line) bool { return l.Product.RequiresShipping })
}

func distinct(values []string) []string {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
