package shopify

import (
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/money"
)

const trackerShopify = "shopify"

// isVariant says whether a row describes a variant, and not only a picture.
func isVariant(r row) bool {
	columns := []string{colSKU, colPrice}
	for n := 1; n <= maxOptions; n++ {
		columns = append(columns, optionValue(n))
	}
	for _, column := range columns {
		if r.cell(column) != "" {
			return true
		}
	}
	return false
}

func (d *draft) variant(r row) (Variant, *cellError) {
	v := Variant{Line: r.line, SKU: r.cell(colSKU), Barcode: barcode(r.cell(colBarcode))}
	for _, read := range []func(row, *Variant) *cellError{d.options, d.price, d.stock, d.terms} {
		if bad := read(r, &v); bad != nil {
			return Variant{}, bad
		}
	}
	return v, nil
}

func (d *draft) options(r row, v *Variant) *cellError {
	axis := 0
	for n := 1; n <= maxOptions; n++ {
		value := r.cell(optionValue(n))
		isAxis := axis < len(d.axes) && d.axes[axis] == n
		switch {
		case isAxis && value == "":
			return &cellError{optionValue(n), fmt.Sprintf("the variant has no %s", d.product.Options[axis])}
		case isAxis:
			v.Options = append(v.Options, value)
			axis++
		case value != "" && (n > 1 || !isDefaultTitle(value)):
			return &cellError{optionValue(n), "the first row of the product names no such option"}
		}
	}
	return nil
}

func (d *draft) price(r row, v *Variant) *cellError {
	text := r.cell(colPrice)
	if text == "" {
		return &cellError{colPrice, "the variant has no price"}
	}
	price, err := amount(text, d.currency)
	if err != nil {
		return &cellError{colPrice, err.Error()}
	}
	v.Price = price
	v.CompareAt = d.compareAt(r, price)
	return nil
}

// compareAt is the struck-through price. One that is not above the price would promise a saving that there is not.
func (d *draft) compareAt(r row, price money.Money) *money.Money {
	text := r.cell(colCompareAt)
	if text == "" {
		return nil
	}
	compareAt, err := amount(text, d.currency)
	if err != nil {
		d.note(r, colCompareAt, err.Error()+"; left out")
		return nil
	}
	if compareAt.Minor() <= price.Minor() {
		d.note(r, colCompareAt, fmt.Sprintf("%s is not above the price of %s; left out", compareAt, price))
		return nil
	}
	return &compareAt
}

func (d *draft) stock(r row, v *Variant) *cellError {
	tracker := r.cell(colTracker)
	v.Tracked = strings.EqualFold(tracker, trackerShopify)
	if !v.Tracked {
		if tracker != "" {
			d.note(r, colTracker, fmt.Sprintf("%q counts stock elsewhere; the variant is sold without counting", tracker))
		}
		return nil
	}
	v.Backorder = d.backorder(r)
	count, bad := quantity(r)
	if bad != nil || count == nil {
		return bad
	}
	if *count < 0 {
		d.note(r, colQuantity, fmt.Sprintf("%d is counted as 0", *count))
		*count = 0
	}
	v.OnHand = count
	return nil
}

// backorder says whether the variant is sold beyond its stock.
func (d *draft) backorder(r row) bool {
	policy := strings.ToLower(r.cell(colPolicy))
	if policy != "" && policy != "deny" && policy != "continue" {
		d.note(r, colPolicy, fmt.Sprintf("%q is neither deny nor continue; taken as deny", policy))
	}
	return policy == "continue"
}

// terms reads what delivery and tax need to know.
func (d *draft) terms(r row, v *Variant) (bad *cellError) {
	if v.RequiresShipping, bad = boolean(r, colRequiresShipping, !r.has(colRequiresShipping)); bad != nil {
		return bad
	}
	if v.Taxable, bad = boolean(r, colTaxable, !r.has(colTaxable)); bad != nil {
		return bad
	}
	if v.Grams, bad = grams(r); bad != nil {
		d.note(r, bad.column, bad.message+"; left out")
	}
	return nil
}
