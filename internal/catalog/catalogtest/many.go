package catalogtest

import (
	"fmt"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func savingMany() []story {
	return []story{
		{"many products are saved, with a result for each in its order", manyProductsAreSaved},
		{"of many products only those at fault are refused, as each would be alone", onlyThoseAtFaultAreRefused},
		{"of two that want one SKU the first gets it", theFirstGetsTheSKU},
		{"a SKU may move between products that are saved together", aSKUMayMove},
		{"an import leaves alone what it does not speak of", anImportLeavesAlone},
		{"a dry run answers the same and changes nothing", aDryRunAnswersTheSame},
		{"a dry run foresees that an external id is taken", aDryRunForeseesTakenExternalIDs},
		{"a dry run foresees what its products take from each other", aDryRunForeseesWhatItsProductsTakeFromEachOther},
	}
}

func manyProductsAreSaved(s shop) {
	requests := []catalog.SaveProductRequest{thing("c", "C-1", "C-2", "C-3"), thing("a", "A-1"), thing("b")}
	requests[1].CategoryHandles = []string{"pots"}

	created := s.saveMany(requests...)

	assert.Equal(s, []string{"created", "created", "created"}, each(created, outcome))
	for i, req := range requests {
		p := s.stored(created[i].ProductID)
		assert.Equal(s, req.Handle, p.Handle)
		assert.ElementsMatch(s, each(p.Variants, reference), created[i].Variants)
		assert.Equal(s, catalog.SaveProductAnswer{Product: p, Outcome: catalog.OutcomeUnchanged}, s.save(req))
	}
	requests[0].Variants, requests[2].Title = requests[0].Variants[1:], "Else"
	again := s.saveMany(requests...)
	assert.Equal(s, []string{"updated", "unchanged", "updated"}, each(again, outcome))
	assert.Equal(s, created[0].Variants[1:], again[0].Variants)
	assert.Equal(s, "Else", s.stored(created[2].ProductID).Title)
	assert.Equal(s, 2, s.stored(created[0].ProductID).Version)
}

func onlyThoseAtFaultAreRefused(s shop) {
	owner := thing("owner", "TAKEN")
	owner.ExternalID = "77"
	s.save(owner)
	requests := make([]catalog.SaveProductRequest, 10)
	for i := range requests {
		requests[i] = thing(fmt.Sprintf("p-%d", i), fmt.Sprintf("P-%d", i))
	}
	requests[3].Variants[0].SKU, requests[5].ExternalID, requests[7].Title = "TAKEN", "77", ""

	results := s.saveMany(requests...)

	want := []string{"created", "created", "created", catalog.ErrSKUTaken.Code, "created", catalog.ErrExternalIDTaken.Code, "created",
		catalog.ErrInvalidProduct.Code, "created", "created"}
	assert.Equal(s, want, each(results, outcome))
	assert.Len(s, s.productIDs("", 0), 8)
	for _, i := range []int{3, 5, 7} {
		_, alone := s.SaveProduct(s.Context(), requests[i])
		require.NotNil(s, results[i].Refusal)
		require.ErrorIs(s, alone, results[i].Refusal)
		points(s, alone, results[i].Refusal.Fields[0].Pointer)
		assert.Empty(s, results[i].ProductID)
	}
}

func theFirstGetsTheSKU(s shop) {
	results := s.saveMany(thing("b", "WANTED"), thing("a", "WANTED"))

	assert.Equal(s, []string{catalog.OutcomeCreated, catalog.ErrSKUTaken.Code}, each(results, outcome))
	points(s, results[1].Refusal, "/variants/0/sku")
}

func aSKUMayMove(s shop) {
	s.saveMany(thing("a", "A", "MOVES"), thing("b", "B"))

	results := s.saveMany(thing("b", "B", "MOVES"), thing("a", "A"))

	assert.Equal(s, []string{"updated", "updated"}, each(results, outcome))
	found := s.variants(catalog.VariantsRequest{SKUs: []string{"MOVES"}})
	require.Len(s, found, 1)
	assert.Equal(s, "b", found[0].ProductHandle)
}

func anImportLeavesAlone(s shop) {
	first := thing("a", "A")
	first.CategoryHandles, first.CollectionHandles = []string{"pots"}, []string{"summer"}
	first.Attributes, first.TaxClass, first.ExternalID = map[string]string{"material": "Clay", "color": "Red"}, "reduced", "erp-7"
	s.save(first)
	second := thing("a", "A")
	second.CategoryHandles, second.CollectionHandles = []string{"garden"}, []string{"new-in"}
	second.Attributes = map[string]string{"color": "", "size": "L"}

	p := s.stored(s.saveMany(second)[0].ProductID)

	assert.Equal(s, []string{"Garden", "Pots"}, each(p.Categories, categoryName))
	assert.Equal(s, []string{"New in", "Summer"}, each(p.Collections, collectionName))
	assert.Equal(s, map[string]string{"material": "Clay", "size": "L"}, p.Attributes)
	assert.Equal(s, []string{"reduced", "erp-7"}, []string{p.TaxClass, p.ExternalID})
	assert.Equal(s, []string{catalog.OutcomeUnchanged}, each(s.saveMany(thing("a", "A")), outcome))
}

// dryThenWet asserts that a dry run changes nothing, and answers what saving the same then does.
func (s shop) dryThenWet(requests ...catalog.SaveProductRequest) {
	s.Helper()
	before, tree := s.products(s.productIDs("", 0)...), s.categories()

	dry := s.results(catalog.SaveProductsRequest{Products: requests, DryRun: true})

	assert.Equal(s, before, s.products(s.productIDs("", 0)...))
	assert.Equal(s, tree, s.categories())
	wet := s.saveMany(requests...)
	assert.Equal(s, each(wet, outcome), each(dry, outcome))
	for i := range wet {
		if wet[i].Refusal != nil && dry[i].Refusal != nil {
			assert.Equal(s, wet[i].Refusal.Fields, dry[i].Refusal.Fields)
		}
	}
}

func aDryRunAnswersTheSame(s shop) {
	s.saveMany(thing("same", "S"), thing("changes", "C"), thing("owner", "TAKEN"), thing("gives", "KEPT", "MOVES"))
	changed, created := thing("changes", "C"), thing("new", "N")
	changed.Title, created.CategoryHandles = "Else", []string{"brand-new"}

	s.dryThenWet(thing("same", "S"), changed, created, thing("takes", "TAKEN"), thing("bad", ""), thing("gives", "KEPT"),
		thing("gets", "MOVES"))
}

func aDryRunForeseesTakenExternalIDs(s shop) {
	owner, claims := thing("owner", "O"), thing("claims", "C")
	owner.ExternalID, claims.ExternalID = "77", "77"
	s.save(owner)

	s.dryThenWet(claims)
}

func aDryRunForeseesWhatItsProductsTakeFromEachOther(s shop) {
	changed, first, second := thing("keeps", "K"), thing("first", "N"), thing("second", "M")
	s.save(changed)
	changed.Title, first.ExternalID, second.ExternalID = "Else", "78", "78"

	s.dryThenWet(thing("wants", "K"), changed, first, thing("late", "N"), second)
}

func measuring() []story {
	return []story{
		{"a picture's size is written down wherever its product shows it", sizesAreWrittenDown},
		{"pictures that no product shows are left out", picturesThatNoProductShows},
	}
}

func (s shop) measure(sizes ...catalog.PictureSize) int {
	s.Helper()
	answer, err := s.MeasurePictures(s.Context(), catalog.MeasurePicturesRequest{Pictures: sizes})
	require.NoError(s, err)
	return answer.Changed
}

func sizesAreWrittenDown(s shop) {
	req := thing("a", "A")
	req.Media = []catalog.Media{{URL: "/a.png"}, {URL: "/b.png", Alt: "B"}, {URL: "/a.png"}}
	p, other := s.save(req).Product, s.save(thing("b")).Product
	sizes := []catalog.PictureSize{{ProductID: p.ID, URL: "/a.png", Width: 640, Height: 480},
		{ProductID: p.ID, URL: "/b.png", Width: 3, Height: 4}}

	assert.Equal(s, 1, s.measure(sizes...))
	assert.Zero(s, s.measure(sizes...))

	assert.Equal(s, []catalog.Media{{URL: "/a.png", Width: 640, Height: 480}, {URL: "/b.png", Alt: "B", Width: 3, Height: 4},
		{URL: "/a.png", Width: 640, Height: 480}}, s.stored(p.ID).Media)
	assert.Equal(s, 2, s.stored(p.ID).Version)
	assert.Equal(s, other, s.stored(other.ID))
	assert.Equal(s, catalog.OutcomeUnchanged, s.save(req).Outcome, "a save that does not say a size does not forget it")
	assert.Equal(s, []string{catalog.OutcomeUnchanged}, each(s.saveMany(req), outcome))
}

func picturesThatNoProductShows(s shop) {
	req := thing("a", "A")
	req.Media = []catalog.Media{{URL: "/a.png"}}
	p := s.save(req).Product

	assert.Zero(s, s.measure())
	assert.Zero(s, s.measure(catalog.PictureSize{ProductID: p.ID, URL: "/gone.png", Width: 1, Height: 1},
		catalog.PictureSize{ProductID: ids.New(), URL: "/a.png", Width: 1, Height: 1},
		catalog.PictureSize{ProductID: "nonsense", URL: "/a.png", Width: 1, Height: 1}))

	assert.Equal(s, p, s.stored(p.ID))
}
