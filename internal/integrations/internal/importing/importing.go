// Package importing brings products of a file into the shop, a batch at a time: one call of catalog, one of pricing and one
// of inventory. A batch that is brought in again, because nobody knows whether it was, changes nothing. The package decides
// what an import leaves alone (what the file does not speak of, and counts of stock that it only repeats); it owns nothing
// itself and knows neither how the file is kept nor how far it has come.
package importing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// backorderLimit is how much of a variant is sold beyond its stock when the file only says that selling goes on.
const backorderLimit = 1_000_000

// Catalog keeps products.
type Catalog interface {
	SaveProducts(ctx context.Context, req catalog.SaveProductsRequest) (catalog.SaveProductsAnswer, error)
}

// Pricing keeps prices.
type Pricing interface {
	SetPrices(ctx context.Context, req pricing.SetPricesRequest) (pricing.SetPricesAnswer, error)
	Prices(ctx context.Context, req pricing.PricesRequest) (pricing.PricesAnswer, error)
}

// Inventory keeps stock.
type Inventory interface {
	SetStock(ctx context.Context, req inventory.SetStockRequest) (inventory.SetStockAnswer, error)
}

// Memory knows what files said before.
type Memory interface {
	// FirstLines answers where the file of an import named each name first, and keeps the lines of those that are new.
	FirstLines(ctx context.Context, importID, kind string, lines map[string]int) (map[string]int, error)
	// Counted answers the count that a file last gave for each SKU.
	Counted(ctx context.Context, skus []string) (map[string]int64, error)
}

// Kinds of names.
const (
	kindHandle = "handle"
	kindSKU    = "sku"
)

// Links says whether a picture may be linked to; what it answers is why not.
type Links interface {
	Check(link string) error
}

// Importer brings products in.
type Importer struct {
	catalog   Catalog
	pricing   Pricing
	inventory Inventory
	memory    Memory
	links     Links
}

// Deps is what an Importer needs.
type Deps struct {
	Catalog   Catalog
	Pricing   Pricing
	Inventory Inventory
	Memory    Memory
	Links     Links
}

// New makes an importer.
func New(deps Deps) *Importer {
	return &Importer{catalog: deps.Catalog, pricing: deps.Pricing, inventory: deps.Inventory, memory: deps.Memory, links: deps.Links}
}

// Batch is a part of a file.
type Batch struct {
	ImportID string
	Groups   []shopify.Group
	DryRun   bool
}

// Outcome is what became of a batch, and what is to be remembered of it.
type Outcome struct {
	Summary integrations.Summary
	// Errors are in the order of rows.
	Errors []integrations.RowError
	// Counted are the counts of stock that the file gave, by SKU.
	Counted map[string]int64
	// Pictures are links to look at, by product.
	Pictures map[string][]string
}

// Import brings a batch in. A dry run answers the same and changes nothing, but does not look at stock: a product of which
// only the count changes is unchanged in it.
// Errors: those of the shop that no row is to blame for; then any part of the batch may have been brought in.
func (i *Importer) Import(ctx context.Context, batch Batch) (Outcome, error) {
	r := &run{Importer: i, batch: batch, out: Outcome{Counted: map[string]int64{}, Pictures: map[string][]string{}}}
	for _, group := range batch.Groups {
		r.take(group)
	}
	for _, step := range []func(context.Context) error{r.refuseRepeated, r.save, r.setPrices, r.setStock} {
		if err := step(ctx); err != nil {
			return Outcome{}, err
		}
	}
	r.count()
	slices.SortStableFunc(r.out.Errors, func(a, b integrations.RowError) int { return cmp.Compare(a.Row, b.Row) })
	return r.out, nil
}

// run is one batch on its way.
type run struct {
	*Importer

	batch  Batch
	wishes []*wish
	out    Outcome
}

// wish is a product on its way into the shop.
type wish struct {
	shopify.Product

	id      string
	ids     map[string]string
	outcome string
	// lost are rows that had no effect although the product goes on.
	lost int
}

// take keeps what a group says that cannot be used, and its product if there is one.
func (r *run) take(group shopify.Group) {
	r.out.Summary.Rows += group.Rows
	for _, problem := range group.Problems {
		r.out.Errors = append(r.out.Errors, problem.RowError)
	}
	if len(group.Product.Variants) == 0 {
		r.out.Summary.Failed += group.Rows
		return
	}
	w := &wish{Product: group.Product}
	for _, problem := range group.Problems {
		if problem.Skips {
			w.lost++
		}
	}
	r.checkLinks(w)
	r.wishes = append(r.wishes, w)
}

