package fulfillmentmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func standard() fulfillment.SaveOptionRequest {
	return fulfillment.SaveOptionRequest{Code: "standard", Name: "Standard", Countries: []string{"DE"}, TaxClass: "shipping", Active: true,
		Prices: []money.Money{money.MustNew(490, "EUR"), money.MustNew(700, "JPY")}, MinDays: 2, MaxDays: 4, Position: 1}
}

func (s *shop) save(req fulfillment.SaveOptionRequest) string {
	s.t.Helper()
	saved, err := s.service.SaveOption(s.t.Context(), req)
	require.NoError(s.t, err)
	return saved.ID
}

func TestAnEmptyShopShipsForFree(t *testing.T) {
	s := open(t)

	for currency, country := range map[string]string{"EUR": "DE", "JPY": "", "KWD": "KW"} {
		offered := s.options(country, currency)

		require.Len(t, offered, 1)
		assert.Equal(t, "free", offered[0].Code)
		assert.Equal(t, money.Zero(currency), offered[0].Price)
		assert.Equal(t, "standard", offered[0].TaxClass)
	}
}

func TestSavingAnOptionAgainMakesItEqualToTheRequest(t *testing.T) {
	s := open(t)
	first := s.save(standard())

	again := s.save(fulfillment.SaveOptionRequest{Code: "standard", Name: "Slow", Prices: []money.Money{money.MustNew(290, "EUR")}, Active: true})

	assert.Equal(t, first, again)
	read := s.get(ids.Encode(fulfillment.OptionPrefix, first))
	assert.Contains(t, read.Body, `"prices":[{"amount":290,"currency":"EUR"}]`)
	assert.Contains(t, read.Body, `"countries":[]`)
	assert.NotContains(t, read.Body, "min_days")
	assert.Equal(t, "Slow", read.Text("name"))
	assert.Equal(t, `"2"`, read.Header.Get("ETag"))
}

func TestARemovedOptionIsNotOffered(t *testing.T) {
	s := open(t)
	id := s.save(standard())

	s.Send(http.MethodDelete, path+"/"+ids.Encode(fulfillment.OptionPrefix, id), "").Is(http.StatusNoContent)

	_, err := s.service.Option(t.Context(), fulfillment.OptionRequest{ID: id, Country: "DE", Currency: "EUR"})
	require.ErrorIs(t, err, fulfillment.ErrOptionUnavailable)
	assert.Zero(t, s.count(`SELECT count(*) FROM fulfillment.option_prices`))
}

func TestTheSameShipmentAgainAnswersTheFirstRecord(t *testing.T) {
	s := open(t)
	shipment := fulfillment.Shipment{ID: ids.New(), OrderID: ids.New(), Tracking: fulfillment.Tracking{Number: "first"}}
	first, err := s.service.CreateShipment(t.Context(), fulfillment.CreateShipmentRequest{Shipment: shipment})
	require.NoError(t, err)

	shipment.Tracking.Number = "second"
	again, err := s.service.CreateShipment(t.Context(), fulfillment.CreateShipmentRequest{Shipment: shipment})

	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM fulfillment.outbox_events WHERE aggregate_id = $1`, shipment.ID))
}
