package importing_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
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
	ids       int
}

func newShop() *shop {
	return &shop{products: map[string]catalog.Product{}, prices: map[string]pricing.Price{},
		stock: map[string]inventory.StockItem{}, promised: map[string]int64{}}
}

func (s *shop) newID() string {
	s.ids++
	return fmt.Sprintf("id-%d", s.ids)
}

// Resolve implements importing.Channels.
func (s *shop) Resolve(context.Context, channels.ResolveRequest) (channels.Context, error) {
	return channels.Context{Currency: "EUR"}, nil
}

// Variants implements importing.Catalog.
func (s *shop) Variants(_ context.Context, req catalog.VariantsRequest) (answer catalog.VariantsAnswer, err error) {
	for _, p := range s.products {
		for _, v := range p.Variants {
			if slices.Contains(req.SKUs, v.SKU) {
				answer.Variants = append(answer.Variants, catalog.SellableVariant{
					VariantID: v.ID, SKU: v.SKU, ProductID: p.ID, ProductHandle: p.Handle})
			}
		}
	}
	return answer, nil
}

// Products implements importing.Catalog.
func (s *shop) Products(_ context.Context, req catalog.ProductsRequest) (answer catalog.ProductsAnswer, err error) {
	for _, p := range s.products {
		if slices.Contains(req.IDs, p.ID) {
			answer.Products = append(answer.Products, p)
		}
	}
	return answer, nil
}

// SaveProduct implements importing.Catalog.
func (s *shop) SaveProduct(_ context.Context, req catalog.SaveProductRequest) (catalog.SaveProductAnswer, error) {
	if s.broken != nil {
		return catalog.SaveProductAnswer{}, s.broken
	}
	if err := s.check(req); err != nil {
		return catalog.SaveProductAnswer{}, err
	}
	before, exists := s.products[req.Handle]
	after := s.applied(before, req)
	if exists && reflect.DeepEqual(before, after) {
		return catalog.SaveProductAnswer{Product: before, Outcome: catalog.OutcomeUnchanged}, nil
	}
	s.announced++
	s.products[req.Handle] = after
	outcome := catalog.OutcomeCreated
	if exists {
		outcome = catalog.OutcomeUpdated
	}
	return catalog.SaveProductAnswer{Product: after, Outcome: outcome}, nil
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
			s.prices[p.VariantID] = p
		}
	}
	return answer, nil
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

// run imports a file and answers what was reported as "line column".
func (s *shop) run(t *testing.T, file string) (integrations.Summary, []string) {
	t.Helper()
	var reported []string
	summary, err := importing.New(s, s, s, s).ImportProducts(t.Context(), strings.NewReader(file), func(e integrations.RowError) {
		reported = append(reported, fmt.Sprintf("%d %s", e.Row, e.Column))
	})
	require.NoError(t, err)
	return summary, reported
}

func harbor(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("testdata/harbor.csv")
	require.NoError(t, err)
	return string(content)
}
