// Package importing brings the products of a file into the shop: each becomes one call of catalog, one of pricing and
// one of inventory. It decides what an import leaves alone (what the file does not speak of, and what rows that were
// skipped may have meant) and owns nothing itself; it knows no file format.
package importing

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// backorderLimit is how much of a variant is sold beyond its stock when the file only says that selling goes on.
const backorderLimit = 1_000_000

// Catalog keeps products.
type Catalog interface {
	Variants(ctx context.Context, req catalog.VariantsRequest) (catalog.VariantsAnswer, error)
	Products(ctx context.Context, req catalog.ProductsRequest) (catalog.ProductsAnswer, error)
	SaveProduct(ctx context.Context, req catalog.SaveProductRequest) (catalog.SaveProductAnswer, error)
}

// Pricing keeps prices.
type Pricing interface {
	SetPrices(ctx context.Context, req pricing.SetPricesRequest) (pricing.SetPricesAnswer, error)
}

// Inventory keeps stock.
type Inventory interface {
	SetStock(ctx context.Context, req inventory.SetStockRequest) (inventory.SetStockAnswer, error)
}

// Channels knows the currency that a file's prices are in.
type Channels interface {
	Resolve(ctx context.Context, req channels.ResolveRequest) (channels.Context, error)
}

// Importer imports files.
type Importer struct {
	catalog   Catalog
	pricing   Pricing
	inventory Inventory
	channels  Channels
}

// New makes an importer.
func New(products Catalog, prices Pricing, stock Inventory, sales Channels) *Importer {
	return &Importer{catalog: products, pricing: prices, inventory: stock, channels: sales}
}

// ImportProducts reads a product file and saves its products one by one, with prices in the default currency of the
// default channel and stock at the first location. report hears of each row that was not as it should be. An error ends
// the import where it stands; the summary counts what was done until then, and running the file again goes on.
// Errors: integrations.ErrInvalidFile, and those of the shop that no row is to blame for.
func (i *Importer) ImportProducts(
	ctx context.Context, file io.Reader, report func(integrations.RowError),
) (integrations.Summary, error) {
	sold, err := i.channels.Resolve(ctx, channels.ResolveRequest{})
	if err != nil {
		return integrations.Summary{}, fmt.Errorf("find the currency of the default channel: %w", err)
	}
	reader, err := shopify.NewReader(file, sold.Currency)
	if err != nil {
		return integrations.Summary{}, err
	}
	r := &run{Importer: i, report: report}
	r.summary.UnknownColumns = reader.UnknownColumns()
	err = r.all(ctx, reader)
	return r.summary, err
}

// run is one import of one file.
type run struct {
	*Importer

	report  func(integrations.RowError)
	summary integrations.Summary
}

func (r *run) all(ctx context.Context, reader *shopify.Reader) error {
	for {
		group, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.take(ctx, group); err != nil {
			return err
		}
	}
}

// take imports one product.
func (r *run) take(ctx context.Context, group shopify.Group) error {
	r.summary.Rows += group.Rows
	skipped := map[int]bool{}
	for _, problem := range group.Problems {
		r.report(problem.RowError)
		if problem.Skips {
			skipped[problem.Row] = true
		}
	}
	if len(group.Product.Variants) > 0 {
		w := &wish{run: r, product: group.Product, skipped: skipped}
		if err := w.fulfill(ctx); err != nil {
			return fmt.Errorf("import product %s: %w", group.Product.Handle, err)
		}
	}
	r.summary.Failed += len(skipped)
	return nil
}
