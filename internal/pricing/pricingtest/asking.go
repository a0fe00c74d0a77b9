package pricingtest

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

func asking() []story {
	return []story{
		{"the price for the nearest place wins", theNearestPlaceWins},
		{"without a country no price of a country holds", withoutACountryNoPriceOfACountryHolds},
		{"a price holds in its currency alone", aPriceHoldsInItsCurrencyAlone},
		{"variants without a price are left out", variantsWithoutAPriceAreLeftOut},
		{"a variant that is asked for twice is answered once", askedForTwiceIsAnsweredOnce},
		{"asking for nothing is no error", askingForNothingIsNoError},
		{"what was set here counts at once, also for who may remember", whatWasSetHereCountsAtOnce},
	}
}

func theNearestPlaceWins(s shop) {
	channel := ids.New()
	for _, step := range []struct {
		set  pricing.Price
		cost int64
	}{
		{s.price(5000, ids.New(), ""), 0}, {s.price(4000, "", "FR"), 0}, {s.price(3000, channel, "FR"), 0},
		{s.price(1000, "", ""), 1000}, {s.price(900, channel, ""), 900}, {s.price(1100, "", "DE"), 1100},
		{s.price(800, channel, "DE"), 800}, {s.price(1, "", ""), 800},
	} {
		s.set(step.set)

		cost := s.cost(channel, "DE")

		if step.cost == 0 {
			assert.Nil(s, cost)
			continue
		}
		assert.Equal(s, eur(step.cost), cost, "after %v", step.set)
	}
	assert.Equal(s, eur(1100), s.cost(ids.New(), "DE"))
	assert.Equal(s, eur(1100), s.cost("", "DE"))
	assert.Equal(s, eur(900), s.cost(channel, "AT"))
	assert.Equal(s, eur(1), s.cost("", "AT"))
}

func withoutACountryNoPriceOfACountryHolds(s shop) {
	channel := ids.New()
	s.set(s.price(700, "", "DE"), s.price(800, channel, "DE"))
	assert.Nil(s, s.cost(channel, ""))

	s.set(s.price(900, "", ""))

	assert.Equal(s, eur(900), s.cost(channel, ""))
}

func aPriceHoldsInItsCurrencyAlone(s shop) {
	s.set(s.price(1000, "", ""), pricing.Price{VariantID: s.variant, Amount: *jpy(5000), Country: "JP"})
	ask := func(currency, country string) []pricing.Price {
		return s.prices(pricing.PricesRequest{VariantIDs: []string{s.variant}, Currency: currency, Country: country})
	}

	euros, yen := ask("EUR", "JP"), ask("JPY", "JP")

	require.Len(s, euros, 1)
	require.Len(s, yen, 1)
	assert.Equal(s, *eur(1000), euros[0].Amount)
	assert.Equal(s, *jpy(5000), yen[0].Amount)
	assert.Empty(s, ask("JPY", "DE"))
	assert.Empty(s, ask("USD", "JP"))
	assert.Empty(s, ask("", "JP"))
}

func variantsWithoutAPriceAreLeftOut(s shop) {
	other := pricing.Price{VariantID: ids.New(), Amount: *eur(500)}
	elsewhere := pricing.Price{VariantID: ids.New(), Amount: *eur(500), Country: "FR"}
	s.set(s.price(1000, "", ""), other, elsewhere)
	asked := []string{ids.New(), s.variant, "nonsense", elsewhere.VariantID, other.VariantID}

	for _, mayRemember := range []bool{false, true} {
		found := s.prices(pricing.PricesRequest{VariantIDs: asked, Currency: "EUR", Country: "DE", MayRemember: mayRemember})

		assert.ElementsMatch(s, []string{s.variant, other.VariantID}, variants(found))
	}
	assert.ElementsMatch(s, []string{s.variant, elsewhere.VariantID, other.VariantID}, variants(s.offers("", asked...)))
}

func askedForTwiceIsAnsweredOnce(s shop) {
	s.set(s.price(1000, "", ""))

	assert.Len(s, s.prices(pricing.PricesRequest{VariantIDs: []string{s.variant, s.variant}, Currency: "EUR"}), 1)
	assert.Len(s, s.offers("", s.variant, s.variant), 1)
}

func askingForNothingIsNoError(s shop) {
	assert.Empty(s, s.prices(pricing.PricesRequest{}))
	assert.Empty(s, s.prices(pricing.PricesRequest{Currency: "EUR", MayRemember: true}))
	assert.Empty(s, s.offers(""))
}

func whatWasSetHereCountsAtOnce(s shop) {
	ask := pricing.PricesRequest{VariantIDs: []string{s.variant}, Currency: "EUR", MayRemember: true}
	assert.Empty(s, s.prices(ask))
	for _, minor := range []int64{100, 200, 300} {
		set := s.set(s.price(minor, "", ""))

		assert.Equal(s, set.Prices, s.prices(ask))
		assert.Equal(s, set.Prices, s.prices(ask), "from memory, if it may be")
	}
}
