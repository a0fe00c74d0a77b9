package httpapi

import (
	"github.com/oapi-codegen/nullable"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/shopping"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

// orderPrefix is the prefix of an order's public id. A cart knows nothing else of its order.
const orderPrefix = "ord"

func (h *Handlers) show(view shopping.View) Cart {
	c := view.Cart
	id := ids.Encode(cart.CartPrefix, c.ID)
	shown := Cart{
		ID: id, Token: view.Token, Status: CartStatus(c.Standing()), Version: int64(c.Version),
		Channel: view.Channel, Currency: c.Currency, Locale: c.Locale, Country: c.Country,
		CustomerID: nullable.NewNullNullable[string](), Email: c.Email, Note: c.Note, Metadata: metadata(c.Metadata),
		ShippingAddress: showAddress(c.ShippingAddress), BillingAddress: showAddress(c.BillingAddress),
		Lines: showLines(view), PromotionCodes: []string{}, GiftCards: []string{},
		Totals: showTotals(view.Totals), TotalsFinal: view.TotalsFinal, TaxIncluded: view.TaxIncluded,
		Messages: showMessages(view.Messages), CheckoutURL: h.baseURL + "/checkout/" + id, ExpiresAt: c.ExpiresAt.UTC(),
	}
	if view.Option != nil {
		shown.ShippingOption = showOption(*view.Option)
	}
	if c.OrderID != "" {
		shown.OrderID = ids.Encode(orderPrefix, c.OrderID)
	}
	return shown
}

func showTotals(t cart.Totals) Totals {
	return Totals{Subtotal: t.Subtotal, Discount: t.Discount, Shipping: t.Shipping, Tax: t.Tax, Total: t.Total}
}

func showLines(view shopping.View) []CartLine {
	shown := make([]CartLine, len(view.Lines))
	for i, line := range view.Lines {
		shown[i] = CartLine{
			ID: ids.Encode(cart.LinePrefix, line.ID), VariantID: ids.Encode(catalog.VariantPrefix, line.VariantID),
			ProductID: ids.Encode(catalog.ProductPrefix, line.ProductID), ProductHandle: line.ProductHandle, SKU: line.SKU,
			Title: title(line), Options: make([]SelectedOption, len(line.Options)), Thumbnail: showThumbnail(line.Thumbnail),
			Quantity: line.Quantity, UnitPrice: line.UnitPrice, CompareAtUnitPrice: orNone(line.CompareAt),
			Subtotal: line.Subtotal, Discount: line.Discount, Tax: line.Tax, Total: line.Total,
			Adjustments: []Adjustment{}, TaxLines: make([]TaxLine, len(line.TaxLines)),
			Availability: Availability(view.Availability[i]), RequiresShipping: line.RequiresShipping,
			Metadata: metadata(line.Metadata),
		}
		for j, option := range line.Options {
			shown[i].Options[j] = SelectedOption(option)
		}
		for j, tax := range line.TaxLines {
			shown[i].TaxLines[j] = TaxLine{Name: tax.Name, Rate: tax.Rate, Amount: tax.Amount}
		}
	}
	return shown
}

func showMessages(messages []shopping.Message) []CartMessage {
	shown := make([]CartMessage, len(messages))
	for i, m := range messages {
		shown[i] = CartMessage{Type: CartMessageType(m.Type), Code: m.Code, Severity: CartMessageSeverity(m.Severity),
			Path: m.Path, Text: m.Text}
	}
	return shown
}

// showOption leaves the days out when nobody promised any.
func showOption(option fulfillment.Option) CartShippingOption {
	shown := CartShippingOption{ID: ids.Encode(fulfillment.OptionPrefix, option.ID), Code: option.Code, Name: option.Name,
		Price: option.Price}
	if option.MaxDays > 0 {
		least, most := int64(option.MinDays), int64(option.MaxDays)
		shown.MinDays, shown.MaxDays = &least, &most
	}
	return shown
}

func showAddress(a *cart.Address) Address {
	if a == nil {
		return Address{}
	}
	return Address{FirstName: a.FirstName, LastName: a.LastName, Company: a.Company, Line1: a.Line1, Line2: a.Line2,
		City: a.City, Region: a.Region, PostalCode: a.PostalCode, Country: a.Country, Phone: a.Phone}
}

func showThumbnail(t *cart.Thumbnail) Image {
	if t == nil {
		return Image{}
	}
	return Image{URL: t.URL, Alt: t.Alt, Width: int64(t.Width), Height: int64(t.Height)}
}

func title(line cart.SnapshotLine) string {
	if line.VariantTitle == "" {
		return line.Title
	}
	return line.Title + ", " + line.VariantTitle
}

func orNone(amount *money.Money) money.Money {
	if amount == nil {
		return money.Money{}
	}
	return *amount
}

func metadata(m map[string]string) Metadata {
	if m == nil {
		return Metadata{}
	}
	return m
}
