package shopify

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/money"
)

const trackerShopify = "shopify"

// maxSKU is what the shop takes.
const maxSKU = 255

// isVariant says whether a row describes a variant, and not only a picture.
func isVariant(r row) bool {
	if r.cell(ColSKU) != "" || r.cell(ColPrice) != "" {
		return true
	}
	for n := 1; n <= maxOptions; n++ {
		if r.cell(optionValue(n)) != "" {
			return true
		}
	}
	return false
}

func (d *draft) readVariants() {
	known := map[string]int{}
	for i, row := range d.rows {
		switch {
		case row.unreadable != "":
		case isVariant(row):
			d.readVariant(row, known)
		case i > 0 && row.cell(ColImage) == "":
			d.problems = append(d.problems, skip(row, integrations.CodeInvalidCell, &cellError{ColPrice, "the row has neither a variant nor a picture"}))
		}
	}
}

func (d *draft) readVariant(r row, known map[string]int) {
	v, bad := d.variant(r)
	if bad == nil {
		bad = repeats(v, known)
	}
	if bad != nil {
		d.refuse(r, integrations.CodeInvalidCell, bad)
		return
	}
	d.product.Variants = append(d.product.Variants, v)
}

// repeats refuses a variant that the product has already.
func repeats(v Variant, known map[string]int) *cellError {
	values := "values " + strings.Join(v.Options, "\x00")
	if line, again := known[values]; again {
		return &cellError{ColOption, fmt.Sprintf("row %d has the same option values", line)}
	}
	sku := "sku " + v.SKU
	if line, again := known[sku]; again && v.SKU != "" {
		return &cellError{ColSKU, fmt.Sprintf("row %d has the same SKU", line)}
	}
	known[values], known[sku] = v.Line, v.Line
	return nil
}

func (d *draft) variant(r row) (Variant, *cellError) {
	v := Variant{Line: r.line, SKU: r.cell(ColSKU), Barcode: barcode(r.cell(ColBarcode))}
	if utf8.RuneCountInString(v.SKU) > maxSKU {
		return Variant{}, &cellError{ColSKU, fmt.Sprintf("a SKU has at most %d characters", maxSKU)}
	}
	for _, read := range []func(row, *Variant) *cellError{d.options, d.price, d.stock, d.terms} {
		if bad := read(r, &v); bad != nil {
			return Variant{}, bad
		}
	}
	d.marketPrices(r, &v)
	return v, nil
}

func (d *draft) options(r row, v *Variant) *cellError {
	for n := 1; n <= maxOptions; n++ {
		value := r.cell(optionValue(n))
		axis := slices.Index(d.axes, n)
		switch {
		case axis >= 0 && value == "":
			return &cellError{optionValue(n), fmt.Sprintf("the variant has no %s", d.product.Options[axis])}
		case axis >= 0:
			v.Options = append(v.Options, value)
		case value != "" && (n > 1 || !isDefaultTitle(value)):
			return &cellError{optionValue(n), "the first row of the product names no such option"}
		}
	}
	return nil
}

func (d *draft) price(r row, v *Variant) *cellError {
	text := r.cell(ColPrice)
	if text == "" {
		return &cellError{ColPrice, "the variant has no price"}
	}
	price, err := amount(text, d.currency)
	if err != nil {
		return &cellError{ColPrice, err.Error()}
	}
	v.Price = price
	v.CompareAt = d.compareAt(r, colCompareAt, r.cell(colCompareAt), price)
	return nil
}

// compareAt is the struck-through price. One that is not above the price would promise a saving that there is not.
func (d *draft) compareAt(r row, column, text string, price money.Money) *money.Money {
	if text == "" {
		return nil
	}
	compareAt, err := amount(text, price.Currency())
	if err != nil {
		d.note(r, column, err.Error()+"; left out")
		return nil
	}
	if compareAt.Minor() <= price.Minor() {
		d.note(r, column, fmt.Sprintf("%s is not above the price of %s; left out", compareAt, price))
		return nil
	}
	return &compareAt
}

// marketPrices reads what the variant costs in channels that have prices of their own; a blank cell says nothing.
func (d *draft) marketPrices(r row, v *Variant) {
	for _, m := range r.markets {
		text := r.at(m.price)
		if text == "" {
			continue
		}
		price, err := amount(text, m.Currency)
		if err != nil {
			d.note(r, m.name, err.Error()+"; left out")
			continue
		}
		v.Markets = append(v.Markets, MarketPrice{m.ChannelID, price, d.compareAt(r, m.name, r.at(m.compareAt), price)})
	}
}

func (d *draft) stock(r row, v *Variant) *cellError {
	tracker := r.cell(colTracker)
	v.Tracked = strings.EqualFold(tracker, trackerShopify)
	if !v.Tracked {
		if tracker != "" {
			d.note(r, colTracker, fmt.Sprintf("%.64q counts stock elsewhere; the variant is sold without counting", tracker))
		}
		return nil
	}
	v.Backorder = d.backorder(r)
	count, bad := quantity(r)
	if bad != nil || count == nil {
		return bad
	}
	if *count < 0 {
		d.note(r, ColQuantity, fmt.Sprintf("%d is counted as 0", *count))
		*count = 0
	}
	v.OnHand = count
	return nil
}

// backorder says whether the variant is sold beyond its stock. The newest generation writes true and false as well.
func (d *draft) backorder(r row) bool {
	switch policy := strings.ToLower(r.cell(colPolicy)); policy {
	case "continue", "true":
		return true
	case "", "deny", "false":
		return false
	default:
		d.note(r, colPolicy, fmt.Sprintf("%.32q is neither deny nor continue; taken as deny", policy))
		return false
	}
}

// terms reads what delivery and tax need to know.
func (d *draft) terms(r row, v *Variant) (bad *cellError) {
	if v.RequiresShipping, bad = boolean(r, colShipping, !r.has(colShipping)); bad != nil {
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
