package catalogmod_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestProductsComeInTheOrderAsked(t *testing.T) {
	s := open(t)
	var all []string
	for i := range 3 {
		all = append(all, s.save(catalog.SaveProductRequest{Handle: fmt.Sprintf("p%d", i), Title: "P", Status: "active"}).Product.ID)
	}

	got, err := s.service.Products(t.Context(), catalog.ProductsRequest{IDs: []string{all[2], ids.New(), "nonsense", all[0]}})
	require.NoError(t, err)
	none, err := s.service.Products(t.Context(), catalog.ProductsRequest{})
	require.NoError(t, err)

	require.Len(t, got.Products, 2)
	assert.Equal(t, []string{all[2], all[0]}, []string{got.Products[0].ID, got.Products[1].ID})
	assert.Empty(t, none.Products)
}

func TestAllProductIdsAreReadInPages(t *testing.T) {
	s := open(t)
	var all []string
	for i := range 5 {
		all = append(all, s.save(catalog.SaveProductRequest{Handle: fmt.Sprintf("p%d", i), Title: "P", Status: "draft"}).Product.ID)
	}

	var read []string
	for after := ""; ; after = read[len(read)-1] {
		page, err := s.service.ProductIDs(t.Context(), catalog.ProductIDsRequest{After: after, Limit: 2})
		require.NoError(t, err)
		read = append(read, page.IDs...)
		if len(page.IDs) < 2 {
			break
		}
	}

	assert.Equal(t, all, read)
	whole, err := s.service.ProductIDs(t.Context(), catalog.ProductIDsRequest{})
	require.NoError(t, err)
	assert.Equal(t, all, whole.IDs)
}

func TestVariantsAreFoundByIdAndBySKU(t *testing.T) {
	s := open(t)
	p := s.save(shirt()).Product
	mug := s.save(catalog.SaveProductRequest{Handle: "mug", Title: "Mug", Status: "draft", TaxClass: "reduced",
		Variants: []catalog.SaveVariant{{SKU: "MUG", WeightGrams: 300, Taxable: true}}}).Product

	got, err := s.service.Variants(t.Context(), catalog.VariantsRequest{
		IDs: []string{p.Variants[0].ID, ids.New(), "x"}, SKUs: []string{"MUG", "S-S-RED", "nothing"}})

	require.NoError(t, err)
	assert.ElementsMatch(t, []catalog.SellableVariant{
		{
			VariantID: p.Variants[0].ID, ProductID: p.ID, ProductHandle: "shirt", SKU: "S-S-RED", Title: "Shirt", VariantTitle: "S / Red",
			Options:   []catalog.SelectedOption{{Name: "Size", Value: "S"}, {Name: "Color", Value: "Red"}},
			Thumbnail: &p.Media[0], WeightGrams: 100, RequiresShipping: true, Taxable: true, TaxClass: "standard", Active: true,
		},
		{
			VariantID: mug.Variants[0].ID, ProductID: mug.ID, ProductHandle: "mug", SKU: "MUG", Title: "Mug",
			Options: []catalog.SelectedOption{}, WeightGrams: 300, Taxable: true, TaxClass: "reduced",
		},
	}, got.Variants)
}

func TestTheTreeHasParentsBeforeChildrenAndSiblingsByPosition(t *testing.T) {
	s := open(t)
	b := s.category(`{"name":"B","position":1}`)
	a := s.category(`{"name":"A","position":2}`)
	s.category(`{"name":"AB","parent_id":"` + a + `"}`)
	s.category(`{"name":"AA","parent_id":"` + a + `"}`)
	s.category(`{"name":"BA","parent_id":"` + b + `"}`)

	got, err := s.service.Categories(t.Context(), catalog.CategoriesRequest{})

	require.NoError(t, err)
	var names []string
	for _, category := range got.Categories {
		names = append(names, category.Name)
	}
	assert.Equal(t, []string{"B", "BA", "A", "AA", "AB"}, names)
	assert.Equal(t, got.Categories[0].ID, got.Categories[1].ParentID)
}

func TestCollectionsComeByName(t *testing.T) {
	s := open(t)
	s.collection(`{"title":"Summer"}`)
	s.collection(`{"title":"New","description":"Just in"}`)

	got, err := s.service.Collections(t.Context(), catalog.CollectionsRequest{})

	require.NoError(t, err)
	require.Len(t, got.Collections, 2)
	assert.Equal(t, []string{"New", "Summer"}, []string{got.Collections[0].Name, got.Collections[1].Name})
	assert.Equal(t, "Just in", got.Collections[0].Description)
	assert.Nil(t, got.Collections[0].ProductIDs)
}
