package catalogtest

import (
	"fmt"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func reading() []story {
	return []story{
		{"products come in the order asked, those that do not exist are left out", productsComeInTheOrderAsked},
		{"asking for nothing is no error", askingForNothingIsNoError},
		{"all product ids are read in pages", allProductIDsAreReadInPages},
		{"product ids without a limit come from the start", productIDsWithoutALimit},
	}
}

// saveSeveral answers the ids of new products, in the order in which they were made.
func (s shop) saveSeveral(n int) []string {
	s.Helper()
	saved := make([]string, n)
	for i := range n {
		saved[i] = s.save(thing(fmt.Sprintf("p-%d", i))).Product.ID
	}
	return saved
}

func productsComeInTheOrderAsked(s shop) {
	all := s.saveSeveral(3)

	found := s.products(all[2], ids.New(), "nonsense", "", all[0])

	assert.Equal(s, []string{all[2], all[0]}, each(found, productID))
}

func askingForNothingIsNoError(s shop) {
	assert.Empty(s, s.products())
	assert.Empty(s, s.variants(catalog.VariantsRequest{}))
	assert.Empty(s, s.variants(catalog.VariantsRequest{MayRemember: true}))
	assert.Empty(s, s.productIDs("", 10))
	assert.Empty(s, s.categories())
	assert.Empty(s, s.collections())
	assert.Empty(s, s.saveMany())
}

func allProductIDsAreReadInPages(s shop) {
	all := s.saveSeveral(5)

	first := s.productIDs("", 2)
	second := s.productIDs(first[1], 2)
	third := s.productIDs(second[1], 2)

	assert.Equal(s, all, append(append(first, second...), third...))
	assert.Len(s, third, 1, "fewer than the limit means the end")
	assert.Empty(s, s.productIDs(third[0], 2))
	assert.IsIncreasing(s, all)
}

func productIDsWithoutALimit(s shop) {
	all := s.saveSeveral(3)

	assert.Equal(s, all, s.productIDs("", 0))
	assert.Equal(s, all[1:], s.productIDs(all[0], 0))
}

func selling() []story {
	return []story{
		{"a variant says what a line shows of its product", aVariantSaysWhatALineShows},
		{"variants are found by id and by SKU, each once", variantsAreFoundByIDAndBySKU},
		{"only variants of an active product may be bought", onlyActiveProductsMayBeBought},
		{"what was saved here counts at once, also for who may remember", whatWasSavedCountsAtOnce},
	}
}

func aVariantSaysWhatALineShows(s shop) {
	p := s.save(shirt()).Product
	mug := thing("mug", "MUG")
	mug.Options, mug.Variants[0].Options, mug.Variants[0].WeightGrams = nil, nil, 1<<40
	plain := s.save(mug).Product

	found := s.variants(catalog.VariantsRequest{SKUs: []string{"S-S-RED", "MUG"}})

	assert.ElementsMatch(s, []catalog.SellableVariant{
		{
			VariantID: p.Variants[0].ID, ProductID: p.ID, ProductHandle: "shirt", SKU: "S-S-RED", Title: "Shirt",
			VariantTitle: p.Variants[0].Title,
			Options:      []catalog.SelectedOption{{Name: "Size", Value: "S"}, {Name: "Color", Value: "Red"}},
			Thumbnail:    &p.Media[0], WeightGrams: 100, RequiresShipping: true, Taxable: true, TaxClass: "reduced", Active: true,
		},
		{
			VariantID: plain.Variants[0].ID, ProductID: plain.ID, ProductHandle: "mug", SKU: "MUG", Title: "Thing mug",
			Options: []catalog.SelectedOption{}, WeightGrams: 1 << 40, TaxClass: catalogDefaultClass, Active: true,
		},
	}, found)
}

// catalogDefaultClass is the tax class of products that were saved without one.
const catalogDefaultClass = "standard"

func variantsAreFoundByIDAndBySKU(s shop) {
	p := s.save(shirt()).Product
	small, medium := p.Variants[0], p.Variants[1]

	for _, mayRemember := range []bool{false, true} {
		found := s.variants(catalog.VariantsRequest{MayRemember: mayRemember,
			IDs:  []string{small.ID, small.ID, ids.New(), "nonsense", ""},
			SKUs: []string{small.SKU, medium.SKU, medium.SKU, "nothing", "", "a\x00"}})

		assert.ElementsMatch(s, []string{small.SKU, medium.SKU}, each(found, soldSKU))
	}
}

func onlyActiveProductsMayBeBought(s shop) {
	req := thing("a", "A")
	for _, status := range []string{catalog.StatusDraft, catalog.StatusActive, catalog.StatusArchived} {
		req.Status = status
		s.save(req)

		found := s.variants(catalog.VariantsRequest{SKUs: []string{"A"}})

		require.Len(s, found, 1)
		assert.Equal(s, status == catalog.StatusActive, found[0].Active, status)
	}
}

func whatWasSavedCountsAtOnce(s shop) {
	sku := ids.New() // Nobody has asked for it before, who would remember that it is not there.
	req := thing("a", sku)
	bySKU := catalog.VariantsRequest{SKUs: []string{sku}, MayRemember: true}
	for _, title := range []string{"First", "Second", "Third"} {
		req.Title = title
		byID := catalog.VariantsRequest{IDs: []string{s.save(req).Product.Variants[0].ID}, MayRemember: true}

		for _, ask := range []catalog.VariantsRequest{bySKU, byID, bySKU, byID} {
			found := s.variants(ask)
			require.Len(s, found, 1)
			assert.Equal(s, title, found[0].Title)
		}
	}
	s.save(thing("a"))

	assert.Empty(s, s.variants(bySKU))
}

func grouping() []story {
	return []story{
		{"the tree has parents before children", theTreeHasParentsBeforeChildren},
		{"collections come by name, without their products", collectionsComeByName},
	}
}

func theTreeHasParentsBeforeChildren(s shop) {
	b := s.add(s, "B", "", 1)
	a := s.add(s, "A", "", 2)
	s.add(s, "AB", a, 0)
	aa := s.add(s, "AA", a, 0)
	s.add(s, "AAA", aa, 0)
	s.add(s, "BA", b, 0)

	tree := s.categories()

	assert.Equal(s, []string{"B", "BA", "A", "AA", "AAA", "AB"}, each(tree, categoryName))
	assert.Equal(s, []string{"", b, "", a, aa, a}, each(tree, func(c catalog.Category) string { return c.ParentID }))
	assert.Equal(s, 1, tree[0].Position)
}

func collectionsComeByName(s shop) {
	req := thing("a")
	req.CollectionHandles = []string{"summer", "new-in"}
	p := s.save(req).Product

	found := s.collections()

	assert.Equal(s, []string{"New in", "Summer"}, each(found, collectionName))
	assert.Equal(s, p.Collections, found)
	assert.Nil(s, found[0].ProductIDs)
}
