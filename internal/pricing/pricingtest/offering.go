package pricingtest

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

func offering() []story {
	return []story{
		{"an offer for each variant, currency and country that has its own price", anOfferForEachPlace},
		{"offers of a channel leave out the other channels", offersLeaveOutTheOtherChannels},
		{"offers without a channel are those that hold in every one", offersWithoutAChannel},
		{"an offer is the price that was set", anOfferIsThePriceThatWasSet},
	}
}

// place is where an offer holds; it is not said in which order offers come.
type place struct{ variantID, currency, country string }

func amounts(offers []pricing.Price) map[place]int64 {
	found := make(map[place]int64, len(offers))
	for _, o := range offers {
		found[place{o.VariantID, o.Amount.Currency(), o.Country}] = o.Amount.Minor()
	}
	return found
}

func anOfferForEachPlace(s shop) {
	channel := ids.New()
	other := shop{T: s.T, Service: s.Service, variant: ids.New()}
	s.set(s.price(1000, "", ""), s.price(900, channel, ""), s.price(1100, "", "DE"), s.price(800, channel, "DE"),
		s.price(1200, "", "FR"), pricing.Price{VariantID: s.variant, Amount: *jpy(5000)},
		pricing.Price{VariantID: s.variant, Amount: *jpy(4000), Country: "DE"}, other.price(700, channel, "FR"))

	offers := s.offers(channel, s.variant, other.variant, ids.New())

	assert.Len(s, offers, 6)
	assert.Equal(s, map[place]int64{
		{s.variant, "EUR", ""}: 900, {s.variant, "EUR", "DE"}: 800, {s.variant, "EUR", "FR"}: 1200,
		{s.variant, "JPY", ""}: 5000, {s.variant, "JPY", "DE"}: 4000, {other.variant, "EUR", "FR"}: 700,
	}, amounts(offers))
}

func offersLeaveOutTheOtherChannels(s shop) {
	channel, another := ids.New(), ids.New()
	s.set(s.price(1000, "", ""), s.price(700, another, ""), s.price(600, another, "FR"))

	assert.Equal(s, map[place]int64{{s.variant, "EUR", ""}: 1000}, amounts(s.offers(channel, s.variant)))
}

func offersWithoutAChannel(s shop) {
	s.set(s.price(1000, "", ""), s.price(1100, "", "DE"), s.price(700, ids.New(), ""))

	assert.Equal(s, map[place]int64{{s.variant, "EUR", ""}: 1000, {s.variant, "EUR", "DE"}: 1100}, amounts(s.offers("", s.variant)))
}

func anOfferIsThePriceThatWasSet(s shop) {
	wanted := s.price(1000, ids.New(), "DE")
	wanted.CompareAt = eur(1500)

	set := s.set(wanted)

	require.Len(s, set.Prices, 1)
	assert.Equal(s, set.Prices, s.offers(wanted.ChannelID, s.variant))
}
