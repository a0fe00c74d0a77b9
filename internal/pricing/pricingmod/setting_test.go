package pricingmod_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

func TestASetPriceHolds(t *testing.T) {
	s := open(t)
	wanted := euros(ids.New(), 1999)
	wanted.CompareAt = cents(2499)

	set := s.set(wanted)

	assert.Equal(t, 1, set.Changed)
	found := s.prices(pricing.PricesRequest{VariantIDs: []string{wanted.VariantID}, Currency: "EUR"})
	assert.Equal(t, set.Prices, found)
	assert.Equal(t, wanted.Amount, found[0].Amount)
	assert.Equal(t, wanted.CompareAt, found[0].CompareAt)
	assert.False(t, found[0].CreatedAt.IsZero())
}

func TestAReplacedPriceStaysAsHistory(t *testing.T) {
	s := open(t)
	variant := ids.New()
	first := euros(variant, 1000)
	first.CompareAt = cents(1500)
	s.set(first)
	s.set(euros(variant, 800))
	s.set(euros(variant, 900))

	history := s.history(variant)

	require.Len(t, history, 3)
	assert.Equal(t, []int64{1000, 800, 900}, []int64{history[0].Amount, history[1].Amount, history[2].Amount})
	assert.Equal(t, int64(1500), *history[0].CompareAt)
	assert.Equal(t, history[1].CreatedAt, *history[0].SupersededAt, "one price ends when the next begins")
	assert.Equal(t, history[2].CreatedAt, *history[1].SupersededAt)
	assert.Nil(t, history[2].SupersededAt)
	assert.Equal(t, 3, s.events(variant))
}

func TestSettingWhatIsCurrentChangesAndAnnouncesNothing(t *testing.T) {
	s := open(t)
	wanted := euros(ids.New(), 1000)
	wanted.CompareAt = cents(1500)
	first := s.set(wanted)

	again := s.set(wanted)

	assert.Zero(t, again.Changed)
	assert.Equal(t, first.Prices, again.Prices)
	assert.Len(t, s.history(wanted.VariantID), 1)
	assert.Equal(t, 1, s.events(wanted.VariantID))
}

func TestAnotherCompareAtPriceIsAChange(t *testing.T) {
	s := open(t)
	variant := ids.New()
	for _, compareAt := range []*money.Money{nil, cents(1500), cents(1600), nil} {
		wanted := euros(variant, 1000)
		wanted.CompareAt = compareAt

		set := s.set(wanted)

		assert.Equal(t, 1, set.Changed)
		assert.Equal(t, compareAt, set.Prices[0].CompareAt)
	}
	assert.Len(t, s.history(variant), 4)
}

func TestAPriceOfEachPlaceIsCurrentAtTheSameTime(t *testing.T) {
	s := open(t)
	variant, web, app := ids.New(), ids.New(), ids.New()
	inYen := pricing.Price{VariantID: variant, Amount: money.MustNew(5000, "JPY")}
	inWeb, inApp, inGermany := euros(variant, 900), euros(variant, 700), euros(variant, 800)
	inWeb.ChannelID, inApp.ChannelID, inGermany.Country = web, app, "DE"

	set := s.set(euros(variant, 1000), inYen, inWeb, inApp, inGermany)

	assert.Equal(t, 5, set.Changed)
	cost := func(req pricing.PricesRequest) money.Money {
		req.VariantIDs = []string{variant}
		found := s.prices(req)
		require.Len(t, found, 1)
		return found[0].Amount
	}
	assert.Equal(t, *cents(1000), cost(pricing.PricesRequest{Currency: "EUR"}))
	assert.Equal(t, *cents(900), cost(pricing.PricesRequest{Currency: "EUR", ChannelID: web}))
	assert.Equal(t, *cents(700), cost(pricing.PricesRequest{Currency: "EUR", ChannelID: app}))
	assert.Equal(t, *cents(800), cost(pricing.PricesRequest{Currency: "EUR", ChannelID: web, Country: "DE"}))
	assert.Equal(t, inYen.Amount, cost(pricing.PricesRequest{Currency: "JPY", ChannelID: web, Country: "DE"}))
	assert.Empty(t, s.prices(pricing.PricesRequest{VariantIDs: []string{variant}, Currency: "USD"}))
}

func TestOffersOfAChannelLeaveOutTheOtherChannels(t *testing.T) {
	s := open(t)
	variant, web := ids.New(), ids.New()
	inWeb, inApp := euros(variant, 900), euros(variant, 700)
	inWeb.ChannelID, inApp.ChannelID, inApp.Country = web, ids.New(), "FR"
	s.set(euros(variant, 1000), inWeb, inApp, pricing.Price{VariantID: variant, Amount: money.MustNew(5000, "JPY")})

	answer, err := s.service.Offers(t.Context(), pricing.OffersRequest{VariantIDs: []string{variant, ids.New()}, ChannelID: web})

	require.NoError(t, err)
	require.Len(t, answer.Offers, 2)
	assert.Equal(t, *cents(900), answer.Offers[0].Amount)
	assert.Equal(t, "JPY", answer.Offers[1].Amount.Currency())
}

func TestAPriceNamedTwiceTakesTheLaterAmount(t *testing.T) {
	s := open(t)
	variant := ids.New()

	set := s.set(euros(variant, 1000), euros(variant, 1100))

	assert.Equal(t, 1, set.Changed)
	require.Len(t, set.Prices, 2)
	assert.Equal(t, *cents(1100), set.Prices[1].Amount)
	assert.Equal(t, set.Prices[1], set.Prices[0])
	assert.Len(t, s.history(variant), 1)
}

func TestOneImpossiblePriceLeavesAllAsTheyWere(t *testing.T) {
	s := open(t)
	variant := ids.New()
	wrong := euros(ids.New(), 100)
	wrong.CompareAt = cents(50)

	_, err := s.service.SetPrices(t.Context(), pricing.SetPricesRequest{Prices: []pricing.Price{euros(variant, 1000), wrong}})

	require.ErrorIs(t, err, pricing.ErrInvalidPrice)
	assert.Empty(t, s.history(variant))
}

func TestNothingToSetIsNoError(t *testing.T) {
	s := open(t)

	set := s.set()

	assert.NotNil(t, set.Prices)
	assert.Zero(t, set.Changed)
}

func TestTheZeroPriceHolds(t *testing.T) {
	s := open(t)
	free := euros(ids.New(), 0)

	s.set(free)

	found := s.prices(pricing.PricesRequest{VariantIDs: []string{free.VariantID}, Currency: "EUR"})
	require.Len(t, found, 1)
	assert.Equal(t, free.Amount, found[0].Amount)
	assert.Nil(t, found[0].CompareAt)
}
