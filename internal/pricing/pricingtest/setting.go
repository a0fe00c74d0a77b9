package pricingtest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

func setting() []story {
	return []story{
		{"a set price holds, with all that was said of it", aSetPriceHolds},
		{"id and time are the module's own", idAndTimeAreTheModulesOwn},
		{"a price ends when another is set for its place", aPriceEndsWhenAnotherIsSet},
		{"setting what is current changes nothing", settingWhatIsCurrentChangesNothing},
		{"another compare-at price is a change", anotherCompareAtPriceIsAChange},
		{"of two prices for one place the later one counts", theLaterOneCounts},
		{"current prices come in the order of the request", currentPricesComeInTheOrderOfTheRequest},
		{"nothing and the largest amount are prices", theSmallestAndTheLargest},
		{"impossible prices are refused, and leave all as they were", impossiblePricesAreRefused},
		{"setting nothing is no error", settingNothingIsNoError},
	}
}

func aSetPriceHolds(s shop) {
	wanted := s.price(1999, ids.New(), "DE")
	wanted.CompareAt = eur(2499)

	set := s.set(wanted)

	require.Len(s, set.Prices, 1)
	assert.Equal(s, 1, set.Changed)
	assert.Equal(s, []string{s.variant}, set.ChangedVariants)
	got := set.Prices[0]
	assert.True(s, ids.Valid(got.ID))
	assert.WithinDuration(s, time.Now(), got.CreatedAt, time.Minute)
	wanted.ID, wanted.CreatedAt = got.ID, got.CreatedAt
	assert.Equal(s, wanted, got)
	assert.Equal(s, set.Prices, s.prices(pricing.PricesRequest{VariantIDs: []string{s.variant}, Currency: "EUR",
		ChannelID: wanted.ChannelID, Country: "DE"}))
}

func idAndTimeAreTheModulesOwn(s shop) {
	wanted := s.price(1999, "", "")
	wanted.ID, wanted.CreatedAt = ids.New(), time.Now().Add(-time.Hour)

	got := s.set(wanted).Prices[0]

	assert.NotEqual(s, wanted.ID, got.ID)
	assert.Greater(s, got.CreatedAt, wanted.CreatedAt.Add(time.Minute))
	again := s.set(wanted)
	assert.Zero(s, again.Changed)
	assert.Equal(s, []pricing.Price{got}, again.Prices)
}

func aPriceEndsWhenAnotherIsSet(s shop) {
	first := s.set(s.price(1000, "", "")).Prices[0]
	second := s.set(s.price(800, "", ""))
	third := s.set(s.price(1000, "", "")).Prices[0]

	assert.Equal(s, 1, second.Changed)
	assert.NotEqual(s, first.ID, third.ID, "what ended does not begin again")
	assert.False(s, third.CreatedAt.Before(second.Prices[0].CreatedAt))
	assert.Equal(s, []pricing.Price{third}, s.prices(pricing.PricesRequest{VariantIDs: []string{s.variant}, Currency: "EUR"}))
	assert.Equal(s, []pricing.Price{third}, s.offers("", s.variant))
}

func settingWhatIsCurrentChangesNothing(s shop) {
	wanted, other := s.price(1000, "", ""), pricing.Price{VariantID: ids.New(), Amount: *eur(1)}
	wanted.CompareAt = eur(1500)
	first := s.set(wanted)

	again := s.set(wanted)
	more := s.set(wanted, other)

	assert.Zero(s, again.Changed)
	assert.Empty(s, again.ChangedVariants)
	assert.Equal(s, first.Prices, again.Prices)
	assert.Equal(s, 1, more.Changed)
	assert.Equal(s, []string{other.VariantID}, more.ChangedVariants)
	assert.Equal(s, first.Prices[0], more.Prices[0])
}

func anotherCompareAtPriceIsAChange(s shop) {
	for _, compareAt := range []*money.Money{nil, eur(1500), eur(1600), nil} {
		wanted := s.price(1000, "", "")
		wanted.CompareAt = compareAt

		set := s.set(wanted)

		assert.Equal(s, 1, set.Changed)
		assert.Equal(s, compareAt, set.Prices[0].CompareAt)
	}
}

func theLaterOneCounts(s shop) {
	set := s.set(s.price(1000, "", ""), s.price(900, "", "DE"), s.price(1100, "", ""))

	require.Len(s, set.Prices, 3)
	assert.Equal(s, 2, set.Changed)
	assert.Equal(s, *eur(1100), set.Prices[0].Amount)
	assert.Equal(s, set.Prices[0], set.Prices[2])
	assert.Equal(s, eur(1100), s.cost("", ""))

	again := s.set(s.price(1000, "", ""), s.price(1100, "", ""))

	assert.Zero(s, again.Changed, "it is current already")
}

func currentPricesComeInTheOrderOfTheRequest(s shop) {
	var wanted []pricing.Price
	for i := range int64(5) {
		wanted = append(wanted, pricing.Price{VariantID: ids.New(), Amount: *eur(100 + i)})
	}
	s.set(wanted[3], wanted[1])

	set := s.set(wanted...)

	assert.Equal(s, variants(wanted), variants(set.Prices))
	assert.Equal(s, 3, set.Changed)
	assert.ElementsMatch(s, []string{wanted[0].VariantID, wanted[2].VariantID, wanted[4].VariantID}, set.ChangedVariants)
}

func theSmallestAndTheLargest(s shop) {
	for _, minor := range []int64{0, math.MaxInt64} {
		s.set(s.price(minor, "", ""))

		assert.Equal(s, eur(minor), s.cost("", ""))
	}
}

func impossiblePricesAreRefused(s shop) {
	first := s.set(s.price(1000, "", "")).Prices[0]
	priced := func(amount money.Money, compareAt *money.Money, country string) pricing.Price {
		return pricing.Price{VariantID: ids.New(), Amount: amount, CompareAt: compareAt, Country: country}
	}
	for name, c := range map[string]struct {
		price pricing.Price
		want  error
	}{
		"below zero":                   {priced(*eur(-1), nil, ""), pricing.ErrInvalidPrice},
		"compare-at below the price":   {priced(*eur(100), eur(99), ""), pricing.ErrInvalidPrice},
		"compare-at equal to it":       {priced(*eur(100), eur(100), ""), pricing.ErrInvalidPrice},
		"compare-at in other currency": {priced(*eur(100), jpy(200), ""), pricing.ErrCurrencyMismatch},
		"a country that is none":       {priced(*eur(100), nil, "ZZ"), pricing.ErrUnsupportedCountry},
		"a country in lower case":      {priced(*eur(100), nil, "de"), pricing.ErrUnsupportedCountry},
		"no currency":                  {priced(money.Money{}, nil, ""), money.ErrUnknownCurrency},
	} {
		s.Run(name, func(t *testing.T) {
			_, err := s.SetPrices(t.Context(), pricing.SetPricesRequest{Prices: []pricing.Price{s.price(1, "", ""), c.price}})

			assert.ErrorIs(t, err, c.want)
		})
	}
	assert.Equal(s, []pricing.Price{first}, s.prices(pricing.PricesRequest{VariantIDs: []string{s.variant}, Currency: "EUR"}))
}

func settingNothingIsNoError(s shop) {
	set := s.set()

	assert.NotNil(s, set.Prices)
	assert.Empty(s, set.Prices)
	assert.Zero(s, set.Changed)
	assert.Empty(s, set.ChangedVariants)
}
