package importing_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/shopify"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// shop is a shop in memory. It plays all modules an import speaks to and counts what they would announce.
type shop struct {
	products map[string]catalog.Product
	prices   map[string]pricing.Price
	stock    map[string]inventory.StockItem
	promised map[string]int64
	// refuse finds fault with a product that is otherwise good.
	refuse    func(catalog.SaveProductRequest) error
	broken    error
	announced int
	calls     int
	ids       int
	imports   int
	// named and counted are what imports remember.
	named   map[string]int
	counted map[string]int64
}

func newShop() *shop {
	return &shop{products: map[string]catalog.Product{}, prices: map[string]pricing.Price{},
		stock: map[string]inventory.StockItem{}, promised: map[string]int64{},
		named: map[string]int{}, counted: map[string]int64{}}
}

func (s *shop) newID() string {
	s.ids++
	return fmt.Sprintf("id-%d", s.ids)
}

// SaveProducts implements importing.Catalog.
func (s *shop) SaveProducts(_ context.Context, req catalog.SaveProductsRequest) (answer catalog.SaveProductsAnswer, err error) {
	if s.broken != nil {
		return answer, s.broken
	}
	s.calls++
	for _, wanted := range req.Products {
		answer.Results = append(answer.Results, s.save(wanted, req.DryRun))
	}
	return answer, nil
}

func (s *shop) save(req catalog.SaveProductRequest, dryRun bool) catalog.SaveProductsResult {
	var refusal *fault.Error
	if errors.As(s.check(req), &refusal) {
		return catalog.SaveProductsResult{Refusal: refusal}
	}
	before, exists := s.products[req.Handle]
	after := s.applied(before, req)
	result := catalog.SaveProductsResult{ProductID: after.ID, Outcome: catalog.OutcomeUnchanged}
	for _, v := range after.Variants {
		result.Variants = append(result.Variants, catalog.VariantRef{ID: v.ID, SKU: v.SKU})
	}
	if exists && reflect.DeepEqual(before, after) {
		return result
	}
	result.Outcome = catalog.OutcomeCreated
	if exists {
		result.Outcome = catalog.OutcomeUpdated
	}
	if !dryRun {
		s.announced++
		s.products[req.Handle] = after
	}
	return result
}

func (s *shop) check(req catalog.SaveProductRequest) error {
	taken := catalog.ErrSKUTaken
	for i, wanted := range req.Variants {
		for _, p := range s.products {
			theirs := slices.ContainsFunc(p.Variants, func(v catalog.Variant) bool { return v.SKU == wanted.SKU })
			if theirs && p.Handle != req.Handle {
				taken = taken.With(fault.Field{Pointer: fmt.Sprintf("/variants/%d/sku", i), Detail: wanted.SKU})
			}
		}
	}
	if len(taken.Fields) > 0 {
		return taken
	}
	if s.refuse != nil {
		return s.refuse(req)
	}
	return nil
}

func (s *shop) applied(p catalog.Product, req catalog.SaveProductRequest) catalog.Product {
	had := p.Variants
	if p.ID == "" {
		p.ID = s.newID()
	}
	p.Handle, p.Title, p.Description, p.Vendor, p.ProductType = req.Handle, req.Title, req.Description, req.Vendor, req.ProductType
	p.Status, p.Tags, p.Media, p.SEO, p.Attributes = req.Status, req.Tags, req.Media, req.SEO, req.Attributes
	p.TaxClass, p.ExternalID = req.TaxClass, req.ExternalID
	p.Options, p.Categories, p.Collections, p.Variants = nil, nil, nil, nil
	for _, name := range req.Options {
		p.Options = append(p.Options, catalog.Option{Name: name})
	}
	for _, handle := range req.CategoryHandles {
		p.Categories = append(p.Categories, catalog.Category{Handle: handle})
	}
	for _, handle := range req.CollectionHandles {
		p.Collections = append(p.Collections, catalog.Collection{Handle: handle})
	}
	for i, wanted := range req.Variants {
		p.Variants = append(p.Variants, s.variant(had, wanted, req.Options, i))
	}
	return p
}

func (s *shop) variant(had []catalog.Variant, wanted catalog.SaveVariant, options []string, position int) catalog.Variant {
	v := catalog.Variant{SKU: wanted.SKU}
	if i := slices.IndexFunc(had, func(v catalog.Variant) bool { return v.SKU == wanted.SKU }); i >= 0 {
		v.ID = had[i].ID
	} else {
		v.ID = s.newID()
	}
	for i, name := range options {
		v.Options = append(v.Options, catalog.SelectedOption{Name: name, Value: wanted.Options[i]})
	}
	v.Barcode, v.WeightGrams, v.Position = wanted.Barcode, wanted.WeightGrams, position
	v.RequiresShipping, v.Taxable = wanted.RequiresShipping, wanted.Taxable
	return v
}

