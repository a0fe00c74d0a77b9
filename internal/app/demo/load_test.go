package demo_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/demo"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/tax"
)

func TestThereAre24ProductsOver3OptionShapes(t *testing.T) {
	h := loaded(t)

	shapes := map[int]int{}
	for _, p := range h.shelves.saved {
		shapes[len(p.Options)]++
	}
	assert.Len(t, h.shelves.saved, 24)
	assert.Len(t, shapes, 3)
	for options := range 3 {
		assert.GreaterOrEqual(t, shapes[options], 4, "products with %d options", options)
	}
}

func TestEveryProductIsFitToBeShown(t *testing.T) {
	for _, p := range loaded(t).shelves.saved {
		assert.Equal(t, catalog.StatusActive, p.Status, p.Handle)
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, p.Handle)
		assert.Regexp(t, `^<p>.{40,}`, p.Description, p.Handle)
		assert.NotEmpty(t, p.Vendor, p.Handle)
		assert.NotEmpty(t, p.Tags, p.Handle)
		assert.NotEmpty(t, p.Attributes, p.Handle)
		assert.NotEmpty(t, p.CategoryHandles, p.Handle)
		assert.NotEmpty(t, p.CollectionHandles, p.Handle)
	}
}

func TestEveryVariantHasItsOwnSKUAndValuesAndAPrice(t *testing.T) {
	h := loaded(t)

	known := map[string]bool{}
	for _, p := range h.shelves.saved {
		var combinations [][]string
		for _, v := range p.Variants {
			assert.False(t, known[v.SKU], v.SKU)
			known[v.SKU] = true
			assert.Len(t, v.Options, len(p.Options), v.SKU)
			assert.False(t, slices.ContainsFunc(combinations, func(c []string) bool { return slices.Equal(c, v.Options) }), v.SKU)
			combinations = append(combinations, v.Options)
			price, ok := h.prices.current["id of "+v.SKU]
			require.True(t, ok, v.SKU)
			assert.Positive(t, price.Amount.Minor(), v.SKU)
			if price.CompareAt != nil {
				assert.Greater(t, price.CompareAt.Minor(), price.Amount.Minor(), v.SKU)
			}
		}
	}
	assert.Len(t, h.prices.current, len(known))
	assert.Len(t, h.stockroom.items, len(known))
}

func TestAVariantMayCostAndWeighOtherThanItsProduct(t *testing.T) {
	h := loaded(t)

	assert.Equal(t, money.MustNew(9500, "EUR"), *h.prices.current["id of HOOD-MOSS-L"].CompareAt)
	assert.Equal(t, money.MustNew(8200, "EUR"), h.prices.current["id of HOOD-MOSS-XL"].Amount)
	assert.Nil(t, h.prices.current["id of HOOD-MOSS-XL"].CompareAt, "its own price has no compare-at price of the product")
	bowls := h.shelves.saved[slices.IndexFunc(h.shelves.saved, func(p catalog.SaveProductRequest) bool { return p.Handle == "nesting-bowl" })]
	assert.Equal(t, []int64{340, 520, 830}, []int64{bowls.Variants[0].WeightGrams, bowls.Variants[1].WeightGrams, bowls.Variants[2].WeightGrams})
}

func TestStockIsSplitOverTwoLocationsAndTellsStories(t *testing.T) {
	h := loaded(t)

	atFirst, inBerlin := int64(0), int64(0)
	var low, soldOut, uncounted []string
	for sku, item := range h.stockroom.items {
		total := h.stockroom.total(sku)
		atFirst += h.stockroom.counts[place{"", sku}]
		inBerlin += h.stockroom.counts[place{"at berlin", sku}]
		switch {
		case item.Mode == inventory.ModeNone:
			uncounted = append(uncounted, sku)
		case total == 0:
			soldOut = append(soldOut, sku)
		case total <= item.LowStockThreshold:
			low = append(low, sku)
		}
	}
	assert.Positive(t, atFirst)
	assert.Positive(t, inBerlin)
	assert.Equal(t, []string{"THROW-WOOL"}, soldOut)
	assert.Equal(t, []string{"BOOK-CITY-WALKS"}, uncounted)
	assert.ElementsMatch(t, []string{"CANDLE-BEESWAX", "CHAIR-LEATHER"}, low)
}

func TestThereIsAlwaysPlentyOfTheFeaturedVariant(t *testing.T) {
	h := loaded(t)

	assert.GreaterOrEqual(t, h.stockroom.total(demo.FeaturedSKU), int64(100))
	assert.Contains(t, h.prices.current, "id of "+demo.FeaturedSKU)
}

