package catalogmod_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
)

// thing is a request for a product whose variants have these SKUs.
func thing(handle string, skus ...string) catalog.SaveProductRequest {
	req := catalog.SaveProductRequest{Handle: handle, Title: "Thing " + handle, Status: catalog.StatusActive, Options: []string{"Kind"}}
	for _, sku := range skus {
		req.Variants = append(req.Variants, catalog.SaveVariant{SKU: sku, Options: []string{"kind " + sku}, WeightGrams: 5})
	}
	return req
}

func (s *shop) saveMany(requests ...catalog.SaveProductRequest) []catalog.SaveProductsResult {
	s.t.Helper()
	answer, err := s.service.SaveProducts(s.t.Context(), catalog.SaveProductsRequest{Products: requests})
	require.NoError(s.t, err)
	require.Len(s.t, answer.Results, len(requests))
	return answer.Results
}

func outcomes(results []catalog.SaveProductsResult) []string {
	var list []string
	for _, r := range results {
		if r.Refusal != nil {
			list = append(list, r.Refusal.Code)
			continue
		}
		list = append(list, r.Outcome)
	}
	return list
}

func (s *shop) stored(id string) catalog.Product {
	s.t.Helper()
	answer, err := s.service.Products(s.t.Context(), catalog.ProductsRequest{IDs: []string{id}})
	require.NoError(s.t, err)
	require.Len(s.t, answer.Products, 1)
	return answer.Products[0]
}

func TestManyProductsAreSavedAsOneByOne(t *testing.T) {
	one, many := open(t), open(t)
	requests := []catalog.SaveProductRequest{thing("a", "A-1", "A-2"), thing("b", "B-1"), thing("c", "C-1", "C-2", "C-3")}
	requests[0].CategoryHandles = []string{"pots"}
	requests[1].Media = []catalog.Media{{URL: "https://pictures.example/b.png", Alt: "B"}, {URL: "https://pictures.example/c.png"}}
	requests[2].Tags, requests[2].Attributes = []string{"x", "y"}, map[string]string{"Color": "Red"}

	results := many.saveMany(requests...)

	assert.Equal(t, []string{"created", "created", "created"}, outcomes(results))
	for i, request := range requests {
		saved, err := one.service.SaveProduct(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, timeless(saved.Product), timeless(many.stored(results[i].ProductID)))
		for j, v := range many.stored(results[i].ProductID).Variants {
			assert.Equal(t, catalog.VariantRef{ID: v.ID, SKU: v.SKU}, results[i].Variants[j])
		}
	}
	assert.Equal(t, []string{"unchanged", "unchanged", "unchanged"}, outcomes(many.saveMany(requests...)))
	requests[0].Variants[0].WeightGrams, requests[1].Media, requests[2].Options[0] = 6, nil, "Sort"
	again := many.saveMany(requests...)
	assert.Equal(t, []string{"updated", "updated", "updated"}, outcomes(again))
	for i, request := range requests {
		saved, err := one.service.SaveProduct(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, timeless(saved.Product), timeless(many.stored(again[i].ProductID)))
	}
}

// timeless is a product without what differs between two shops that hold the same.
func timeless(p catalog.Product) string {
	text := fmt.Sprintf("%s %s %s %v %v %v %v %v", p.Handle, p.Title, p.Status, p.Tags, p.Media, p.Attributes, p.TaxClass, p.Version)
	for _, c := range p.Categories {
		text += " in " + c.Handle
	}
	for _, o := range p.Options {
		text += fmt.Sprintf(" %s%v", o.Name, o.Values)
	}
	for _, v := range p.Variants {
		text += fmt.Sprintf(" %s %s %v %d %d %d", v.SKU, v.Title, v.Options, v.WeightGrams, v.Position, v.Version)
	}
	return text
}

func TestOfManyProductsOnlyThoseAtFaultAreRefused(t *testing.T) {
	s := open(t)
	s.saveMany(thing("owner", "TAKEN"))
	requests := make([]catalog.SaveProductRequest, 0, 20)
	for i := range 20 {
		requests = append(requests, thing(fmt.Sprintf("p-%d", i), fmt.Sprintf("P-%d", i)))
	}
	requests[3].Variants[0].SKU = "TAKEN"
	requests[7].Title = ""
	requests[12].Variants[0].SKU = "P-11"

	results := s.saveMany(requests...)

	for i, outcome := range outcomes(results) {
		want := catalog.OutcomeCreated
		switch i {
		case 3, 12:
			want = "sku_taken"
			assert.Equal(t, "/variants/0/sku", results[i].Refusal.Fields[0].Pointer)
		case 7:
			want = "validation_failed"
		}
		assert.Equal(t, want, outcome, "product %d", i)
	}
}

