package catalogmod_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func shirt() catalog.SaveProductRequest {
	return catalog.SaveProductRequest{
		Handle: "shirt", Title: "Shirt", Description: `<p>Soft<script>x()</script></p>`, Vendor: "V", ProductType: "Tops",
		Status: catalog.StatusActive, Tags: []string{"men", "", "men", " summer "}, Options: []string{"Size", "Color"},
		Media:           []catalog.Media{{URL: "https://example.com/a.jpg", Alt: "a", Width: 800, Height: 600}, {URL: "/b.svg"}},
		CategoryHandles: []string{"tops", "mens-wear", "tops"}, CollectionHandles: []string{"summer"},
		Attributes: map[string]string{"material": "cotton"}, SEO: catalog.SEO{Title: "S", Description: "D"},
		ExternalID: "77",
		Variants: []catalog.SaveVariant{
			{SKU: "S-S-RED", Options: []string{"S", "Red"}, Barcode: "1", WeightGrams: 100, RequiresShipping: true, Taxable: true},
			{SKU: "S-M-RED", Options: []string{"M", "Red"}},
			{SKU: "S-M-BLUE", Options: []string{"M", "Blue"}},
		},
	}
}

func TestSavingCreatesWhatIsMissing(t *testing.T) {
	s := open(t)

	saved := s.save(shirt())

	p := saved.Product
	assert.Equal(t, catalog.OutcomeCreated, saved.Outcome)
	assert.Equal(t, "<p>Soft</p>", p.Description)
	assert.Equal(t, []string{"men", "summer"}, p.Tags)
	assert.Equal(t, [][]string{{"S", "M"}, {"Red", "Blue"}}, [][]string{p.Options[0].Values, p.Options[1].Values})
	assert.Equal(t, []string{"Mens wear", "Tops"}, []string{p.Categories[0].Name, p.Categories[1].Name})
	assert.Equal(t, "Summer", p.Collections[0].Name)
	assert.Equal(t, "M / Blue", p.Variants[2].Title)
	assert.Equal(t, []catalog.SelectedOption{{Name: "Size", Value: "M"}, {Name: "Color", Value: "Blue"}}, p.Variants[2].Options)
	assert.Equal(t, catalog.Media{URL: "https://example.com/a.jpg", Alt: "a", Width: 800, Height: 600}, p.Media[0])
	read, err := s.service.Products(t.Context(), catalog.ProductsRequest{IDs: []string{p.ID}})
	require.NoError(t, err)
	assert.Equal(t, []catalog.Product{p}, read.Products)
}

