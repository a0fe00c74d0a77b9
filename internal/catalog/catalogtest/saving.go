package catalogtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func saving() []story {
	return []story{
		{"a saved product is what was said of it", aSavedProductIsWhatWasSaid},
		{"a product may be nothing but a handle, a title and a status", aProductMayBeNearlyNothing},
		{"saving what is there changes nothing", savingWhatIsThereChangesNothing},
		{"a changed product is equal to the request", aChangedProductIsEqualToTheRequest},
		{"variants keep their ids, and go when they are no longer named", variantsKeepTheirIDs},
		{"categories and collections are created when missing, and shared", groupsAreCreatedAndShared},
		{"a SKU or external id of another product is taken", whatAnotherHasIsTaken},
		{"a SKU that was given up is free", aSKUThatWasGivenUpIsFree},
		{"products that are not consistent are refused", inconsistentProductsAreRefused},
		{"a refused product leaves nothing behind", aRefusedProductLeavesNothingBehind},
		{"of saves at once each happens or says that it did not", ofSavesAtOnceEachHappensOrSaysSo},
	}
}

func aSavedProductIsWhatWasSaid(s shop) {
	saved := s.save(shirt())

	p, req := saved.Product, shirt()
	assert.Equal(s, catalog.OutcomeCreated, saved.Outcome)
	assert.Equal(s, p, s.stored(p.ID))
	assert.True(s, ids.Valid(p.ID))
	assert.Equal(s, 1, p.Version)
	assert.WithinDuration(s, time.Now(), p.CreatedAt, time.Minute)
	assert.Equal(s, []string{req.Handle, req.Title, req.Description, req.Vendor}, []string{p.Handle, p.Title, p.Description, p.Vendor})
	assert.Equal(s, []string{req.ProductType, req.Status, req.TaxClass, req.ExternalID},
		[]string{p.ProductType, p.Status, p.TaxClass, p.ExternalID})
	assert.Equal(s, req.Tags, p.Tags)
	assert.Equal(s, req.Media, p.Media)
	assert.Equal(s, req.Attributes, p.Attributes)
	assert.Equal(s, req.SEO, p.SEO)
	require.Len(s, p.Options, 2)
	assert.Equal(s, catalog.Option{ID: p.Options[0].ID, Name: "Size", Values: []string{"S", "M"}}, p.Options[0])
	assert.Equal(s, catalog.Option{ID: p.Options[1].ID, Name: "Color", Values: []string{"Red", "Blue"}}, p.Options[1])
	require.Len(s, p.Variants, 3)
	v := p.Variants[0]
	assert.Equal(s, catalog.Variant{ID: v.ID, ProductID: p.ID, SKU: "S-S-RED", Title: "S / Red", Barcode: "1", WeightGrams: 100,
		Options:          []catalog.SelectedOption{{Name: "Size", Value: "S"}, {Name: "Color", Value: "Red"}},
		RequiresShipping: true, Taxable: true, Metadata: map[string]string{}, Version: 1,
		CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}, v)
}

func aProductMayBeNearlyNothing(s shop) {
	saved := s.save(thing("a"))

	assert.Equal(s, saved.Product, s.stored(saved.Product.ID))
	assert.Empty(s, saved.Product.Variants)
	assert.Equal(s, catalogDefaultClass, saved.Product.TaxClass)
	assert.Equal(s, catalog.OutcomeUnchanged, s.save(thing("a")).Outcome)
}

func savingWhatIsThereChangesNothing(s shop) {
	first := s.save(shirt())

	again := s.save(shirt())

	assert.Equal(s, catalog.OutcomeUnchanged, again.Outcome)
	assert.Equal(s, first.Product, again.Product)
	assert.Equal(s, first.Product, s.stored(first.Product.ID))
}

