package shopify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/money"
)

// Product is a product as the file wants it to be.
type Product struct {
	// Lines are the lines of all rows that were read for it; the first holds its own facts.
	Lines  []int
	Handle string
	Title  string
	// Body is HTML that nobody has cleaned yet.
	Body      string
	Vendor    string
	Type      string
	Tags      []string
	Published bool
	// Archived products are kept out of the shop and out of the way.
	Archived       bool
	SEOTitle       string
	SEODescription string
	// Options are the names of its options; none means that there is one variant.
	Options  []string
	Variants []Variant
	Pictures []Picture
}

// Variant is a variant as the file wants it to be. Options holds one value for each option of the product.
type Variant struct {
	Line             int
	SKU              string
	Options          []string
	Barcode          string
	Grams            int64
	RequiresShipping bool
	Taxable          bool
	Price            money.Money
	CompareAt        *money.Money
	// Tracked says that its stock is counted. OnHand is that count, nil where the file does not say.
	Tracked bool
	OnHand  *int64
	// Backorder says that it is sold beyond its stock.
	Backorder bool
}

// draft turns the rows of one handle into a product.
type draft struct {
	rows     []row
	currency string
	product  Product
	// axes are the numbers of the options that the product has.
	axes     []int
	problems []Problem
}

func newDraft(rows []row, handle, currency string) *draft {
	d := &draft{rows: rows, currency: currency, product: Product{Handle: handle}}
	for _, row := range rows {
		d.product.Lines = append(d.product.Lines, row.line)
	}
	return d
}

// note reports a cell that the row goes on without.
func (d *draft) note(r row, column, message string) {
	d.problems = append(d.problems, Problem{RowError: integrations.RowError{Row: r.line, Column: column, Message: message}})
}

func (d *draft) skip(r row, bad *cellError) {
	d.problems = append(d.problems, skip(r.line, bad.column, bad.message))
}

func (d *draft) group() Group {
	if bad := d.readFacts(); bad != nil {
		return refuse(d.rows, bad.column, bad.message)
	}
	d.readPictures()
	d.readVariants()
	if len(d.product.Variants) == 0 {
		return d.withoutVariants()
	}
	nameVariants(&d.product)
	return Group{Product: d.product, Problems: d.problems}
}

// withoutVariants skips the rows that were not skipped on their own account.
func (d *draft) withoutVariants() Group {
	group := Group{Problems: d.problems}
	for _, row := range d.rows {
		own := func(p Problem) bool { return p.Skips && p.Row == row.line }
		if !slices.ContainsFunc(d.problems, own) {
			group.Problems = append(group.Problems, skip(row.line, colPrice, "the product has no variant that can be sold"))
		}
	}
	return group
}

// readFacts reads what the first row says of the product as a whole.
func (d *draft) readFacts() *cellError {
	first := d.rows[0]
	p := &d.product
	p.Title, p.Body, p.Vendor, p.Type = first.cell(colTitle), first.cell(colBody), first.cell(colVendor), first.cell(colType)
	p.SEOTitle, p.SEODescription = first.cell(colSEOTitle), first.cell(colSEODescription)
	p.Tags = tags(first.cell(colTags))
	if p.Title == "" {
		return &cellError{colTitle, "the first row of a product needs a title"}
	}
	published, bad := boolean(first, colPublished, true)
	if bad != nil {
		return bad
	}
	p.Published = published
	d.readStatus(first)
	d.holdBackGiftCard(first)
	d.readAxes(first)
	return nil
}

// readStatus knows the column that later exports have beside Published; only a product that is active in both is sold.
func (d *draft) readStatus(first row) {
	switch status := strings.ToLower(first.cell(colStatus)); status {
	case "", "active":
	case "archived":
		d.product.Published, d.product.Archived = false, true
	case "draft":
		d.product.Published = false
	default:
		d.product.Published = false
		d.note(first, colStatus, "the status is not known; the product becomes a draft")
	}
}

// holdBackGiftCard keeps a gift card from being sold as if it were a thing: nothing would be issued for the money.
func (d *draft) holdBackGiftCard(first row) {
	if giftCard, bad := boolean(first, colGiftCard, false); bad != nil || giftCard {
		d.product.Published = false
		d.note(first, colGiftCard, "gift cards cannot be sold yet; the product becomes a draft")
	}
}

// readAxes finds out which of the three options the product has.
func (d *draft) readAxes(first row) {
	for n := 1; n <= maxOptions; n++ {
		name := first.cell(optionName(n))
		if name == "" || n == 1 && isNoOption(name, first.cell(optionValue(n))) {
			continue
		}
		d.axes = append(d.axes, n)
		d.product.Options = append(d.product.Options, name)
	}
}

// isNoOption recognizes how the format says that a product has no options.
func isNoOption(name, value string) bool {
	return strings.EqualFold(name, "Title") && isDefaultTitle(value)
}

func isDefaultTitle(value string) bool { return strings.EqualFold(value, "Default Title") }

func tags(list string) []string {
	var found []string
	for tag := range strings.SplitSeq(list, ",") {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(found, tag) {
			found = append(found, tag)
		}
	}
	return found
}

func (d *draft) readVariants() {
	for i, row := range d.rows {
		switch {
		case isVariant(row):
			d.readVariant(row)
		case i > 0 && row.cell(colImage) == "":
			d.skip(row, &cellError{colPrice, "the row has neither a variant nor a picture"})
		}
	}
}

func (d *draft) readVariant(r row) {
	v, bad := d.variant(r)
	if bad == nil {
		bad = d.repeats(v)
	}
	if bad != nil {
		d.skip(r, bad)
		return
	}
	d.product.Variants = append(d.product.Variants, v)
}

// repeats refuses a variant that the product has already.
func (d *draft) repeats(v Variant) *cellError {
	for _, other := range d.product.Variants {
		if slices.Equal(other.Options, v.Options) {
			return &cellError{optionValue(1), fmt.Sprintf("row %d has the same option values", other.Line)}
		}
		if v.SKU != "" && other.SKU == v.SKU {
			return &cellError{colSKU, fmt.Sprintf("row %d has the same SKU", other.Line)}
		}
	}
	return nil
}
