// Package catalogtest has the contract that every implementation of catalog.Service keeps: the module in this process, and
// its client to another. Only tests import it.
package catalogtest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Subject is an implementation to be tested, empty.
type Subject struct {
	Service catalog.Service
	// AddCategory makes a category below another one, or at the root, which no verb of the service does.
	AddCategory func(t testing.TB, name, parentID string, position int) (id string)
}

// RunContract tests what every catalog.Service promises. It opens a fresh subject for each story.
func RunContract(t *testing.T, open func(t testing.TB) Subject) {
	for _, s := range slices.Concat(reading(), selling(), grouping(), saving(), savingMany(), measuring()) {
		t.Run(s.name, func(t *testing.T) {
			subject := open(t)
			s.run(shop{T: t, Service: subject.Service, add: subject.AddCategory})
		})
	}
}

type story struct {
	name string
	run  func(s shop)
}

// shop is a service under test with short names for what stories do.
type shop struct {
	*testing.T
	catalog.Service
	add func(t testing.TB, name, parentID string, position int) (id string)
}

// shirt is a request that says something of everything.
func shirt() catalog.SaveProductRequest {
	return catalog.SaveProductRequest{
		Handle: "shirt", Title: "Shirt", Description: "<p>Soft</p>", Vendor: "V", ProductType: "Tops", Status: catalog.StatusActive,
		Tags: []string{"men", "summer"}, Options: []string{"Size", "Color"},
		Media:           []catalog.Media{{URL: "https://example.com/a.jpg", Alt: "a", Width: 800, Height: 600}, {URL: "/b.svg"}},
		CategoryHandles: []string{"tops", "mens-wear"}, CollectionHandles: []string{"summer"},
		Attributes: map[string]string{"material": "cotton"}, SEO: catalog.SEO{Title: "S", Description: "D"},
		TaxClass: "reduced", ExternalID: "77",
		Variants: []catalog.SaveVariant{
			{SKU: "S-S-RED", Options: []string{"S", "Red"}, Barcode: "1", WeightGrams: 100, RequiresShipping: true, Taxable: true},
			{SKU: "S-M-RED", Options: []string{"M", "Red"}},
			{SKU: "S-M-BLUE", Options: []string{"M", "Blue"}},
		},
	}
}

// thing is a request for a product whose variants have these SKUs.
func thing(handle string, skus ...string) catalog.SaveProductRequest {
	req := catalog.SaveProductRequest{Handle: handle, Title: "Thing " + handle, Status: catalog.StatusActive}
	for _, sku := range skus {
		req.Options = []string{"Kind"}
		req.Variants = append(req.Variants, catalog.SaveVariant{SKU: sku, Options: []string{"kind " + sku}, WeightGrams: 5})
	}
	return req
}

func (s shop) save(req catalog.SaveProductRequest) catalog.SaveProductAnswer {
	s.Helper()
	saved, err := s.SaveProduct(s.Context(), req)
	require.NoError(s, err)
	return saved
}

func (s shop) saveMany(requests ...catalog.SaveProductRequest) []catalog.SaveProductsResult {
	s.Helper()
	return s.results(catalog.SaveProductsRequest{Products: requests})
}

func (s shop) results(req catalog.SaveProductsRequest) []catalog.SaveProductsResult {
	s.Helper()
	answer, err := s.SaveProducts(s.Context(), req)
	require.NoError(s, err)
	require.Len(s, answer.Results, len(req.Products))
	return answer.Results
}

func (s shop) products(ids ...string) []catalog.Product {
	s.Helper()
	answer, err := s.Products(s.Context(), catalog.ProductsRequest{IDs: ids})
	require.NoError(s, err)
	return answer.Products
}

func (s shop) stored(id string) catalog.Product {
	s.Helper()
	found := s.products(id)
	require.Len(s, found, 1)
	return found[0]
}

func (s shop) productIDs(after string, limit int) []string {
	s.Helper()
	answer, err := s.ProductIDs(s.Context(), catalog.ProductIDsRequest{After: after, Limit: limit})
	require.NoError(s, err)
	return answer.IDs
}

func (s shop) variants(req catalog.VariantsRequest) []catalog.SellableVariant {
	s.Helper()
	answer, err := s.Variants(s.Context(), req)
	require.NoError(s, err)
	return answer.Variants
}

func (s shop) categories() []catalog.Category {
	s.Helper()
	answer, err := s.Categories(s.Context(), catalog.CategoriesRequest{})
	require.NoError(s, err)
	return answer.Categories
}

func (s shop) collections() []catalog.Collection {
	s.Helper()
	answer, err := s.Collections(s.Context(), catalog.CollectionsRequest{})
	require.NoError(s, err)
	return answer.Collections
}

// points asserts that a refusal names this place of the request first.
func points(t assert.TestingT, err error, pointer string) {
	var refused *fault.Error
	if assert.ErrorAs(t, err, &refused) && assert.NotEmpty(t, refused.Fields) {
		assert.Equal(t, pointer, refused.Fields[0].Pointer)
	}
}

// each answers what of says of every item.
func each[Item, Answer any](items []Item, of func(Item) Answer) []Answer {
	answers := make([]Answer, len(items))
	for i, item := range items {
		answers[i] = of(item)
	}
	return answers
}

func productID(p catalog.Product) string             { return p.ID }
func categoryName(c catalog.Category) string         { return c.Name }
func collectionName(c catalog.Collection) string     { return c.Name }
func variantID(v catalog.Variant) string             { return v.ID }
func soldSKU(v catalog.SellableVariant) string       { return v.SKU }
func reference(v catalog.Variant) catalog.VariantRef { return catalog.VariantRef{ID: v.ID, SKU: v.SKU} }

// outcome is what became of a product, or the code of why nothing did.
func outcome(r catalog.SaveProductsResult) string {
	if r.Refusal != nil {
		return r.Refusal.Code
	}
	return r.Outcome
}
