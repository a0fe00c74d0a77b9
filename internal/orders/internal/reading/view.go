package reading

import (
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// The public prefixes of catalog's ids. Orders keep such ids in their snapshots and know nothing else of the catalog, so
// they are spelled here rather than imported.
const (
	variantPrefix = "var"
	productPrefix = "prod"
)

// Presenter shows orders as the store API does.
type Presenter struct {
	Tokens *tokens.Keyring
	// BaseURL is the public address of the shop, without a slash at its end.
	BaseURL string
}

// View is the order as its buyer sees it.
func (p Presenter) View(o order.Order) orders.View {
	id := ids.Encode(orders.OrderPrefix, o.ID)
	v := orders.View{
		ID: id, Number: o.Number, Status: o.Status, PaymentStatus: o.PaymentStatus, FulfillmentStatus: o.FulfillmentStatus,
		Channel: o.ChannelCode, Currency: o.Currency, Locale: o.Locale, Email: o.Email, Lines: []orders.ViewLine{},
		Addresses: orders.ViewAddresses{Shipping: o.ShippingAddress, Billing: o.BillingAddress}, Shipping: shipping(o.Shipping),
		Totals: o.Totals, TaxIncluded: o.TaxIncluded, Payment: payment(o.State), Note: o.Note, Metadata: orEmpty(o.Metadata),
		PlacedAt: o.PlacedAt, CanceledAt: o.CanceledAt,
		Token: p.Tokens.Derive(orders.TokenKind, o.ID, o.TokenVersion), PermalinkURL: p.BaseURL + "/orders/" + id,
	}
	for _, l := range o.Lines {
		v.Lines = append(v.Lines, line(l))
	}
	return v
}

func payment(s order.State) orders.ViewPayment {
	return orders.ViewPayment{Method: s.Payment.Method, Authorized: s.Amount(s.Payment.Authorized),
		Captured: s.Amount(s.Payment.Captured), Refunded: s.Amount(s.Payment.Refunded)}
}

func shipping(s *orders.PlaceShipping) *orders.ViewShipping {
	if s == nil {
		return nil
	}
	return &orders.ViewShipping{OptionID: ids.Encode(fulfillment.OptionPrefix, s.OptionID), Code: s.Code, Name: s.Name,
		Price: s.Price, Tax: s.Tax, TaxLines: some(s.TaxLines)}
}

func line(l order.Line) orders.ViewLine {
	return orders.ViewLine{
		ID:        ids.Encode(orders.LinePrefix, l.ID),
		VariantID: ids.Encode(variantPrefix, l.VariantID), ProductID: ids.Encode(productPrefix, l.ProductID),
		ProductHandle: l.ProductHandle, SKU: l.SKU, Title: l.Title, VariantTitle: l.VariantTitle, Options: some(l.Options),
		Thumbnail: l.Thumbnail,
		Quantity:  orders.ViewQuantity{Ordered: l.Quantity, Current: l.Quantity - l.Canceled, Fulfilled: l.Fulfilled},
		UnitPrice: l.UnitPrice, Subtotal: l.Subtotal, Discount: l.Discount, Tax: l.Tax, Total: l.Total,
		Adjustments: []orders.Adjustment{}, TaxLines: some(l.TaxLines), RequiresShipping: l.RequiresShipping,
		Metadata: orEmpty(l.Metadata),
	}
}

// some is never nil, which JSON would show as null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func orEmpty(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}
