package shopify

import (
	"strings"

	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/money"
)

// Product is a product as the file wants it to be.
type Product struct {
	// Lines are the lines of all its rows; the first holds its own facts.
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
	// Category is the handle of a category that it is in; empty when the file names none.
	Category string
	// Attributes are those that the file has columns for; a blank one is not to be there.
	Attributes map[string]string
	// Options are the names of its options; none means that there is one variant.
	Options  []string
	Variants []Variant
	Pictures []Picture

	header *Header
}

// Column is how the file calls a column.
func (p Product) Column(column string) string { return p.header.Name(column) }

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
	Markets          []MarketPrice
	// Tracked says that its stock is counted. OnHand is that count, nil where the file does not say.
	Tracked bool
	OnHand  *int64
	// Backorder says that it is sold beyond its stock.
	Backorder bool
}

// MarketPrice is what a variant costs in one channel.
type MarketPrice struct {
	ChannelID string
	Price     money.Money
	CompareAt *money.Money
}

// draft turns the rows of one handle into a product.
type draft struct {
	rows     []row
	currency string
	product  Product
	// axes are the numbers of the options that the product has.
	axes     []int
	problems []Problem
	// refused are the lines whose rows cannot be used.
	refused map[int]bool
}

func newDraft(rows []row, handle, currency string) *draft {
	d := &draft{rows: rows, currency: currency, product: Product{Handle: handle, header: rows[0].Header}, refused: map[int]bool{}}
	for _, row := range rows {
		d.product.Lines = append(d.product.Lines, row.line)
	}
	return d
}

// note reports a cell that the row goes on without.
func (d *draft) note(r row, column, message string) {
	d.problems = append(d.problems, Problem{RowError: integrations.RowError{
		Row: r.line, Column: r.nameOf(column), Code: integrations.CodeCellLeftOut, Message: message}})
}

// refuse reports a row without which the product is not what it should be.
func (d *draft) refuse(r row, code string, bad *cellError) {
	d.refused[r.line] = true
	d.problems = append(d.problems, skip(r, code, bad))
}

func (d *draft) group() Group {
	if first := d.rows[0]; first.unreadable == "" {
		if bad := d.readFacts(first); bad != nil {
			d.refuse(first, integrations.CodeInvalidCell, bad)
		}
		d.readPictures()
		d.readVariants()
	}
	if len(d.refused) > 0 {
		return d.withoutAny()
	}
	if len(d.product.Variants) == 0 {
		return refuse(d.rows, ColPrice, integrations.CodeProductRefused, "the product has no variant")
	}
	nameVariants(&d.product)
	return Group{Product: d.product, Problems: d.problems}
}

// withoutAny leaves out the rows that could have been used with those that cannot. What was noted of them means nothing
// any more.
func (d *draft) withoutAny() Group {
	var group Group
	for _, problem := range d.problems {
		if problem.Skips && d.refused[problem.Row] {
			group.Problems = append(group.Problems, problem)
		}
	}
	for _, row := range d.rows {
		if !d.refused[row.line] {
			group.Problems = append(group.Problems, skip(row, integrations.CodeProductSkipped,
				&cellError{"", "another row of the product cannot be used; nothing of the product was imported"}))
		}
	}
	return group
}

// readFacts reads what the first row says of the product as a whole.
func (d *draft) readFacts(first row) *cellError {
	p := &d.product
	p.Title, p.Body, p.Vendor, p.Type = first.cell(ColTitle), first.cell(ColBody), first.cell(ColVendor), first.cell(ColType)
	p.SEOTitle, p.SEODescription = first.cell(ColSEOTitle), first.cell(ColSEODetail)
	p.Tags, p.Category, p.Attributes = tags(first.cell(ColTags)), category(first), first.attributes()
	d.readAxes(first)
	if p.Title == "" {
		return &cellError{ColTitle, "the first row of a product needs a title"}
	}
	published, bad := boolean(first, colPublished, true)
	if bad != nil {
		return bad
	}
	p.Published = published
	d.readStatus(first)
	d.holdBackGiftCard(first)
	return nil
}

// readStatus knows the column that later generations have beside Published; only a product that is active in both is sold.
func (d *draft) readStatus(first row) {
	switch status := strings.ToLower(first.cell(colStatus)); status {
	case "", "active":
	case "archived":
		d.product.Published, d.product.Archived = false, true
	case "draft", "unlisted":
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
