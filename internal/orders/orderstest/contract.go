// Package orderstest has the contract that every implementation of orders.Service keeps: the module in this process, and its
// client to another. Only tests import it.
package orderstest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// RunContract tests what every orders.Service promises. Every story has checkouts and carts of its own, so that open may
// answer one service for all of them.
func RunContract(t *testing.T, open func(t testing.TB) orders.Service) {
	for _, s := range slices.Concat(placing(), refusing(), closing(), paying()) {
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
	orders.Service
}

func (s shop) place(req orders.PlaceRequest) orders.Placed {
	s.Helper()
	placed, err := s.Place(s.Context(), req)
	require.NoError(s, err)
	return placed
}

// refused is why a checkout gets no order.
func (s shop) refused(req orders.PlaceRequest) error {
	s.Helper()
	_, err := s.Place(s.Context(), req)
	require.Error(s, err)
	return err
}

func (s shop) close(reference string) *orders.Placed {
	s.Helper()
	answer, err := s.Close(s.Context(), orders.CloseRequest{Reference: reference})
	require.NoError(s, err)
	return answer.Placed
}

func (s shop) find(reference string) (orders.Placed, error) {
	return s.ByReference(s.Context(), orders.ByReferenceRequest{Reference: reference})
}

func (s shop) found(reference string) orders.Placed {
	s.Helper()
	placed, err := s.find(reference)
	require.NoError(s, err)
	return placed
}

func (s shop) apply(standings ...orders.PaymentStanding) {
	s.Helper()
	_, err := s.ApplyPayment(s.Context(), orders.ApplyPaymentRequest{Payments: standings})
	require.NoError(s, err)
}

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

func vat(minor int64) []orders.TaxLine {
	return []orders.TaxLine{{Name: "VAT", Rate: "19", Amount: eur(minor)}}
}

// snapshot is 2 tees for 20.00 and 3 mugs for 9.99 less 1.00, with shipping for 4.90: 33.89, taxes inside.
func snapshot() orders.PlaceRequest {
	return orders.PlaceRequest{
		Reference: ids.Encode("co", ids.New()), CartID: ids.New(), ChannelID: ids.New(), ChannelCode: "web", Currency: "EUR",
		Locale: "de", TaxIncluded: true, Email: "Ada@example.com",
		ShippingAddress: &orders.Address{FirstName: "Ada", LastName: "Byron", Line1: "Lindenweg 4", City: "Jena", PostalCode: "07743",
			Country: "DE"},
		BillingAddress: &orders.Address{Company: "Engines", Region: "TH", Country: "DE", Phone: "+49 1"},
		Lines: []orders.PlaceLine{
			{VariantID: ids.New(), ProductID: ids.New(), ProductHandle: "tee", SKU: "TEE", Title: "Tee", VariantTitle: "Red / M",
				Options:   []orders.SelectedOption{{Name: "Color", Value: "Red"}, {Name: "Size", Value: "M"}},
				Thumbnail: &orders.Thumbnail{URL: "/tee.svg", Alt: "Tee", Width: 3, Height: 4},
				Quantity:  2, UnitPrice: eur(1000), Subtotal: eur(2000), Discount: eur(0), Tax: eur(319), Total: eur(2000),
				TaxLines: vat(319), RequiresShipping: true, Metadata: map[string]string{"gift": "yes"}},
			{VariantID: ids.New(), ProductID: ids.New(), ProductHandle: "mug", SKU: "MUG", Title: "Mug", Quantity: 3,
				UnitPrice: eur(333), Subtotal: eur(999), Discount: eur(100), Tax: eur(144), Total: eur(899), TaxLines: vat(144)},
		},
		Shipping: &orders.PlaceShipping{OptionID: ids.New(), Code: "standard", Name: "Standard", Price: eur(490), Tax: eur(78),
			TaxLines: vat(78)},
		Totals:  orders.Totals{Subtotal: eur(2999), Discount: eur(100), Shipping: eur(490), Tax: eur(541), Total: eur(3389)},
		Payment: orders.PlacePayment{Method: "manual", Authorized: eur(3389), Seq: 2},
		Note:    "ring twice", Metadata: map[string]string{"campaign": "spring"},
	}
}
