// Package pricingtest has the contract that every implementation of pricing.Service keeps: the module in this process, and
// its client to another. Only tests import it.
package pricingtest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// RunContract tests what every pricing.Service promises. Every story prices variants of its own, so that open may answer
// one service for all of them.
func RunContract(t *testing.T, open func(t testing.TB) pricing.Service) {
	for _, s := range slices.Concat(asking(), offering(), setting()) {
		t.Run(s.name, func(t *testing.T) { s.run(shop{T: t, Service: open(t), variant: ids.New()}) })
	}
}

type story struct {
	name string
	run  func(s shop)
}

// shop is a service under test with short names for what stories do, and a variant that has no price yet.
type shop struct {
	*testing.T
	pricing.Service
	variant string
}

func (s shop) set(prices ...pricing.Price) pricing.SetPricesAnswer {
	s.Helper()
	answer, err := s.SetPrices(s.Context(), pricing.SetPricesRequest{Prices: prices})
	require.NoError(s, err)
	return answer
}

func (s shop) prices(req pricing.PricesRequest) []pricing.Price {
	s.Helper()
	answer, err := s.Prices(s.Context(), req)
	require.NoError(s, err)
	return answer.Prices
}

// cost is what the variant costs in euros, in a channel and a country; nil when it has no price there.
func (s shop) cost(channelID, country string) *money.Money {
	s.Helper()
	found := s.prices(pricing.PricesRequest{VariantIDs: []string{s.variant}, Currency: "EUR", ChannelID: channelID, Country: country})
	if len(found) == 0 {
		return nil
	}
	require.Len(s, found, 1)
	return &found[0].Amount
}

func (s shop) offers(channelID string, variantIDs ...string) []pricing.Price {
	s.Helper()
	answer, err := s.Offers(s.Context(), pricing.OffersRequest{VariantIDs: variantIDs, ChannelID: channelID})
	require.NoError(s, err)
	return answer.Offers
}

// price is one of the variant, in a channel and a country; either may be empty.
func (s shop) price(minor int64, channelID, country string) pricing.Price {
	return pricing.Price{VariantID: s.variant, Amount: *eur(minor), ChannelID: channelID, Country: country}
}

func eur(minor int64) *money.Money {
	m := money.MustNew(minor, "EUR")
	return &m
}

func jpy(minor int64) *money.Money {
	m := money.MustNew(minor, "JPY")
	return &m
}

func variants(prices []pricing.Price) []string {
	list := make([]string, len(prices))
	for i, p := range prices {
		list[i] = p.VariantID
	}
	return list
}