func TestSavingWhatIsThereChangesAndAnnouncesNothing(t *testing.T) {
	s := open(t)
	first := s.save(shirt())

	again := s.save(shirt())

	assert.Equal(t, catalog.OutcomeUnchanged, again.Outcome)
	assert.Equal(t, first.Product, again.Product)
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM catalog.outbox_events`))
}

func TestSavingAChangeKeepsTheIdsOfWhatStays(t *testing.T) {
	s := open(t)
	before := s.save(shirt()).Product
	req := shirt()
	req.Title = "Better shirt"
	req.CategoryHandles = []string{"tops", "sale"}
	req.CollectionHandles = nil
	req.Media = []catalog.Media{{URL: "https://example.com/a.jpg", Alt: "new"}}
	// Two variants exchange their values, one goes, one comes.
	req.Variants = []catalog.SaveVariant{
		{SKU: "S-M-RED", Options: []string{"M", "Blue"}},
		{SKU: "S-M-BLUE", Options: []string{"M", "Red"}},
		{SKU: "S-L-RED", Options: []string{"L", "Red"}},
	}

	saved := s.save(req)

	p := saved.Product
	assert.Equal(t, catalog.OutcomeUpdated, saved.Outcome)
	assert.Equal(t, []string{before.Variants[1].ID, before.Variants[2].ID}, []string{p.Variants[0].ID, p.Variants[1].ID})
	assert.Equal(t, []string{"M / Blue", "M / Red", "L / Red"}, []string{p.Variants[0].Title, p.Variants[1].Title, p.Variants[2].Title})
	assert.Equal(t, []int{2, 2, 1}, []int{p.Variants[0].Version, p.Variants[1].Version, p.Variants[2].Version})
	assert.Equal(t, before.Options[0].ID, p.Options[0].ID)
	assert.Equal(t, []string{"sale", "tops"}, []string{p.Categories[0].Handle, p.Categories[1].Handle})
	assert.Equal(t, before.Categories[1].ID, p.Categories[1].ID)
	assert.Empty(t, p.Collections)
	assert.Equal(t, []catalog.Media{{URL: "https://example.com/a.jpg", Alt: "new", Width: 800, Height: 600}}, p.Media)
	assert.Equal(t, 2, p.Version)
	assert.Equal(t, catalog.OutcomeUnchanged, s.save(req).Outcome)
	assert.Equal(t, 2, s.count(`SELECT count(*) FROM catalog.outbox_events`))
}

func TestAnEventNamesTheVariantsThatAreThereAfterTheChange(t *testing.T) {
	s := open(t)
	s.save(shirt())
	req := shirt()
	req.Variants = req.Variants[1:]
	req.Status = catalog.StatusArchived
	p := s.save(req).Product

	var payloads []string
	require.NoError(t, s.db.Select(t.Context(), &payloads,
		`SELECT payload::text FROM catalog.outbox_events WHERE name = $1 AND aggregate_type = 'product' AND seq = 2`,
		catalog.ProductChanged{}.EventName()))

	require.Len(t, payloads, 1)
	assert.JSONEq(t, fmt.Sprintf(`{"product_id":%q,"handle":"shirt","status":"archived","variants":[
		{"id":%q,"sku":"S-M-RED"},{"id":%q,"sku":"S-M-BLUE"}]}`, p.ID, p.Variants[0].ID, p.Variants[1].ID), payloads[0])
}

func TestWhatCannotBeSavedIsRefused(t *testing.T) {
	s := open(t)
	s.save(shirt())
	for name, attempt := range map[string]struct {
		change  func(*catalog.SaveProductRequest)
		want    error
		pointer string
	}{
		"no handle":            {func(r *catalog.SaveProductRequest) { r.Handle = "" }, catalog.ErrInvalidProduct, "/handle"},
		"a strange handle":     {func(r *catalog.SaveProductRequest) { r.Handle = "Shirt_1" }, catalog.ErrInvalidProduct, "/handle"},
		"no title":             {func(r *catalog.SaveProductRequest) { r.Title = " " }, catalog.ErrInvalidProduct, "/title"},
		"a NUL":                {func(r *catalog.SaveProductRequest) { r.Vendor = "a\x00" }, catalog.ErrInvalidProduct, "/vendor"},
		"no UTF-8":             {func(r *catalog.SaveProductRequest) { r.Variants[0].Barcode = "\xff" }, catalog.ErrInvalidProduct, "/variants/0/barcode"},
		"an unknown status":    {func(r *catalog.SaveProductRequest) { r.Status = "on" }, catalog.ErrInvalidProduct, "/status"},
		"a blank SKU":          {func(r *catalog.SaveProductRequest) { r.Variants[1].SKU = "" }, catalog.ErrInvalidProduct, "/variants/1/sku"},
		"a SKU twice":          {func(r *catalog.SaveProductRequest) { r.Variants[1].SKU = "S-S-RED" }, catalog.ErrInvalidProduct, "/variants/1/sku"},
		"a combination twice":  {func(r *catalog.SaveProductRequest) { r.Variants[1].Options = []string{"S", "Red"} }, catalog.ErrInvalidProduct, "/variants/1/option_values"},
		"a missing value":      {func(r *catalog.SaveProductRequest) { r.Variants[1].Options = []string{"S"} }, catalog.ErrInvalidProduct, "/variants/1/options"},
		"a blank value":        {func(r *catalog.SaveProductRequest) { r.Variants[1].Options = []string{"S", ""} }, catalog.ErrInvalidProduct, "/options/1/values/1"},
		"a script for a link":  {func(r *catalog.SaveProductRequest) { r.Media[0].URL = "javascript:x()" }, catalog.ErrInvalidProduct, "/media/0/url"},
		"a bad category":       {func(r *catalog.SaveProductRequest) { r.CategoryHandles = []string{"A B"} }, catalog.ErrInvalidProduct, ""},
		"a negative weight":    {func(r *catalog.SaveProductRequest) { r.Variants[0].WeightGrams = -1 }, catalog.ErrInvalidProduct, "/variants/0/weight_grams"},
		"another's SKU":        {func(r *catalog.SaveProductRequest) { r.Handle, r.ExternalID = "other", "" }, catalog.ErrSKUTaken, "/variants/0/sku"},
		"another's other id":   {func(r *catalog.SaveProductRequest) { r.Handle, r.Variants = "other", nil; r.Options = nil }, catalog.ErrExternalIDTaken, "/external_id"},
		"an endless title":     {func(r *catalog.SaveProductRequest) { r.Title = strings.Repeat("x", 256) }, catalog.ErrInvalidProduct, "/title"},
		"options without uses": {func(r *catalog.SaveProductRequest) { r.Variants = nil }, catalog.ErrInvalidProduct, "/options/0/values"},
	} {
		req := shirt()
		attempt.change(&req)

		_, err := s.service.SaveProduct(t.Context(), req)

		require.ErrorIs(t, err, attempt.want, name)
		if attempt.pointer != "" {
			var refused *fault.Error
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, attempt.pointer, refused.Fields[0].Pointer, name)
		}
	}
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM catalog.outbox_events`))
	assert.Zero(t, s.count(`SELECT count(*) FROM catalog.categories WHERE handle = 'other'`))
}