func TestOnlyTheDownloadIsNotSent(t *testing.T) {
	for _, p := range loaded(t).shelves.saved {
		for _, v := range p.Variants {
			assert.Equal(t, p.Handle != "city-walks", v.RequiresShipping, v.SKU)
			assert.Equal(t, v.RequiresShipping, v.WeightGrams > 0, v.SKU)
		}
	}
}

func TestShoppersInGermanyChooseBetweenShippingOptions(t *testing.T) {
	h := loaded(t)

	var prices []int64
	for _, o := range h.carriers.options {
		if o.Active && (len(o.Countries) == 0 || slices.Contains(o.Countries, "DE")) {
			require.Len(t, o.Prices, 1)
			prices = append(prices, o.Prices[0].Minor())
		}
	}
	slices.Sort(prices)
	assert.Equal(t, []int64{490, 1290, 2490}, prices)
	assert.False(t, h.carriers.options["free"].Active, "it would always be the cheapest")
}

func TestEveryTaxClassOfAProductHasARateInEachCountryWithTaxes(t *testing.T) {
	h := loaded(t)

	rates := map[string]string{}
	for _, r := range h.office.rates {
		rates[r.Country+" "+r.TaxClass] = r.Rate
	}
	assert.Equal(t, "19", rates["DE standard"])
	assert.Equal(t, "7", rates["DE reduced"])
	assert.Equal(t, "20", rates["AT standard"])
	assert.Equal(t, "20", rates["FR standard"])
	assert.Equal(t, "21", rates["NL standard"])
	for _, p := range h.shelves.saved {
		class := p.TaxClass
		if class == "" {
			class = tax.ClassStandard
		}
		for _, country := range []string{"DE", "AT", "FR", "NL"} {
			assert.Contains(t, rates, country+" "+class, p.Handle)
		}
	}
}

func TestLoadingAgainChangesNothing(t *testing.T) {
	h := loaded(t)
	before := h.changes()

	require.NoError(t, demo.Load(t.Context(), h.services()))

	assert.Equal(t, before, h.changes())
}

func TestLoadingAgainLeavesAloneWhatWasChangedAndResettingPutsItBack(t *testing.T) {
	h := loaded(t)
	sold := place{"", demo.FeaturedSKU}
	had := h.stockroom.counts[sold]
	h.stockroom.counts[sold] = had - 3
	h.shelves.saved[0].Title = "Renamed"
	price := h.prices.current["id of MUG-SAGE"]
	price.Amount = money.MustNew(1, "EUR")
	h.prices.current["id of MUG-SAGE"] = price
	standard := h.carriers.options["standard"]
	standard.Active = false
	h.carriers.options["standard"] = standard

	require.NoError(t, demo.Load(t.Context(), h.services()))

	assert.Equal(t, had-3, h.stockroom.counts[sold])
	assert.Equal(t, "Renamed", h.shelves.saved[0].Title)
	assert.Equal(t, int64(1), h.prices.current["id of MUG-SAGE"].Amount.Minor())
	assert.False(t, h.carriers.options["standard"].Active)

	require.NoError(t, demo.Reset(t.Context(), h.services()))

	assert.Equal(t, had, h.stockroom.counts[sold])
	assert.Equal(t, "Harbor Tee", h.shelves.saved[0].Title)
	assert.Equal(t, money.MustNew(1800, "EUR"), h.prices.current["id of MUG-SAGE"].Amount)
	assert.True(t, h.carriers.options["standard"].Active)
}

func TestAProductThatWasTakenOutComesBackWithItsStock(t *testing.T) {
	h := loaded(t)
	h.shelves.saved = h.shelves.saved[1:]
	delete(h.stockroom.counts, place{"", demo.FeaturedSKU})
	h.stockroom.counts[place{"", "MUG-SAGE"}] = 1

	require.NoError(t, demo.Load(t.Context(), h.services()))

	assert.Len(t, h.shelves.saved, 24)
	assert.Positive(t, h.stockroom.counts[place{"", demo.FeaturedSKU}])
	assert.Equal(t, int64(1), h.stockroom.counts[place{"", "MUG-SAGE"}])
}

func TestALoadThatBrokeOffIsCompletedByTheNext(t *testing.T) {
	h := newHouse()
	h.prices.broken = errors.New("connection lost")
	require.ErrorIs(t, demo.Load(t.Context(), h.services()), h.prices.broken)
	h.prices.broken = nil

	require.NoError(t, demo.Load(t.Context(), h.services()))

	assert.Len(t, h.prices.current, len(h.stockroom.items))
}

func TestAChannelInAnotherCurrencyRefusesTheDemoShop(t *testing.T) {
	h := newHouse()
	services := h.services()
	services.Channels = dollarChannel{}

	require.ErrorIs(t, demo.Load(t.Context(), services), channels.ErrUnsupportedCurrency)

	assert.Zero(t, h.changes())
}
