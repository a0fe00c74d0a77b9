package catalogmod_test

import (
	"fmt"
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

// A text that is no UTF-8 becomes another one on its way to another process, so that the contract says nothing of it.
func TestATextThatIsNoUTF8IsRefused(t *testing.T) {
	s := open(t)
	req := shirt()
	req.Variants[0].Barcode = "\xff"

	_, err := s.service.SaveProduct(t.Context(), req)

	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	assert.ErrorIs(t, refused, catalog.ErrInvalidProduct)
	assert.Equal(t, "/variants/0/barcode", refused.Fields[0].Pointer)
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
