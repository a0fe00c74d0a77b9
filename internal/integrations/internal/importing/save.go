package importing

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// save brings the products themselves in, and drops those that the catalog refuses.
func (r *run) save(ctx context.Context) error {
	if len(r.wishes) == 0 {
		return nil
	}
	req := catalog.SaveProductsRequest{DryRun: r.batch.DryRun, Products: make([]catalog.SaveProductRequest, len(r.wishes))}
	for i, w := range r.wishes {
		req.Products[i] = w.request()
	}
	answer, err := r.catalog.SaveProducts(ctx, req)
	if err != nil {
		return err
	}
	for i, w := range slices.Clone(r.wishes) {
		result := answer.Results[i]
		if result.Refusal != nil {
			r.refused(w, result.Refusal)
			continue
		}
		w.id, w.outcome, w.ids = result.ProductID, result.Outcome, make(map[string]string, len(result.Variants))
		for _, v := range result.Variants {
			w.ids[v.SKU] = v.ID
		}
	}
	return nil
}

// request is the product as the catalog is to have it.
func (w *wish) request() catalog.SaveProductRequest {
	p := w.Product
	req := catalog.SaveProductRequest{
		Handle: p.Handle, Title: p.Title, Description: p.Body, Vendor: p.Vendor, ProductType: p.Type,
		Status: catalog.StatusDraft, Tags: p.Tags, Options: p.Options, Attributes: p.Attributes,
		SEO: catalog.SEO{Title: p.SEOTitle, Description: p.SEODescription},
	}
	switch {
	case p.Archived:
		req.Status = catalog.StatusArchived
	case p.Published:
		req.Status = catalog.StatusActive
	}
	if p.Category != "" {
		req.CategoryHandles = []string{p.Category}
	}
	for _, picture := range p.Pictures {
		req.Media = append(req.Media, catalog.Media{URL: picture.URL, Alt: picture.Alt})
	}
	for _, v := range p.Variants {
		req.Variants = append(req.Variants, catalog.SaveVariant{
			SKU: v.SKU, Options: v.Options, Barcode: v.Barcode, WeightGrams: v.Grams,
			RequiresShipping: v.RequiresShipping, Taxable: v.Taxable})
	}
	return req
}

// refused drops a product and names the row and column that the catalog finds fault with.
func (r *run) refused(w *wish, refusal *fault.Error) {
	line := w.Lines[0]
	bad := integrations.RowError{Code: integrations.CodeProductRefused, Message: refusal.Detail}
	if refusal.Code == catalog.ErrSKUTaken.Code {
		bad.Code, bad.Column = integrations.CodeSKUTaken, w.Column(shopify.ColSKU)
	}
	if len(refusal.Fields) > 0 {
		first := refusal.Fields[0]
		if column := columnOf(first.Pointer); column != "" {
			bad.Column = w.Column(column)
		}
		if first.Detail != "" {
			bad.Message = fmt.Sprintf("%s: %s", refusal.Detail, first.Detail)
		}
		if i, ok := variantIndex(first.Pointer); ok && i < len(w.Variants) {
			line = w.Variants[i].Line
		}
	}
	r.drop(w, line, bad)
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

// columnOf names the column that a part of the request came from.
func columnOf(pointer string) string {
	columns := []struct{ part, column string }{
		{"/sku", shopify.ColSKU}, {"/barcode", shopify.ColBarcode}, {"/weight_grams", shopify.ColGrams},
		{"/option", shopify.ColOption}, {"/handle", shopify.ColHandle}, {"/seo/title", shopify.ColSEOTitle}, {"/title", shopify.ColTitle},
		{"/seo/description", shopify.ColSEODetail}, {"/description", shopify.ColBody}, {"/vendor", shopify.ColVendor},
		{"/product_type", shopify.ColType}, {"/tags", shopify.ColTags}, {"/media", shopify.ColImage},
	}
	for _, c := range columns {
		if strings.Contains(pointer, c.part) {
			return c.column
		}
	}
	return ""
}
