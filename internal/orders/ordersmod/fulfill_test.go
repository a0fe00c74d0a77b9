package ordersmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestSendingAnOrderInPartsCompletesIt(t *testing.T) {
	s := open(t)
	o := s.paid()
	tracking := httpapi.Tracking{Carrier: "Post", Number: "00340434"}

	part := created[httpapi.Fulfillment](s, s.post(o.path+"/fulfillments", "1", httpapi.FulfillmentCreate{Lines: o.lines(1, 3), Tracking: tracking}))
	between := s.admin(o)
	rest := created[httpapi.Fulfillment](s, s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{}))

	require.Equal(t, tracking, part.Tracking)
	require.NotEmpty(t, part.LocationID)
	require.Equal(t, httpapi.FulfillmentStatusPartiallyFulfilled, between.FulfillmentStatus)
	require.Equal(t, httpapi.OrderStatusPlaced, between.Status)
	require.Equal(t, orders.ViewQuantity{Ordered: 2, Current: 2, Fulfilled: 1}, between.Lines[0].Quantity)
	require.Equal(t, []httpapi.OrderLineAmount{{LineID: o.Order.Lines[0].ID, Quantity: 1}}, rest.Lines)
	got := s.admin(o)
	require.Equal(t, httpapi.OrderStatusCompleted, got.Status)
	require.Equal(t, []httpapi.Fulfillment{part, rest}, *got.Fulfillments)
	s.refused(s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{}), http.StatusConflict, "order_state")
	s.refused(s.post(o.path+"/captures", "k", httpapi.CaptureCreate{}), http.StatusConflict, "order_state")
	s.refused(s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{}), http.StatusConflict, "order_not_cancelable")
}

func TestAnOrderThatIsSentBeforeItIsPaidCompletesWithTheCapture(t *testing.T) {
	s := open(t)
	o := s.place()
	created[httpapi.Fulfillment](s, s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{}))
	s.refused(s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{}), http.StatusConflict, "line_not_fulfillable")

	created[httpapi.Capture](s, s.post(o.path+"/captures", "k", httpapi.CaptureCreate{}))

	require.Equal(t, httpapi.OrderStatusCompleted, s.admin(o).Status)
}

func TestMoreThanIsLeftCannotBeSent(t *testing.T) {
	s := open(t)
	o := s.place()

	a := s.post(o.path+"/fulfillments", "k", httpapi.FulfillmentCreate{Lines: append(o.lines(2, 2), o.lines(0, 2)...)})

	s.refused(a, http.StatusConflict, "line_not_fulfillable")
	require.Contains(t, a.Body.String(), `"/lines/1/quantity"`)
	require.Empty(t, s.parcels.list)
	unknown := httpapi.FulfillmentCreate{Lines: []httpapi.OrderLineRef{{LineID: ids.Encode(orders.LinePrefix, ids.New()), Quantity: 1}}}
	s.refused(s.post(o.path+"/fulfillments", "k", unknown), http.StatusUnprocessableEntity, "validation_failed")
	nowhere := httpapi.FulfillmentCreate{LocationID: "loc_x"}
	s.refused(s.post(o.path+"/fulfillments", "k", nowhere), http.StatusUnprocessableEntity, "unknown_location")
}

func TestOneShipmentForOneKey(t *testing.T) {
	s := open(t)
	o := s.place()
	body := httpapi.FulfillmentCreate{Lines: o.lines(1)}

	answers := atOnce(5, func(int) answer { return s.post(o.path+"/fulfillments", "k", body) })

	require.Equal(t, map[int]int{201: 5}, count(answers))
	for _, a := range answers {
		require.Equal(t, answers[0].Body.String(), a.Body.String())
	}
	require.Len(t, s.parcels.list, 1)
	require.Equal(t, int64(1), s.admin(o).Lines[0].Quantity.Fulfilled)
}

// Stock that is not counted refuses nobody, so only the order itself can tell that both want the same units.
func TestParallelFulfillmentsNeverSendMoreThanWasOrdered(t *testing.T) {
	s := open(t)
	_, err := s.inventory.SetStock(t.Context(), inventory.SetStockRequest{Items: []inventory.StockItem{
		{SKU: "TEE", Mode: inventory.ModeNone}, {SKU: "MUG", Mode: inventory.ModeNone}}})
	require.NoError(t, err)
	for range 10 {
		o := s.place()
		before := len(s.parcels.list)

		answers := atOnce(4, func(int) answer {
			return s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{Lines: o.lines(1, 2)})
		})

		require.Equal(t, map[int]int{201: 1, 409: 3}, count(answers))
		require.Len(t, s.parcels.list, before+1)
		require.Equal(t, int64(2), s.admin(o).Lines[1].Quantity.Fulfilled)
	}
}

func TestWhatInventoryRefusesIsNotSent(t *testing.T) {
	s := open(t)
	o := s.place()
	_, err := s.inventory.Deallocate(t.Context(), inventory.DeallocateRequest{ID: "x", Reference: o.reference})
	require.NoError(t, err)

	s.refused(s.post(o.path+"/fulfillments", "k", httpapi.FulfillmentCreate{}), http.StatusConflict, "line_not_fulfillable")

	require.Empty(t, s.parcels.list)
	require.Zero(t, s.admin(o).Lines[0].Quantity.Fulfilled)
	s.refused(s.post(o.path+"/fulfillments", "k", httpapi.FulfillmentCreate{}), http.StatusConflict, "line_not_fulfillable")
	a := s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{})
	require.Equal(t, http.StatusOK, a.Code, "the claim on the units is gone: %s", a.Body)
}
