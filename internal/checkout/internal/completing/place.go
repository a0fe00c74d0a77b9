package completing

import (
	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/orders"
)

// captureAutomatic is the channel policy under which a method that captures itself does so at once.
const captureAutomatic = "automatic"

// placeRequest is the snapshot in the words of orders.
func placeRequest(t *trip) orders.PlaceRequest {
	s := t.snapshot
	return orders.PlaceRequest{
		Reference: t.attempt.Reference, CartID: t.attempt.CartID, ChannelID: s.Channel.ID, ChannelCode: s.Channel.Code,
		Currency: s.Currency, Locale: s.Locale, TaxIncluded: s.TaxIncluded, Email: s.Email,
		ShippingAddress: placeAddress(s.ShippingAddress), BillingAddress: placeAddress(s.BillingAddress),
		Lines: placeLines(s.Lines), Shipping: placeShipping(s.Shipping), Totals: orders.Totals(s.Totals),
		Payment: orders.PlacePayment{
			Method: t.attempt.Terms.Method, Authorized: t.payment.Authorized, Seq: t.payment.Seq,
			CaptureNow: t.payment.CapturesItself && s.Channel.PaymentCapture == captureAutomatic},
		Note: s.Note, Metadata: s.Metadata,
	}
}

func placeAddress(a *cart.Address) *orders.Address {
	if a == nil {
		return nil
	}
	address := orders.Address(*a)
	return &address
}

func placeLines(lines []cart.SnapshotLine) []orders.PlaceLine {
	placed := make([]orders.PlaceLine, len(lines))
	for i, l := range lines {
		placed[i] = orders.PlaceLine{
			VariantID: l.VariantID, ProductID: l.ProductID, ProductHandle: l.ProductHandle, SKU: l.SKU,
			Title: l.Title, VariantTitle: l.VariantTitle, Options: placeOptions(l.Options), Quantity: l.Quantity,
			UnitPrice: l.UnitPrice, Subtotal: l.Subtotal, Discount: l.Discount, Tax: l.Tax, Total: l.Total,
			TaxLines: placeTaxLines(l.TaxLines), RequiresShipping: l.RequiresShipping, Metadata: l.Metadata,
		}
		if l.Thumbnail != nil {
			thumbnail := orders.Thumbnail(*l.Thumbnail)
			placed[i].Thumbnail = &thumbnail
		}
	}
	return placed
}

func placeShipping(s *cart.SnapshotShipping) *orders.PlaceShipping {
	if s == nil {
		return nil
	}
	return &orders.PlaceShipping{OptionID: s.OptionID, Code: s.Code, Name: s.Name, Price: s.Price, Tax: s.Tax,
		TaxLines: placeTaxLines(s.TaxLines)}
}

func placeOptions(options []cart.SelectedOption) []orders.SelectedOption {
	placed := make([]orders.SelectedOption, len(options))
	for i, o := range options {
		placed[i] = orders.SelectedOption(o)
	}
	return placed
}

func placeTaxLines(lines []cart.TaxLine) []orders.TaxLine {
	placed := make([]orders.TaxLine, len(lines))
	for i, l := range lines {
		placed[i] = orders.TaxLine(l)
	}
	return placed
}
