package fulfillmentmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestC11OfTwentyChangesOfOneVersionOneIsMade(t *testing.T) {
	s := open(t)
	id := s.create("standard").Text("id")

	answers := contracttest.Together(20, func(i int) contracttest.Answer {
		return s.patch(id, `"1"`, fmt.Sprintf(`{"name": "Name %d", "prices": [{"amount": %d, "currency": "EUR"}]}`, i, i))
	})

	var winners []contracttest.Answer
	for _, a := range answers {
		if a.Status == http.StatusOK {
			winners = append(winners, a)
			continue
		}
		a.Refused(http.StatusPreconditionFailed, "version_mismatch")
	}
	require.Len(t, winners, 1)
	assert.Equal(t, `"2"`, winners[0].Header.Get("ETag"))
	assert.Equal(t, winners[0].Body, s.get(id).Body, "name and prices are those of one change")
}

func TestChangesBesideARemovalAreMadeOrFindNothing(t *testing.T) {
	s := open(t)
	for round := range 10 {
		id := s.create(fmt.Sprintf("option-%d", round)).Text("id")

		statuses := contracttest.Together(6, func(i int) int {
			if i == 0 {
				return s.Send(http.MethodDelete, path+"/"+id, "").Status
			}
			return s.patch(id, `"1"`, `{"prices": [{"amount": 1, "currency": "EUR"}, {"amount": 1, "currency": "USD"}]}`).Status
		})

		assert.Equal(t, http.StatusNoContent, statuses[0])
		counts := contracttest.Count(statuses[1:])
		assert.LessOrEqual(t, counts[http.StatusOK], 1)
		assert.Equal(t, 5, counts[http.StatusOK]+counts[http.StatusPreconditionFailed]+counts[http.StatusNotFound], counts)
	}
	assert.Zero(t, s.count(`SELECT count(*) FROM fulfillment.option_prices`))
}

func TestOptionsSavedAtOnceAreOneWithThePricesOfOneRequest(t *testing.T) {
	s := open(t)

	saved := contracttest.Together(20, func(i int) string {
		answer, err := s.service.SaveOption(t.Context(), fulfillment.SaveOptionRequest{Code: "standard", Name: fmt.Sprint(i), Active: true,
			Prices: []money.Money{money.MustNew(int64(i), "EUR"), money.MustNew(int64(i), "USD")}})
		assert.NoError(t, err)
		return answer.ID
	})

	require.Len(t, contracttest.Count(saved), 1)
	read := s.get(ids.Encode(fulfillment.OptionPrefix, saved[0]))
	name := read.Text("name")
	assert.Contains(t, read.Body, fmt.Sprintf(`"prices":[{"amount":%s,"currency":"EUR"},{"amount":%s,"currency":"USD"}]`, name, name))
	assert.Equal(t, `"20"`, read.Header.Get("ETag"))
}

func TestOneOfManyOptionsGetsACode(t *testing.T) {
	s := open(t)

	statuses := contracttest.Together(10, func(int) int {
		return s.Send(http.MethodPost, path, `{"code": "standard", "name": "Standard", "prices": [{"amount": 1, "currency": "EUR"}]}`).Status
	})

	assert.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: 9}, contracttest.Count(statuses))
}

func TestAShipmentRecordedAtOnceIsOne(t *testing.T) {
	s := open(t)
	id, order := ids.New(), ids.New()

	numbers := contracttest.Together(20, func(i int) string {
		recorded, err := s.service.CreateShipment(t.Context(), fulfillment.CreateShipmentRequest{Shipment: fulfillment.Shipment{
			ID: id, OrderID: order, Tracking: fulfillment.Tracking{Number: fmt.Sprint(i)}}})
		assert.NoError(t, err)
		return recorded.Tracking.Number
	})

	assert.Len(t, contracttest.Count(numbers), 1, "all answer the first record")
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM fulfillment.shipments`))
	assert.Equal(t, 1, s.count(`SELECT count(*) FROM fulfillment.outbox_events`))
}
