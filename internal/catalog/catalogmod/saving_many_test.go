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