// checkLinks leaves out pictures that nobody would ever fetch.
func (r *run) checkLinks(w *wish) {
	w.Pictures = slices.DeleteFunc(slices.Clone(w.Pictures), func(p shopify.Picture) bool {
		err := r.links.Check(p.URL)
		if err == nil {
			return false
		}
		r.report(p.Line, w.Column(shopify.ColImage), integrations.CodePictureRefused, reasonOf(err)+"; left out")
		if p.Alone {
			w.lost++
		}
		return true
	})
}

func reasonOf(err error) string {
	var refusal *fault.Error
	if errors.As(err, &refusal) {
		return refusal.Detail
	}
	return err.Error()
}

func (r *run) report(line int, column, code, message string) {
	r.out.Errors = append(r.out.Errors, integrations.RowError{Row: line, Column: column, Code: code, Message: message})
}

// drop leaves out a product with all its rows. The row at fault says why, the others that they were left out with it.
func (r *run) drop(w *wish, line int, bad integrations.RowError) {
	for _, other := range w.Lines {
		if other == line {
			r.report(line, bad.Column, bad.Code, bad.Message)
			continue
		}
		r.report(other, "", integrations.CodeProductSkipped, "another row of the product cannot be used; nothing of the product was imported")
	}
	r.forget(w)
}

// refuseRepeated drops products whose handle the file named before: by then the product was brought in, and what a second
// half leaves out would be taken for removed.
func (r *run) refuseRepeated(ctx context.Context) error {
	handles := map[string]int{}
	for _, group := range r.batch.Groups {
		if _, twice := handles[group.Handle]; !twice && group.Handle != "" {
			handles[group.Handle] = group.Line
		}
	}
	first, err := r.memory.FirstLines(ctx, r.batch.ImportID, kindHandle, handles)
	if err != nil {
		return fmt.Errorf("find repeated handles: %w", err)
	}
	for _, w := range slices.Clone(r.wishes) {
		if first[w.Handle] == w.Lines[0] {
			continue
		}
		bad := integrations.RowError{Column: w.Column(shopify.ColHandle), Code: integrations.CodeHandleRepeated,
			Message: fmt.Sprintf("the rows of a product must stand together; %s began at row %d", w.Handle, first[w.Handle])}
		for _, line := range w.Lines {
			r.report(line, bad.Column, bad.Code, bad.Message)
		}
		r.forget(w)
	}
	if r.batch.DryRun {
		return r.refuseSKUs(ctx)
	}
	return nil
}

// forget leaves out a product whose rows were all reported.
func (r *run) forget(w *wish) {
	r.out.Summary.Failed += len(w.Lines)
	r.wishes = slices.DeleteFunc(r.wishes, func(other *wish) bool { return other == w })
}

// refuseSKUs drops, in a dry run, products with a SKU that another product of the file has; otherwise the catalog does.
func (r *run) refuseSKUs(ctx context.Context) error {
	lines := map[string]int{}
	for _, w := range r.wishes {
		for _, v := range w.Variants {
			if _, twice := lines[v.SKU]; !twice {
				lines[v.SKU] = v.Line
			}
		}
	}
	first, err := r.memory.FirstLines(ctx, r.batch.ImportID, kindSKU, lines)
	if err != nil {
		return fmt.Errorf("find repeated SKUs: %w", err)
	}
	for _, w := range slices.Clone(r.wishes) {
		for _, v := range w.Variants {
			if first[v.SKU] != v.Line {
				r.drop(w, v.Line, integrations.RowError{Column: w.Column(shopify.ColSKU), Code: integrations.CodeSKUTaken,
					Message: fmt.Sprintf("row %d has the same SKU", first[v.SKU])})
				break
			}
		}
	}
	return nil
}

func (r *run) count() {
	s := &r.out.Summary
	for _, w := range r.wishes {
		s.Failed += w.lost
		s.Products++
		s.Variants += len(w.Variants)
		s.Pictures += len(w.Pictures)
		for _, v := range w.Variants {
			s.Prices += 1 + len(v.Markets)
			if v.Tracked {
				s.Tracked++
			}
		}
		switch w.outcome {
		case catalog.OutcomeCreated:
			s.Created++
		case catalog.OutcomeUpdated:
			s.Updated++
		default:
			s.Unchanged++
		}
		if r.batch.DryRun {
			continue
		}
		for _, picture := range w.Pictures {
			r.out.Pictures[w.id] = append(r.out.Pictures[w.id], picture.URL)
		}
	}
}