func TestASKUMayMoveBetweenProductsThatAreSavedTogether(t *testing.T) {
	s := open(t)
	s.saveMany(thing("a", "A", "MOVES"), thing("b", "B"))

	assert.Equal(t, []string{"updated", "updated"}, outcomes(s.saveMany(thing("b", "B", "MOVES"), thing("a", "A"))))
}

func TestAnImportLeavesAloneWhatItDoesNotSpeakOf(t *testing.T) {
	s := open(t)
	first := thing("a", "A")
	first.CategoryHandles, first.CollectionHandles = []string{"pots"}, []string{"summer"}
	first.Attributes, first.TaxClass, first.ExternalID = map[string]string{"material": "Clay", "color": "Red"}, "reduced", "erp-7"
	_, err := s.service.SaveProduct(t.Context(), first)
	require.NoError(t, err)
	second := thing("a", "A")
	second.CategoryHandles, second.Attributes = []string{"garden"}, map[string]string{"color": "", "size": "L"}

	result := s.saveMany(second)[0]

	p := s.stored(result.ProductID)
	assert.Equal(t, []string{"garden", "pots"}, []string{p.Categories[0].Handle, p.Categories[1].Handle})
	assert.Equal(t, "summer", p.Collections[0].Handle)
	assert.Equal(t, map[string]string{"material": "Clay", "size": "L"}, p.Attributes)
	assert.Equal(t, "reduced", p.TaxClass)
	assert.Equal(t, "erp-7", p.ExternalID)
	assert.Equal(t, []string{"unchanged"}, outcomes(s.saveMany(thing("a", "A"))))
}

func TestADryRunOfManyChangesNothing(t *testing.T) {
	s := open(t)
	s.saveMany(thing("a", "A"), thing("owner", "TAKEN"))
	changed := thing("a", "A")
	changed.Title = "Else"

	answer, err := s.service.SaveProducts(t.Context(), catalog.SaveProductsRequest{DryRun: true,
		Products: []catalog.SaveProductRequest{changed, thing("new", "N"), thing("taker", "TAKEN"), thing("bad")}})

	require.NoError(t, err)
	assert.Equal(t, []string{"updated", "created", "sku_taken"}, outcomes(answer.Results)[:3])
	ids, err := s.service.ProductIDs(t.Context(), catalog.ProductIDsRequest{})
	require.NoError(t, err)
	assert.Len(t, ids.IDs, 2)
	assert.Equal(t, "Thing a", s.stored(answer.Results[0].ProductID).Title)
}

func TestSizesOfPicturesAreKept(t *testing.T) {
	s := open(t)
	req := thing("a", "A")
	req.Media = []catalog.Media{{URL: "https://pictures.example/a.png"}, {URL: "https://pictures.example/b.png"}}
	id := s.saveMany(req)[0].ProductID
	sizes := catalog.MeasurePicturesRequest{Pictures: []catalog.PictureSize{{ProductID: id, URL: "https://pictures.example/b.png", Width: 640, Height: 480},
		{ProductID: id, URL: "https://pictures.example/gone.png", Width: 1, Height: 1},
		{ProductID: "00000000-0000-0000-0000-000000000001", URL: "https://pictures.example/b.png", Width: 1, Height: 1}}}

	first, err := s.service.MeasurePictures(t.Context(), sizes)
	require.NoError(t, err)
	again, err := s.service.MeasurePictures(t.Context(), sizes)
	require.NoError(t, err)

	assert.Equal(t, 1, first.Changed)
	assert.Zero(t, again.Changed)
	assert.Equal(t, catalog.Media{URL: "https://pictures.example/b.png", Width: 640, Height: 480}, s.stored(id).Media[1])
	assert.Equal(t, []string{"unchanged"}, outcomes(s.saveMany(req)), "an import does not forget them")
}