func TestARefusedProductLeavesNoCategoryBehind(t *testing.T) {
	s := open(t)
	s.save(shirt())
	req := shirt()
	req.Handle, req.ExternalID, req.CategoryHandles = "other", "", []string{"brand-new"}

	_, err := s.service.SaveProduct(t.Context(), req)

	require.ErrorIs(t, err, catalog.ErrSKUTaken)
	assert.Zero(t, s.count(`SELECT count(*) FROM catalog.categories WHERE handle = 'brand-new'`))
}

func TestSavingLeavesAloneWhatARequestDoesNotSpeakOf(t *testing.T) {
	s := open(t)
	created := s.create(`{"title":"Shirt","handle":"shirt","metadata":{"k":"v"},"options":[{"name":"Size","values":["S"]}],
		"variants":[{"sku":"A","title":"Own","metadata":{"x":"y"},"external_id":"e","option_values":{"Size":"S"}}]}`)

	p := s.save(catalog.SaveProductRequest{Handle: "shirt", Title: "Shirt", Status: "active", Options: []string{"Size"},
		Variants: []catalog.SaveVariant{{SKU: "A", Options: []string{"S"}}}}).Product

	assert.Equal(t, created.str("id"), ids.Encode(catalog.ProductPrefix, p.ID))
	assert.Equal(t, map[string]string{"k": "v"}, p.Metadata)
	assert.Equal(t, map[string]string{"x": "y"}, p.Variants[0].Metadata)
	assert.Equal(t, []string{"Own", "e"}, []string{p.Variants[0].Title, p.Variants[0].ExternalID})
}

func TestTheSameImportTwiceAtOnceSavesOnce(t *testing.T) {
	s := open(t)
	for round := range 5 {
		outcomes := make([]string, 4)

		together(4, func(i int) {
			req := shirt()
			req.Handle, req.ExternalID = fmt.Sprintf("shirt-%d", round), ""
			req.CategoryHandles = []string{fmt.Sprintf("c-%d", round), fmt.Sprintf("b-%d", round)}
			for v := range req.Variants {
				req.Variants[v].SKU += fmt.Sprint(round)
			}
			saved, err := s.service.SaveProduct(t.Context(), req)
			assert.NoError(t, err)
			outcomes[i] = saved.Outcome
		})

		assert.ElementsMatch(t, []string{"created", "unchanged", "unchanged", "unchanged"}, outcomes)
	}
}

func TestSavesOfOneProductAtOnceAllHappen(t *testing.T) {
	s := open(t)
	s.save(shirt())

	together(4, func(i int) {
		req := shirt()
		req.Title = fmt.Sprintf("Shirt %d", i)
		saved, err := s.service.SaveProduct(t.Context(), req)
		assert.NoError(t, err)
		assert.Equal(t, req.Title, saved.Product.Title)
	})

	assert.Equal(t, 5, s.count(`SELECT version FROM catalog.products`))
}