func aChangedProductIsEqualToTheRequest(s shop) {
	before := s.save(shirt()).Product
	req := thing("shirt")
	req.Status = catalog.StatusArchived

	saved := s.save(req)

	p := saved.Product
	assert.Equal(s, catalog.OutcomeUpdated, saved.Outcome)
	assert.Equal(s, p, s.stored(before.ID))
	assert.Equal(s, before.Version+1, p.Version)
	assert.Equal(s, before.CreatedAt, p.CreatedAt)
	assert.Equal(s, []string{"Thing shirt", catalog.StatusArchived, catalogDefaultClass}, []string{p.Title, p.Status, p.TaxClass})
	assert.Equal(s, "", p.Description+p.Vendor+p.ProductType+p.ExternalID+p.SEO.Title)
	assert.Zero(s, len(p.Tags)+len(p.Options)+len(p.Media)+len(p.Categories)+len(p.Collections)+len(p.Attributes)+len(p.Variants))
}

func variantsKeepTheirIDs(s shop) {
	before := s.save(shirt()).Product
	req := shirt()
	// Two variants exchange their values, one goes, one comes.
	req.Variants = []catalog.SaveVariant{{SKU: "S-M-RED", Options: []string{"M", "Blue"}},
		{SKU: "S-M-BLUE", Options: []string{"M", "Red"}}, {SKU: "S-L-RED", Options: []string{"L", "Red"}}}

	p := s.save(req).Product

	was, is := each(before.Variants, variantID), each(p.Variants, variantID)
	require.Len(s, is, 3)
	assert.Equal(s, was[1:], is[:2])
	assert.NotContains(s, was, is[2])
	assert.Equal(s, before.Options[0].ID, p.Options[0].ID)
	assert.Equal(s, []string{"M", "L"}, p.Options[0].Values)
	assert.Equal(s, []int{0, 1, 2}, each(p.Variants, func(v catalog.Variant) int { return v.Position }))
	assert.Empty(s, s.variants(catalog.VariantsRequest{IDs: was[:1], SKUs: []string{"S-S-RED"}}))
}

func groupsAreCreatedAndShared(s shop) {
	first := s.save(shirt()).Product
	req := thing("other")
	req.CategoryHandles, req.CollectionHandles = []string{"sale", "tops"}, []string{"summer"}

	second := s.save(req).Product

	assert.Equal(s, []string{"Mens wear", "Tops"}, each(first.Categories, categoryName))
	assert.Equal(s, []string{"Sale", "Tops"}, each(second.Categories, categoryName))
	assert.Equal(s, first.Categories[1].ID, second.Categories[1].ID)
	assert.Equal(s, first.Collections[0].ID, second.Collections[0].ID)
	assert.Equal(s, []string{"Mens wear", "Sale", "Tops"}, each(s.categories(), categoryName))
	assert.Equal(s, []string{"Summer"}, each(s.collections(), collectionName))
}

func whatAnotherHasIsTaken(s shop) {
	first := s.save(shirt()).Product
	sku, externalID := thing("other", "FREE", "S-M-RED"), thing("other", "FREE")
	externalID.ExternalID = "77"

	_, err := s.SaveProduct(s.Context(), sku)
	assert.ErrorIs(s, err, catalog.ErrSKUTaken)
	points(s, err, "/variants/1/sku")
	_, err = s.SaveProduct(s.Context(), externalID)
	assert.ErrorIs(s, err, catalog.ErrExternalIDTaken)
	points(s, err, "/external_id")

	assert.Equal(s, []string{first.ID}, s.productIDs("", 0))
	assert.Equal(s, first, s.stored(first.ID))
	s.save(thing("other", "FREE"))
}

func aSKUThatWasGivenUpIsFree(s shop) {
	first := s.save(thing("a", "A", "MOVES")).Product
	s.save(thing("a", "A"))

	second := s.save(thing("b", "MOVES")).Product

	assert.NotEqual(s, first.Variants[1].ID, second.Variants[0].ID)
}

// request is what a table of them changes.
type request = catalog.SaveProductRequest

