package importing

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
)

// wish is a product on its way into the shop.
type wish struct {
	*run

	product shopify.Product
	// before is the product as the shop has it; without an id it is new.
	before catalog.Product
	// skipped are the lines of the product's rows that were left out.
	skipped map[int]bool
}

func (w *wish) fulfill(ctx context.Context) (err error) {
	if w.before, err = w.existing(ctx); err != nil {
		return err
	}
	saved, err := w.save(ctx)
	if err != nil || len(w.product.Variants) == 0 {
		return err
	}
	ids := make(map[string]string, len(saved.Product.Variants))
	for _, v := range saved.Product.Variants {
		ids[v.SKU] = v.ID
	}
	repriced, err := w.setPrices(ctx, ids)
	if err != nil {
		return err
	}
	recounted, err := w.setStock(ctx, ids)
	if err != nil {
		return err
	}
	if saved.Outcome == catalog.OutcomeUnchanged && repriced+recounted > 0 {
		saved.Outcome = catalog.OutcomeUpdated
	}
	w.count(saved.Outcome)
	return nil
}

// existing finds the product by its handle and the SKUs it has in the file.
func (w *wish) existing(ctx context.Context) (catalog.Product, error) {
	skus := make([]string, len(w.product.Variants))
	for i, v := range w.product.Variants {
		skus[i] = v.SKU
	}
	known, err := w.catalog.Variants(ctx, catalog.VariantsRequest{SKUs: skus})
	if err != nil {
		return catalog.Product{}, fmt.Errorf("find variants: %w", err)
	}
	for _, v := range known.Variants {
		if v.ProductHandle != w.product.Handle {
			continue
		}
		found, err := w.catalog.Products(ctx, catalog.ProductsRequest{IDs: []string{v.ProductID}})
		if err != nil {
			return catalog.Product{}, fmt.Errorf("read product: %w", err)
		}
		if len(found.Products) > 0 {
			return found.Products[0], nil
		}
	}
	return catalog.Product{}, nil
}

// skip leaves out a row and says why.
func (w *wish) skip(line int, column, message string) {
	w.skipped[line] = true
	w.report(integrations.RowError{Row: line, Column: column, Message: message})
}

// skipAll leaves out the product with all its rows.
func (w *wish) skipAll(column, message string) {
	for _, line := range w.product.Lines {
		if !w.skipped[line] {
			w.skip(line, column, message)
		}
	}
	w.product.Variants = nil
}

func (w *wish) count(outcome string) {
	s := &w.summary
	s.Products++
	s.Variants += len(w.product.Variants)
	s.Prices += len(w.product.Variants)
	s.Pictures += len(w.product.Pictures)
	for _, v := range w.product.Variants {
		if v.Tracked {
			s.Tracked++
		}
	}
	switch outcome {
	case catalog.OutcomeCreated:
		s.Created++
	case catalog.OutcomeUpdated:
		s.Updated++
	case catalog.OutcomeUnchanged:
		s.Unchanged++
	}
}
