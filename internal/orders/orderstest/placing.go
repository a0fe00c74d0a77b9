package orderstest

import (
	"strings"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func placing() []story {
	return []story{
		{"a placed order is the snapshot", aPlacedOrderIsTheSnapshot},
		{"lines and delivery are those of the snapshot", linesAndDeliveryAreThoseOfTheSnapshot},
		{"a snapshot may leave out what is not needed", aSnapshotMayLeaveOut},
		{"tax on top is part of the total", taxOnTopIsPartOfTheTotal},
		{"the same reference again answers the same order", theSameReferenceAgain},
		{"a reference that is placed at once is one order", aReferencePlacedAtOnceIsOneOrder},
		{"orders have numbers and tokens of their own", ordersHaveNumbersOfTheirOwn},
		{"a reference without an order is not found", aReferenceWithoutAnOrder},
	}
}

func aPlacedOrderIsTheSnapshot(s shop) {
	req := snapshot()

	placed := s.place(req)

	assert.Equal(s, placed, s.found(req.Reference))
	v := placed.Order
	assert.Equal(s, ids.Encode(orders.OrderPrefix, placed.OrderID), v.ID)
	assert.Equal(s, []string{orders.StatusPlaced, orders.PaymentAuthorized, orders.Unfulfilled},
		[]string{v.Status, v.PaymentStatus, v.FulfillmentStatus})
	assert.Equal(s, []string{req.ChannelCode, req.Currency, req.Locale, req.Email, req.Note},
		[]string{v.Channel, v.Currency, v.Locale, v.Email, v.Note})
	assert.Equal(s, orders.ViewAddresses{Shipping: req.ShippingAddress, Billing: req.BillingAddress}, v.Addresses)
	assert.Equal(s, req.Totals, v.Totals)
	assert.True(s, v.TaxIncluded)
	assert.Equal(s, orders.ViewPayment{Method: "manual", Authorized: eur(3389), Captured: eur(0), Refunded: eur(0)}, v.Payment)
	assert.Equal(s, req.Metadata, v.Metadata)
	assert.WithinDuration(s, time.Now(), v.PlacedAt, time.Minute)
	assert.Nil(s, v.CanceledAt)
	assert.True(s, strings.HasSuffix(v.PermalinkURL, "/"+v.ID))
	assert.NotContains(s, v.PermalinkURL, v.Token)
}

func linesAndDeliveryAreThoseOfTheSnapshot(s shop) {
	req := snapshot()

	v := s.place(req).Order

	tee, mug := req.Lines[0], req.Lines[1]
	require.Len(s, v.Lines, 2)
	assert.Equal(s, orders.ViewLine{ID: v.Lines[0].ID, VariantID: ids.Encode("var", tee.VariantID),
		ProductID: ids.Encode("prod", tee.ProductID), ProductHandle: "tee", SKU: "TEE", Title: "Tee", VariantTitle: "Red / M",
		Options: tee.Options, Thumbnail: tee.Thumbnail, Quantity: orders.ViewQuantity{Ordered: 2, Current: 2},
		UnitPrice: tee.UnitPrice, Subtotal: tee.Subtotal, Discount: tee.Discount, Tax: tee.Tax, Total: tee.Total,
		Adjustments: []orders.Adjustment{}, TaxLines: tee.TaxLines, RequiresShipping: true, Metadata: tee.Metadata}, v.Lines[0])
	assert.Equal(s, orders.ViewLine{ID: v.Lines[1].ID, VariantID: ids.Encode("var", mug.VariantID),
		ProductID: ids.Encode("prod", mug.ProductID), ProductHandle: "mug", SKU: "MUG", Title: "Mug",
		Options: []orders.SelectedOption{}, Quantity: orders.ViewQuantity{Ordered: 3, Current: 3},
		UnitPrice: mug.UnitPrice, Subtotal: mug.Subtotal, Discount: mug.Discount, Tax: mug.Tax, Total: mug.Total,
		Adjustments: []orders.Adjustment{}, TaxLines: mug.TaxLines, Metadata: map[string]string{}}, v.Lines[1])
	assert.NotEqual(s, v.Lines[0].ID, v.Lines[1].ID)
	assert.Equal(s, &orders.ViewShipping{OptionID: ids.Encode("ship", req.Shipping.OptionID), Code: "standard", Name: "Standard",
		Price: eur(490), Tax: eur(78), TaxLines: vat(78)}, v.Shipping)
}

// small is a snapshot of one line that says no more than it must.
func small() orders.PlaceRequest {
	req := orders.PlaceRequest{Reference: snapshot().Reference, ChannelID: ids.New(), ChannelCode: "web", Currency: "JPY",
		Locale: "ja"}
	amount := func(minor int64) money.Money { return money.MustNew(minor, "JPY") }
	req.Lines = []orders.PlaceLine{{VariantID: ids.New(), ProductID: ids.New(), ProductHandle: "tea", SKU: "TEA", Title: "Tea",
		Quantity: 2, UnitPrice: amount(500), Subtotal: amount(1000), Discount: amount(0), Tax: amount(80), Total: amount(1080)}}
	req.Totals = orders.Totals{Subtotal: amount(1000), Discount: amount(0), Shipping: amount(0), Tax: amount(80), Total: amount(1080)}
	req.Payment = orders.PlacePayment{Method: "manual", Authorized: amount(0)}
	return req
}

func aSnapshotMayLeaveOut(s shop) {
	for range 2 { // Two orders without a cart do not have the same one.
		req := small()

		placed := s.place(req)

		assert.Equal(s, placed, s.found(req.Reference))
		assert.Equal(s, orders.ViewAddresses{}, placed.Order.Addresses)
		assert.Nil(s, placed.Order.Shipping)
		assert.Empty(s, placed.Order.Note)
		assert.Equal(s, map[string]string{}, placed.Order.Metadata)
		assert.Equal(s, []orders.TaxLine{}, placed.Order.Lines[0].TaxLines)
		assert.Equal(s, orders.PaymentUnpaid, placed.Order.PaymentStatus)
	}
}

func taxOnTopIsPartOfTheTotal(s shop) {
	included := small()
	included.TaxIncluded = true

	assert.Equal(s, money.MustNew(1080, "JPY"), s.place(small()).Order.Totals.Total)
	assert.ErrorIs(s, s.refused(included), orders.ErrInvalidSnapshot)
}

func theSameReferenceAgain(s shop) {
	req := snapshot()
	first := s.place(req)
	other := snapshot()
	other.Reference, other.Email = req.Reference, "other@example.com"

	assert.Equal(s, first, s.place(req))
	assert.Equal(s, first, s.place(other), "the reference alone tells which order it is")
	assert.Equal(s, first, s.found(req.Reference))
}

func aReferencePlacedAtOnceIsOneOrder(s shop) {
	const callers, rounds = 4, 10
	for range rounds {
		req := snapshot()
		got, errs := make([]orders.Placed, callers), make([]error, callers)

		together(callers, func(i int) { got[i], errs[i] = s.Place(s.Context(), req) })

		for i := range callers {
			require.NoError(s, errs[i])
			require.Equal(s, got[0], got[i])
		}
	}
}

// together runs n calls that start at the same moment, and waits for all.
func together(n int, call func(i int)) {
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			<-start
			call(i)
		})
	}
	close(start)
	running.Wait()
}

func ordersHaveNumbersOfTheirOwn(s shop) {
	first, second := s.place(snapshot()), s.place(snapshot())

	assert.NotEqual(s, first.OrderID, second.OrderID)
	assert.NotEqual(s, first.Order.Number, second.Order.Number)
	assert.NotEqual(s, first.Order.Token, second.Order.Token)
	assert.NotEmpty(s, first.Order.Number)
	assert.NotEmpty(s, first.Order.Token)
}

func aReferenceWithoutAnOrder(s shop) {
	placed := s.place(snapshot())

	for _, reference := range []string{"", snapshot().Reference, placed.OrderID, placed.Order.ID, placed.Order.Number} {
		_, err := s.find(reference)

		assert.ErrorIs(s, err, orders.ErrNotFound, "reference %q", reference)
	}
}
