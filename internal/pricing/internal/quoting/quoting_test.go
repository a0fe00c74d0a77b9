package quoting_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/internal/quoting"
)

const (
	everywhere   = "everywhere"
	inChannel    = "in the channel"
	inCountry    = "in the country"
	inBoth       = "in the channel and the country"
	otherCountry = "in another country"
)

// prices makes a price for each place; its ID says where it holds.
func prices(names ...string) []pricing.Price {
	list := make([]pricing.Price, len(names))
	for i, name := range names {
		p := pricing.Price{ID: name, VariantID: "v1", Amount: money.MustNew(100, "EUR")}
		if name == inChannel || name == inBoth {
			p.ChannelID = "web"
		}
		if name == inCountry || name == inBoth {
			p.Country = "DE"
		}
		if name == otherCountry {
			p.Country = "FR"
		}
		list[i] = p
	}
	return list
}

// shelf is a store that has only current prices to read.
type shelf struct {
	quoting.Store
	prices []pricing.Price
}

func (s shelf) Current(context.Context, quoting.Wanted) ([]pricing.Price, error) {
	return slices.Clone(s.prices), nil
}

func TestTheMostSpecificPriceWins(t *testing.T) {
	cases := []struct {
		name       string
		candidates []string
		wins       string
	}{
		{"a price for everywhere holds where there is no other", []string{everywhere}, everywhere},
		{"channel over none", []string{everywhere, inChannel}, inChannel},
		{"country over none", []string{everywhere, inCountry}, inCountry},
		{"country over channel", []string{everywhere, inChannel, inCountry}, inCountry},
		{"channel and country over country", []string{everywhere, inChannel, inCountry, inBoth}, inBoth},
		{"a price for another country never holds", []string{everywhere, otherCountry}, everywhere},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for range 2 { // in both orders of reading
				service := quoting.New(shelf{prices: prices(c.candidates...)})

				answer, err := service.Prices(t.Context(), pricing.PricesRequest{VariantIDs: []string{"v1"}, Currency: "EUR", ChannelID: "web", Country: "DE"})

				require.NoError(t, err)
				require.Len(t, answer.Prices, 1)
				assert.Equal(t, c.wins, answer.Prices[0].ID)
				slices.Reverse(c.candidates)
			}
		})
	}
}

func TestWithoutACountryNoPriceOfACountryHolds(t *testing.T) {
	service := quoting.New(shelf{prices: prices(inCountry, inBoth, inChannel)})

	answer, err := service.Prices(t.Context(), pricing.PricesRequest{VariantIDs: []string{"v1"}, Currency: "EUR", ChannelID: "web"})

	require.NoError(t, err)
	require.Len(t, answer.Prices, 1)
	assert.Equal(t, inChannel, answer.Prices[0].ID)
}

func TestAVariantWithoutAFittingPriceIsLeftOut(t *testing.T) {
	service := quoting.New(shelf{prices: prices(otherCountry)})

	answer, err := service.Prices(t.Context(), pricing.PricesRequest{VariantIDs: []string{"v1"}, Currency: "EUR", Country: "DE"})

	require.NoError(t, err)
	assert.NotNil(t, answer.Prices)
	assert.Empty(t, answer.Prices)
}

func TestWithoutACurrencyThereIsNoPrice(t *testing.T) {
	service := quoting.New(shelf{prices: prices(everywhere)})

	answer, err := service.Prices(t.Context(), pricing.PricesRequest{VariantIDs: []string{"v1"}})

	require.NoError(t, err)
	assert.Empty(t, answer.Prices)
}

func TestAnOfferPerVariantCurrencyAndCountry(t *testing.T) {
	inYen := prices(everywhere)[0]
	inYen.ID, inYen.Amount = "in yen", money.MustNew(5000, "JPY")
	another := prices(everywhere)[0]
	another.ID, another.VariantID = "of another variant", "v2"
	service := quoting.New(shelf{prices: append(prices(everywhere, inChannel, inCountry, inBoth, otherCountry), inYen, another)})

	answer, err := service.Offers(t.Context(), pricing.OffersRequest{VariantIDs: []string{"v1", "v2"}, ChannelID: "web"})

	require.NoError(t, err)
	won := make([]string, len(answer.Offers))
	for i, offer := range answer.Offers {
		won[i] = offer.ID
	}
	assert.ElementsMatch(t, []string{inChannel, inBoth, otherCountry, "in yen", "of another variant"}, won)
}

func TestImpossiblePricesAreRefused(t *testing.T) {
	euros := func(minor int64) *money.Money { m := money.MustNew(minor, "EUR"); return &m }
	yen := money.MustNew(5000, "JPY")
	cases := []struct {
		name    string
		price   pricing.Price
		want    error
		pointer string
	}{
		{"below zero", pricing.Price{Amount: *euros(-1)}, pricing.ErrInvalidPrice, "/prices/1/amount"},
		{"compare-at below the price", pricing.Price{Amount: *euros(100), CompareAt: euros(99)}, pricing.ErrInvalidPrice, "/prices/1/compare_at"},
		{"compare-at equal to the price", pricing.Price{Amount: *euros(100), CompareAt: euros(100)}, pricing.ErrInvalidPrice, "/prices/1/compare_at"},
		{"compare-at in another currency", pricing.Price{Amount: *euros(100), CompareAt: &yen}, pricing.ErrCurrencyMismatch, "/prices/1/compare_at"},
		{"a country that ISO 3166-1 does not know", pricing.Price{Amount: *euros(100), Country: "ZZ"}, pricing.ErrUnsupportedCountry, "/prices/1/country"},
		{"no currency", pricing.Price{}, money.ErrUnknownCurrency, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			good := pricing.Price{VariantID: "v1", Amount: *euros(100)}

			_, err := quoting.New(shelf{}).SetPrices(t.Context(), pricing.SetPricesRequest{Prices: []pricing.Price{good, c.price}})

			require.ErrorIs(t, err, c.want)
			assert.Equal(t, c.pointer, pointerOf(err))
		})
	}
}

// pointerOf answers the first place that a fault names, or "".
func pointerOf(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return ""
	}
	return f.Fields[0].Pointer
}
