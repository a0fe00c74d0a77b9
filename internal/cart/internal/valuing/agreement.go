package valuing

import (
	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
)

// SnapshotLines returns the cart's lines with their amounts, as an order would take them over.
func (v Valuation) SnapshotLines(c basket.Cart) []cart.SnapshotLine {
	lines := make([]cart.SnapshotLine, len(c.Lines))
	for i, line := range c.Lines {
		found, amounts := v.Lines[i], v.Sheet.Lines[i]
		lines[i] = cart.SnapshotLine{
			ID: line.ID, VariantID: line.VariantID, ProductID: found.Product.ProductID,
			ProductHandle: found.Product.Handle, SKU: found.Product.SKU, Title: found.Product.Title,
			VariantTitle: found.Product.VariantTitle, Options: found.Product.Options, Thumbnail: found.Product.Thumbnail,
			Quantity: line.Quantity, UnitPrice: amounts.UnitPrice, CompareAt: found.CompareAt,
			Subtotal: amounts.Subtotal, Discount: amounts.Discount, Tax: amounts.Tax, Total: amounts.Total,
			TaxLines: taxLines(found.Taxes), TaxClass: found.TaxClass,
			RequiresShipping: found.Product.RequiresShipping, Metadata: line.Metadata,
		}
	}
	return lines
}

// SnapshotShipping returns the delivery that an order would take over; nil when nothing has to be sent.
func (v Valuation) SnapshotShipping() *cart.SnapshotShipping {
	if !v.Shippable || v.Option == nil {
		return nil
	}
	return &cart.SnapshotShipping{OptionID: v.Option.ID, Code: v.Option.Code, Name: v.Option.Name,
		Price: v.Sheet.Shipping.Price, Tax: v.Sheet.Shipping.Tax, TaxLines: taxLines(v.ShippingTaxes)}
}

func taxLines(taxes []cart.TaxLine) []cart.TaxLine {
	if taxes == nil {
		return []cart.TaxLine{}
	}
	return taxes
}