func inconsistentProductsAreRefused(s shop) {
	first := s.save(shirt()).Product
	for name, c := range map[string]struct {
		spoil   func(*request)
		pointer string
	}{
		"no handle":           {func(r *request) { r.Handle = "" }, "/handle"},
		"a strange handle":    {func(r *request) { r.Handle = "Shirt_1" }, "/handle"},
		"a handle with NUL":   {func(r *request) { r.Handle = "shirt\x00" }, "/handle"},
		"no title":            {func(r *request) { r.Title = " " }, "/title"},
		"an endless title":    {func(r *request) { r.Title = strings.Repeat("x", 256) }, "/title"},
		"a NUL":               {func(r *request) { r.Vendor = "a\x00" }, "/vendor"},
		"an unknown status":   {func(r *request) { r.Status = "on" }, "/status"},
		"a blank SKU":         {func(r *request) { r.Variants[1].SKU = "" }, "/variants/1/sku"},
		"a SKU twice":         {func(r *request) { r.Variants[1].SKU = "S-S-RED" }, "/variants/1/sku"},
		"a combination twice": {func(r *request) { r.Variants[1].Options = []string{"S", "Red"} }, "/variants/1/option_values"},
		"a missing value":     {func(r *request) { r.Variants[1].Options = []string{"S"} }, "/variants/1/options"},
		"a value too many":    {func(r *request) { r.Variants[0].Options = []string{"S", "Red", "X"} }, "/variants/0/options"},
		"a blank value":       {func(r *request) { r.Variants[1].Options = []string{"S", ""} }, "/options/1/values/1"},
		"options without use": {func(r *request) { r.Variants = nil }, "/options/0/values"},
		"a script for a link": {func(r *request) { r.Media[0].URL = "javascript:x()" }, "/media/0/url"},
		"a negative weight":   {func(r *request) { r.Variants[0].WeightGrams = -1 }, "/variants/0/weight_grams"},
	} {
		s.Run(name, func(t *testing.T) {
			req := shirt()
			c.spoil(&req)

			_, err := s.SaveProduct(t.Context(), req)

			require.ErrorIs(t, err, catalog.ErrInvalidProduct)
			points(t, err, c.pointer)
		})
	}
	category := shirt()
	category.CategoryHandles = []string{"A B"}
	_, err := s.SaveProduct(s.Context(), category)
	assert.ErrorIs(s, err, catalog.ErrInvalidProduct)

	assert.Equal(s, first, s.stored(first.ID))
	assert.Len(s, s.productIDs("", 0), 1)
}

func aRefusedProductLeavesNothingBehind(s shop) {
	s.save(shirt())
	req := thing("other", "S-S-RED")
	req.CategoryHandles, req.CollectionHandles = []string{"brand-new"}, []string{"brand-new"}

	_, err := s.SaveProduct(s.Context(), req)

	require.ErrorIs(s, err, catalog.ErrSKUTaken)
	assert.Len(s, s.productIDs("", 0), 1)
	assert.NotContains(s, each(s.categories(), categoryName), "Brand new")
	assert.NotContains(s, each(s.collections(), collectionName), "Brand new")
}

func ofSavesAtOnceEachHappensOrSaysSo(s shop) {
	const writers = 8
	id := s.save(thing("a", "A")).Product.ID
	var all sync.WaitGroup
	happened := make([]bool, writers)
	for i := range writers {
		all.Go(func() {
			req := thing("a", fmt.Sprintf("A-%d", i))
			req.Title = "With " + req.Variants[0].SKU
			saved, err := s.SaveProduct(s.Context(), req)
			happened[i] = err == nil
			assert.True(s, err == nil && saved.Product.Title == req.Title || errors.Is(err, catalog.ErrVersionMismatch), "%v", err)
		})
	}
	all.Wait()

	changes := 0
	for _, yes := range happened {
		if yes {
			changes++
		}
	}
	p := s.stored(id)
	assert.Positive(s, changes)
	assert.Equal(s, 1+changes, p.Version)
	require.Len(s, p.Variants, 1, "it is equal to one of the requests, not to a mix of them")
	assert.Equal(s, "With "+p.Variants[0].SKU, p.Title)
}
