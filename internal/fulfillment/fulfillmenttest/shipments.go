package fulfillmenttest

import (
	"math"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func shipping() []story {
	return []story{
		{"a shipment is recorded under the caller's id", aShipmentIsRecorded},
		{"a shipment may say nothing but its id and its order", aShipmentMaySayNothing},
		{"the same id again answers the first record", theSameIDAgain},
		{"an id that is recorded at once is one shipment", anIDRecordedAtOnce},
		{"the shipments of an order come oldest first", shipmentsComeOldestFirst},
		{"an order without shipments has none", anOrderWithoutShipments},
	}
}

// sent is a shipment that says something of everything.
func sent(orderID string) fulfillment.Shipment {
	return fulfillment.Shipment{ID: ids.New(), OrderID: orderID, LocationID: ids.New(),
		Tracking: fulfillment.Tracking{Carrier: "DHL", Number: "1Z", URL: "https://dhl.example/1Z"},
		Lines: []fulfillment.ShipmentLine{{LineID: ids.New(), SKU: `TEE "M"`, Quantity: 2},
			{LineID: ids.New(), SKU: "MUG", Quantity: math.MaxInt64}}}
}

func aShipmentIsRecorded(s shop) {
	wanted := sent(ids.New())
	wanted.CreatedAt = time.Now().Add(-time.Hour)

	recorded := s.record(wanted)

	assert.WithinDuration(s, time.Now(), recorded.CreatedAt, time.Minute, "the time is the module's own")
	wanted.CreatedAt = recorded.CreatedAt
	assert.Equal(s, wanted, recorded)
	assert.Equal(s, []fulfillment.Shipment{recorded}, s.shipments(wanted.OrderID))
}

func aShipmentMaySayNothing(s shop) {
	bare := fulfillment.Shipment{ID: ids.New(), OrderID: ids.New()}

	recorded := s.record(bare)

	assert.Equal(s, fulfillment.Tracking{}, recorded.Tracking)
	assert.Empty(s, recorded.Lines)
	assert.Equal(s, []fulfillment.Shipment{recorded}, s.shipments(bare.OrderID))
}

func theSameIDAgain(s shop) {
	shipment := sent(ids.New())
	first := s.record(shipment)
	other := sent(ids.New())
	other.ID = shipment.ID

	assert.Equal(s, first, s.record(shipment))
	assert.Equal(s, first, s.record(other), "the id alone tells which shipment it is")
	assert.Equal(s, []fulfillment.Shipment{first}, s.shipments(first.OrderID))
	assert.Empty(s, s.shipments(other.OrderID))
}

func anIDRecordedAtOnce(s shop) {
	const callers, rounds = 4, 10
	for range rounds {
		shipment := sent(ids.New())
		recorded, errs := make([]fulfillment.Shipment, callers), make([]error, callers)
		start := make(chan struct{})
		var running sync.WaitGroup
		for i := range callers {
			running.Go(func() {
				<-start
				recorded[i], errs[i] = s.CreateShipment(s.Context(), fulfillment.CreateShipmentRequest{Shipment: shipment})
			})
		}
		close(start)
		running.Wait()

		for i := range callers {
			require.NoError(s, errs[i])
			require.Equal(s, recorded[0], recorded[i])
		}
		require.Len(s, s.shipments(shipment.OrderID), 1)
	}
}

func shipmentsComeOldestFirst(s shop) {
	order := ids.New()
	var all []fulfillment.Shipment
	for range 5 {
		all = append(all, s.record(sent(order)))
		s.record(sent(ids.New()))
	}

	assert.Equal(s, all, s.shipments(order))
}

func anOrderWithoutShipments(s shop) {
	for _, orderID := range []string{ids.New(), "nonsense", ""} {
		assert.Empty(s, s.shipments(orderID))
	}
}