// SetPrices implements importing.Pricing.
func (s *shop) SetPrices(_ context.Context, req pricing.SetPricesRequest) (answer pricing.SetPricesAnswer, err error) {
	for _, p := range req.Prices {
		if !reflect.DeepEqual(s.prices[p.VariantID], p) {
			s.announced++
			answer.Changed++
			answer.ChangedVariants = append(answer.ChangedVariants, p.VariantID)
			s.prices[p.VariantID] = p
		}
	}
	return answer, nil
}

// Prices implements importing.Pricing.
func (s *shop) Prices(_ context.Context, req pricing.PricesRequest) (answer pricing.PricesAnswer, err error) {
	for _, id := range req.VariantIDs {
		if p, known := s.prices[id]; known {
			answer.Prices = append(answer.Prices, p)
		}
	}
	return answer, nil
}

// FirstLines implements importing.Memory.
func (s *shop) FirstLines(_ context.Context, importID, kind string, lines map[string]int) (map[string]int, error) {
	first := map[string]int{}
	for name, line := range lines {
		key := importID + kind + name
		if _, known := s.named[key]; !known {
			s.named[key] = line
		}
		first[name] = s.named[key]
	}
	return first, nil
}

// Counted implements importing.Memory.
func (s *shop) Counted(context.Context, []string) (map[string]int64, error) { return s.counted, nil }

// Check implements importing.Links.
func (s *shop) Check(link string) error {
	if strings.Contains(link, "127.0.0.1") {
		return fault.New("link_refused", "the address 127.0.0.1 is of this machine")
	}
	return nil
}

// SetStock implements importing.Inventory.
func (s *shop) SetStock(_ context.Context, req inventory.SetStockRequest) (answer inventory.SetStockAnswer, err error) {
	tooLittle := inventory.ErrNegativeStock
	for _, item := range req.Items {
		if item.OnHand != nil && *item.OnHand < s.promised[item.SKU] {
			tooLittle = tooLittle.With(fault.Field{Members: map[string]any{"sku": item.SKU}})
		}
	}
	if len(tooLittle.Fields) > 0 {
		return answer, tooLittle
	}
	for _, item := range req.Items {
		before := s.stock[item.SKU]
		if item.OnHand == nil {
			item.OnHand = before.OnHand
		}
		s.stock[item.SKU] = item
		if item.OnHand != nil && (before.OnHand == nil || *before.OnHand != *item.OnHand) {
			s.announced++
			answer.Changed++
		}
	}
	return answer, nil
}

// onHand is what was counted of a SKU, -1 when it never was.
func (s *shop) onHand(sku string) int64 {
	if count := s.stock[sku].OnHand; count != nil {
		return *count
	}
	return -1
}

func (s *shop) variantOf(t *testing.T, handle, sku string) catalog.Variant {
	t.Helper()
	variants := s.products[handle].Variants
	i := slices.IndexFunc(variants, func(v catalog.Variant) bool { return v.SKU == sku })
	require.GreaterOrEqual(t, i, 0, "%s has no variant %s", handle, sku)
	return variants[i]
}

// run imports a file in one batch and answers what was reported as "line column".
func (s *shop) run(t *testing.T, file string) (integrations.Summary, []string) {
	t.Helper()
	s.imports++
	out := s.importAs(t, fmt.Sprint("import ", s.imports), file, false)
	return out.Summary, reported(out.Errors)
}

func reported(found []integrations.RowError) []string {
	var list []string
	for _, e := range found {
		list = append(list, fmt.Sprintf("%d %s", e.Row, e.Column))
	}
	return list
}

func codes(found []integrations.RowError) []string {
	var list []string
	for _, e := range found {
		list = append(list, fmt.Sprintf("%d %s", e.Row, e.Code))
	}
	return list
}

func (s *shop) importer() *importing.Importer {
	return importing.New(importing.Deps{Catalog: s, Pricing: s, Inventory: s, Memory: s, Links: s})
}

func (s *shop) importAs(t *testing.T, id, file string, dryRun bool) importing.Outcome {
	t.Helper()
	out, err := s.importer().Import(t.Context(), importing.Batch{ImportID: id, Groups: groups(t, file), DryRun: dryRun})
	require.NoError(t, err)
	maps.Copy(s.counted, out.Counted)
	return out
}

func groups(t *testing.T, file string) []shopify.Group {
	t.Helper()
	file = strings.TrimPrefix(file, "\ufeff")
	header, err := shopify.ReadHeader(strings.NewReader(file), func(string) (shopify.Market, bool) { return shopify.Market{}, false })
	require.NoError(t, err)
	reader := header.Products(strings.NewReader(file), shopify.Position{}, "EUR")
	var all []shopify.Group
	for {
		group, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, group)
	}
}

func harbor(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("testdata/harbor.csv")
	require.NoError(t, err)
	return string(content)
}
