package order_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

const id = "01a20275-8bc7-777f-99e2-0f6398271e0c"

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

// snapshot is two lines with a discount and shipping, tax on top: 2 x 10.00 - 1.00 + 1.90 tax and 5.00 + 0.50 tax, 4.90
// shipping + 0.49 tax.
func snapshot() orders.PlaceRequest {
	return orders.PlaceRequest{
		Currency: "EUR", ChannelID: id,
		Lines: []orders.PlaceLine{
			{VariantID: id, ProductID: id, Quantity: 2, UnitPrice: eur(1000), Subtotal: eur(2000), Discount: eur(100), Tax: eur(190), Total: eur(2090)},
			{VariantID: id, ProductID: id, Quantity: 1, UnitPrice: eur(500), Subtotal: eur(500), Discount: eur(0), Tax: eur(50), Total: eur(550)},
		},
		Shipping: &orders.PlaceShipping{OptionID: id, Price: eur(490), Tax: eur(49)},
		Totals:   orders.Totals{Subtotal: eur(2500), Discount: eur(100), Shipping: eur(490), Tax: eur(289), Total: eur(3179)},
		Payment:  orders.PlacePayment{Authorized: eur(3179)},
	}
}

// included is the same with the tax inside the prices.
func included() orders.PlaceRequest {
	req := snapshot()
	req.TaxIncluded = true
	req.Lines[0].Total, req.Lines[1].Total = eur(1900), eur(500)
	req.Totals.Total = eur(2890)
	return req
}

func free() orders.PlaceRequest {
	return orders.PlaceRequest{
		Currency: "EUR", ChannelID: id,
		Lines:   []orders.PlaceLine{{VariantID: id, ProductID: id, Quantity: 1, UnitPrice: eur(0), Subtotal: eur(0), Discount: eur(0), Tax: eur(0), Total: eur(0)}},
		Totals:  orders.Totals{Subtotal: eur(0), Discount: eur(0), Shipping: eur(0), Tax: eur(0), Total: eur(0)},
		Payment: orders.PlacePayment{Authorized: eur(0)},
	}
}

func TestSnapshotsThatAddUpAreTaken(t *testing.T) {
	require.NoError(t, order.Check(snapshot()))
	require.NoError(t, order.Check(included()))
	require.NoError(t, order.Check(free()))
}

func TestSnapshotsThatDoNotAddUpAreRefusedWhereTheyAreOff(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*orders.PlaceRequest)
		want   []string
	}{
		"no lines": {func(r *orders.PlaceRequest) { r.Lines = nil }, []string{"/lines", "/totals/subtotal", "/totals/discount", "/totals/tax"}},
		"no units": {func(r *orders.PlaceRequest) { r.Lines[1].Quantity = 0 }, []string{"/lines/1/quantity", "/lines/1/subtotal"}},
		"line subtotal": {func(r *orders.PlaceRequest) { r.Lines[0].Subtotal = eur(2001) },
			[]string{"/lines/0/subtotal", "/lines/0/total", "/totals/subtotal"}},
		"line total":     {func(r *orders.PlaceRequest) { r.Lines[0].Total = eur(2091) }, []string{"/lines/0/total"}},
		"subtotal":       {func(r *orders.PlaceRequest) { r.Totals.Subtotal = eur(2501) }, []string{"/totals/subtotal", "/totals/total"}},
		"discount":       {func(r *orders.PlaceRequest) { r.Totals.Discount = eur(99) }, []string{"/totals/discount", "/totals/total"}},
		"shipping":       {func(r *orders.PlaceRequest) { r.Totals.Shipping = eur(491) }, []string{"/totals/shipping", "/totals/total"}},
		"shipping price": {func(r *orders.PlaceRequest) { r.Shipping.Price = eur(491) }, []string{"/totals/shipping"}},
		"tax":            {func(r *orders.PlaceRequest) { r.Totals.Tax = eur(288) }, []string{"/totals/tax", "/totals/total"}},
		"shipping tax":   {func(r *orders.PlaceRequest) { r.Shipping.Tax = eur(48) }, []string{"/totals/tax"}},
		"total":          {func(r *orders.PlaceRequest) { r.Totals.Total = eur(3180) }, []string{"/totals/total"}},
		"tax counted twice": {func(r *orders.PlaceRequest) { r.TaxIncluded = true },
			[]string{"/lines/0/total", "/lines/1/total", "/totals/total"}},
		"negative discount": {func(r *orders.PlaceRequest) {
			r.Lines[1].Discount, r.Lines[1].Total = eur(-10), eur(560)
			r.Totals.Discount, r.Totals.Total = eur(90), eur(3189)
		}, []string{"/lines/1/discount"}},
		"another currency": {func(r *orders.PlaceRequest) { r.Shipping.Price = money.MustNew(490, "CHF") },
			[]string{"/shipping/price", "/totals/shipping"}},
		"payment in another currency": {func(r *orders.PlaceRequest) { r.Payment.Authorized = money.MustNew(1, "CHF") },
			[]string{"/payment/authorized"}},
		"no channel":         {func(r *orders.PlaceRequest) { r.ChannelID = "" }, []string{"/channel_id"}},
		"no variant":         {func(r *orders.PlaceRequest) { r.Lines[1].VariantID = "var_x" }, []string{"/lines/1/variant_id"}},
		"no product":         {func(r *orders.PlaceRequest) { r.Lines[1].ProductID = "" }, []string{"/lines/1/product_id"}},
		"no shipping option": {func(r *orders.PlaceRequest) { r.Shipping.OptionID = "" }, []string{"/shipping/option_id"}},
		"overflow":           {func(r *orders.PlaceRequest) { r.Lines[0].UnitPrice = eur(math.MaxInt64) }, []string{"/lines/0/subtotal"}},
	} {
		t.Run(name, func(t *testing.T) {
			req := snapshot()
			c.change(&req)

			err := order.Check(req)

			var refused *fault.Error
			require.ErrorAs(t, err, &refused)
			require.ErrorIs(t, err, orders.ErrInvalidSnapshot)
			var pointers []string
			for _, field := range refused.Fields {
				pointers = append(pointers, field.Pointer)
			}
			require.Equal(t, c.want, pointers)
		})
	}
}
