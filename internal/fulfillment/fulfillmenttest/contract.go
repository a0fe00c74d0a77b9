// Package fulfillmenttest has the contract that every implementation of fulfillment.Service keeps: the module in this
// process, and its client to another. Only tests import it.
package fulfillmenttest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
)

// RunContract tests what every fulfillment.Service promises. Open answers a service without shipping options for each story.
func RunContract(t *testing.T, open func(t testing.TB) fulfillment.Service) {
	for _, s := range slices.Concat(offering(), saving(), shipping()) {
		t.Run(s.name, func(t *testing.T) { s.run(shop{T: t, Service: open(t)}) })
	}
}

type story struct {
	name string
	run  func(s shop)
}

// shop is a service under test with short names for what stories do.
type shop struct {
	*testing.T
	fulfillment.Service
}

// save answers the id of an option.
func (s shop) save(req fulfillment.SaveOptionRequest) string {
	s.Helper()
	saved, err := s.SaveOption(s.Context(), req)
	require.NoError(s, err)
	return saved.ID
}

func (s shop) options(country, currency string) []fulfillment.Option {
	s.Helper()
	answer, err := s.Options(s.Context(), fulfillment.OptionsRequest{Country: country, Currency: currency})
	require.NoError(s, err)
	return answer.Options
}

// codes are those of the options that serve a country in a currency.
func (s shop) codes(country, currency string) []string {
	s.Helper()
	found := []string{}
	for _, option := range s.options(country, currency) {
		found = append(found, option.Code)
	}
	return found
}

func (s shop) option(id, country, currency string) (fulfillment.Option, error) {
	return s.Option(s.Context(), fulfillment.OptionRequest{ID: id, Country: country, Currency: currency})
}

func (s shop) record(shipment fulfillment.Shipment) fulfillment.Shipment {
	s.Helper()
	recorded, err := s.CreateShipment(s.Context(), fulfillment.CreateShipmentRequest{Shipment: shipment})
	require.NoError(s, err)
	return recorded
}

func (s shop) shipments(orderID string) []fulfillment.Shipment {
	s.Helper()
	answer, err := s.Shipments(s.Context(), fulfillment.ShipmentsRequest{OrderID: orderID})
	require.NoError(s, err)
	return answer.Shipments
}

// parcel is a request that says something of everything.
func parcel() fulfillment.SaveOptionRequest {
	return fulfillment.SaveOptionRequest{Code: "parcel", Name: "Parcel", Countries: []string{"DE", "AT"},
		Prices: []money.Money{eur(490), jpy(700)}, MinDays: 2, MaxDays: 4, TaxClass: "shipping", Position: 1, Active: true}
}

// everywhere is an option that serves every country in euros.
func everywhere(code string, minor int64, position int) fulfillment.SaveOptionRequest {
	return fulfillment.SaveOptionRequest{Code: code, Name: code, Prices: []money.Money{eur(minor)}, Position: position, Active: true}
}

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

func jpy(minor int64) money.Money { return money.MustNew(minor, "JPY") }
