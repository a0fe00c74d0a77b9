package importing

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// save saves the product without the variants that the catalog refuses. The product has no variants left when nothing
// of it was saved.
func (w *wish) save(ctx context.Context) (catalog.SaveProductAnswer, error) {
	for {
		req, ok := w.request()
		if !ok {
			w.skipAll("Option1 Name", "rows of the product were skipped while its options changed")
			return catalog.SaveProductAnswer{}, nil
		}
		saved, err := w.catalog.SaveProduct(ctx, req)
		var refusal *fault.Error
		if err == nil || !isRefusal(err) || !errors.As(err, &refusal) {
			return saved, err
		}
		if !w.dropRefused(refusal) {
			column, reason := explain(refusal)
			w.skipAll(column, reason)
		}
		if len(w.product.Variants) == 0 {
			w.skipAll("", "every variant of the product was refused")
			return catalog.SaveProductAnswer{}, nil
		}
	}
}

// isRefusal says whether the catalog finds fault with the product, and not the import with the catalog.
func isRefusal(err error) bool {
	return errors.Is(err, catalog.ErrInvalidProduct) || errors.Is(err, catalog.ErrSKUTaken) ||
		errors.Is(err, catalog.ErrExternalIDTaken)
}

// dropRefused skips the variants that a refusal is about. It answers false when the refusal is about anything else.
func (w *wish) dropRefused(refusal *fault.Error) bool {
	refused := map[int]fault.Field{}
	for _, field := range refusal.Fields {
		i, ok := variantIndex(field.Pointer)
		if !ok || i >= len(w.product.Variants) {
			return false
		}
		refused[i] = field
	}
	var kept []shopify.Variant
	for i, v := range w.product.Variants {
		field, bad := refused[i]
		if !bad {
			kept = append(kept, v)
			continue
		}
		w.skip(v.Line, columnOf(field.Pointer), reason(refusal, field))
	}
	w.product.Variants = kept
	return len(refused) > 0
}

// variantIndex reads N of /variants/N/...
func variantIndex(pointer string) (int, bool) {
	rest, ok := strings.CutPrefix(pointer, "/variants/")
	if !ok {
		return 0, false
	}
	number, _, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(number)
	return i, err == nil
}

func explain(refusal *fault.Error) (column, message string) {
	if len(refusal.Fields) == 0 {
		return "", refusal.Detail
	}
	first := refusal.Fields[0]
	return columnOf(first.Pointer), reason(refusal, first)
}

func reason(refusal *fault.Error, field fault.Field) string {
	if field.Detail == "" {
		return refusal.Detail
	}
	return refusal.Detail + ": " + field.Detail
}

// columnOf names the column that a part of the request came from.
func columnOf(pointer string) string {
	columns := []struct{ part, column string }{
		{"/sku", "Variant SKU"}, {"/barcode", "Variant Barcode"}, {"/weight_grams", "Variant Grams"},
		{"/option", "Option1 Value"}, {"/handle", "Handle"}, {"/seo/title", "SEO Title"}, {"/title", "Title"},
		{"/seo/description", "SEO Description"}, {"/description", "Body (HTML)"}, {"/vendor", "Vendor"},
		{"/product_type", "Type"}, {"/tags", "Tags"}, {"/media", "Image Src"},
	}
	for _, c := range columns {
		if strings.Contains(pointer, c.part) {
			return c.column
		}
	}
	return ""
}

// request is the product as the catalog is to have it. What the file does not speak of stays as the shop has it. When
// rows were skipped, so do variants that the file does not name, because a skipped row may have meant them; it answers
// false when they cannot stay.
func (w *wish) request() (catalog.SaveProductRequest, bool) {
	p := w.product
	req := catalog.SaveProductRequest{
		Handle: p.Handle, Title: p.Title, Description: p.Body, Vendor: p.Vendor, ProductType: p.Type,
		Status: catalog.StatusDraft, Tags: p.Tags, Options: p.Options,
		SEO:        catalog.SEO{Title: p.SEOTitle, Description: p.SEODescription},
		Attributes: w.before.Attributes, TaxClass: w.before.TaxClass, ExternalID: w.before.ExternalID,
	}
	switch {
	case p.Archived:
		req.Status = catalog.StatusArchived
	case p.Published:
		req.Status = catalog.StatusActive
	}
	for _, picture := range p.Pictures {
		req.Media = append(req.Media, catalog.Media{URL: picture.URL, Alt: picture.Alt})
	}
	for _, category := range w.before.Categories {
		req.CategoryHandles = append(req.CategoryHandles, category.Handle)
	}
	for _, collection := range w.before.Collections {
		req.CollectionHandles = append(req.CollectionHandles, collection.Handle)
	}
	for _, v := range p.Variants {
		req.Variants = append(req.Variants, catalog.SaveVariant{
			SKU: v.SKU, Options: v.Options, Barcode: v.Barcode, WeightGrams: v.Grams,
			RequiresShipping: v.RequiresShipping, Taxable: v.Taxable})
	}
	return req, len(w.skipped) == 0 || w.keepOthers(&req)
}

// keepOthers adds the variants that the shop has and the request does not name.
func (w *wish) keepOthers(req *catalog.SaveProductRequest) bool {
	named := func(sku string) bool {
		return slices.ContainsFunc(w.product.Variants, func(v shopify.Variant) bool { return v.SKU == sku })
	}
	for _, v := range w.before.Variants {
		if named(v.SKU) {
			continue
		}
		var names, values []string
		for _, option := range v.Options {
			names, values = append(names, option.Name), append(values, option.Value)
		}
		if !slices.Equal(names, req.Options) {
			return false
		}
		req.Variants = append(req.Variants, catalog.SaveVariant{
			SKU: v.SKU, Options: values, Barcode: v.Barcode, WeightGrams: v.WeightGrams,
			RequiresShipping: v.RequiresShipping, Taxable: v.Taxable})
	}
	return true
}
