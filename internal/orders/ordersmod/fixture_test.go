package ordersmod_test

import (
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

// snapshot is 2 tees for 20.00 and 3 mugs for 9.99 less 1.00, with shipping for 4.90: 33.89, taxes inside.
func snapshot(reference string) orders.PlaceRequest {
	address := &orders.Address{FirstName: "Ada", LastName: "Byron", Line1: "Lindenweg 4", City: "Jena", PostalCode: "07743", Country: "DE"}
	vat := func(minor int64) []orders.TaxLine {
		return []orders.TaxLine{{Name: "VAT", Rate: "19", Amount: eur(minor)}}
	}
	return orders.PlaceRequest{
		Reference: reference, CartID: ids.New(), ChannelID: ids.New(), ChannelCode: "web", Currency: "EUR", Locale: "en",
		TaxIncluded: true, Email: "Ada@example.com", ShippingAddress: address, BillingAddress: address,
		Lines: []orders.PlaceLine{
			{VariantID: ids.New(), ProductID: ids.New(), ProductHandle: "tee", SKU: "TEE", Title: "Tee", VariantTitle: "Red / M",
				Options: []orders.SelectedOption{{Name: "Size", Value: "M"}}, Thumbnail: &orders.Thumbnail{URL: "/tee.svg", Alt: "Tee"},
				Quantity: 2, UnitPrice: eur(1000), Subtotal: eur(2000), Discount: eur(0), Tax: eur(319), Total: eur(2000),
				TaxLines: vat(319), RequiresShipping: true, Metadata: map[string]string{"gift": "yes"}},
			{VariantID: ids.New(), ProductID: ids.New(), ProductHandle: "mug", SKU: "MUG", Title: "Mug", Quantity: 3,
				UnitPrice: eur(333), Subtotal: eur(999), Discount: eur(100), Tax: eur(144), Total: eur(899), TaxLines: vat(144),
				RequiresShipping: true},
		},
		Shipping: &orders.PlaceShipping{OptionID: ids.New(), Code: "standard", Name: "Standard", Price: eur(490), Tax: eur(78), TaxLines: vat(78)},
		Totals:   orders.Totals{Subtotal: eur(2999), Discount: eur(100), Shipping: eur(490), Tax: eur(541), Total: eur(3389)},
		Payment:  orders.PlacePayment{Method: payments.MethodFake, Authorized: eur(3389), CaptureNow: true},
		Note:     "ring twice",
	}
}

func newReference() string { return ids.Encode("co", ids.New()) }

// placed is an order, its id as the API spells it, and its checkout.
type placed struct {
	orders.Placed
	path      string
	reference string
}

// stocked is how many units of each SKU a shop begins with.
const stocked = 1000

func (s shop) stock(skus ...string) {
	s.Helper()
	onHand := int64(stocked)
	for _, sku := range skus {
		_, err := s.inventory.SetStock(s.Context(), inventory.SetStockRequest{Items: []inventory.StockItem{
			{SKU: sku, Mode: inventory.ModeTrack, OnHand: &onHand}}})
		require.NoError(s, err)
	}
}

// place does what a checkout does: stock reserved and allocated, money authorized, order placed.
func (s shop) place() placed {
	s.Helper()
	return s.placeSnapshot(snapshot(newReference()))
}

func (s shop) placeSnapshot(req orders.PlaceRequest) placed {
	s.Helper()
	var lines []inventory.Demand
	for _, line := range req.Lines {
		lines = append(lines, inventory.Demand{SKU: line.SKU, Quantity: line.Quantity})
	}
	_, err := s.inventory.Reserve(s.Context(), inventory.ReserveRequest{Reference: req.Reference, Lines: lines, HoldUntil: time.Now().Add(time.Hour)})
	require.NoError(s, err)
	_, err = s.payments.Authorize(s.Context(), payments.AuthorizeRequest{
		Reference: req.Reference, Amount: req.Totals.Total, Method: payments.MethodFake, Token: "tok_success"})
	require.NoError(s, err)
	order, err := s.module.Service().Place(s.Context(), req)
	require.NoError(s, err)
	_, err = s.inventory.Confirm(s.Context(), inventory.ConfirmRequest{References: []string{req.Reference}})
	require.NoError(s, err)
	return placed{Placed: order, path: "/admin/v1/orders/" + order.Order.ID, reference: req.Reference}
}

// paid is an order of which all was captured.
func (s shop) paid() placed {
	s.Helper()
	o := s.place()
	created[httpapi.Capture](s, s.post(o.path+"/captures", "pay-"+o.reference, httpapi.CaptureCreate{}))
	return o
}

func (s shop) admin(o placed) httpapi.AdminOrder {
	s.Helper()
	a := s.get(o.path)
	require.Equal(s, http.StatusOK, a.Code, a.Body.String())
	return read[httpapi.AdminOrder](s, a)
}

func (s shop) buyer(o placed, token string) answer {
	r := httptest.NewRequestWithContext(s.Context(), http.MethodGet, "/store/v1/orders/"+o.Order.ID, http.NoBody)
	if token != "" {
		r.Header.Set("Order-Token", token)
	}
	return s.call(r)
}

func (s shop) available(sku string) int64 {
	s.Helper()
	stock, err := s.inventory.Availability(s.Context(), inventory.AvailabilityRequest{SKUs: []string{sku}})
	require.NoError(s, err)
	return stock.Statuses[0].Available
}

func (s shop) attempt(o placed) payments.Attempt {
	s.Helper()
	attempt, err := s.payments.Attempt(s.Context(), payments.AttemptRequest{Reference: o.reference})
	require.NoError(s, err)
	return attempt
}

// lines names units of the order's lines, by their place.
func (o placed) lines(quantities ...int64) []httpapi.OrderLineRef {
	var refs []httpapi.OrderLineRef
	for i, quantity := range quantities {
		if quantity > 0 {
			refs = append(refs, httpapi.OrderLineRef{LineID: o.Order.Lines[i].ID, Quantity: quantity})
		}
	}
	return refs
}
