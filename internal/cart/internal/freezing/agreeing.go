package freezing

import (
	"context"
	"strings"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// agree values a cart and answers the snapshot that an order can be made of, or what still stands against it.
func (s *Service) agree(ctx context.Context, req valuing.Request) (cart.Snapshot, error) {
	c := req.Cart
	if err := filled(c); err != nil {
		return cart.Snapshot{}, err
	}
	val, err := s.parts.Valuer.Value(ctx, req)
	if err != nil {
		return cart.Snapshot{}, err
	}
	if err := buyable(val); err != nil {
		return cart.Snapshot{}, err
	}
	if err := addressed(&c, val); err != nil {
		return cart.Snapshot{}, err
	}
	if err := sold(val); err != nil {
		return cart.Snapshot{}, err
	}
	if val.Shippable && val.Option == nil {
		return cart.Snapshot{}, at("/shipping_option_id", cart.ErrShippingOptionRequired)
	}
	return snapshot(c, val), nil
}

func filled(c basket.Cart) error {
	if len(c.Lines) == 0 {
		return cart.ErrEmpty
	}
	if strings.TrimSpace(c.Email) == "" {
		return at("/email", cart.ErrEmailRequired)
	}
	return nil
}

func buyable(val valuing.Valuation) error {
	var fields []fault.Field
	for i, line := range val.Lines {
		if line.Fault != nil {
			fields = append(fields, fault.Field{Pointer: basket.LinePointer(i), Code: line.Fault.Code, Detail: line.Fault.Detail})
		}
	}
	if fields != nil {
		return cart.ErrVariantUnavailable.With(fields...)
	}
	return nil
}

// addressed refuses addresses that nothing can be sent to, and fills in who pays: who is sent the goods, unless another
// one is named. Where nothing has to be sent, whatever address there is will do.
func addressed(c *basket.Cart, val valuing.Valuation) error {
	if c.BillingAddress == nil {
		c.BillingAddress = c.ShippingAddress
	}
	if !val.Shippable {
		c.ShippingAddress = nil
		return nil
	}
	if err := basket.CompleteAddress(c.ShippingAddress, basket.ShippingPointer); err != nil {
		return err
	}
	return basket.CompleteAddress(c.BillingAddress, basket.BillingPointer)
}

// sold refuses a place that the channel does not sell to.
func sold(val valuing.Valuation) error {
	if !val.PlaceDecided || basket.SellsTo(val.Channel.Countries, val.Place.Country) {
		return nil
	}
	pointer := basket.ShippingPointer
	if !val.Shippable {
		pointer = basket.BillingPointer
	}
	return at(pointer+"/country", channels.ErrUnsupportedCountry)
}

func snapshot(c basket.Cart, val valuing.Valuation) cart.Snapshot {
	channel := val.Channel
	return cart.Snapshot{
		CartID: c.ID, CartVersion: c.Version,
		Channel: cart.SnapshotChannel{ID: channel.ID, Code: channel.Code, DeadlineMinutes: channel.CheckoutDeadlineMinutes,
			PaymentCapture: channel.PaymentCapture, Origins: channel.Origins},
		Currency: c.Currency, Locale: c.Locale, TaxIncluded: channel.TaxIncluded, Email: c.Email,
		ShippingAddress: c.ShippingAddress, BillingAddress: c.BillingAddress,
		Lines: val.SnapshotLines(c), Shipping: val.SnapshotShipping(), Totals: val.Sheet.Totals,
		Note: c.Note, Metadata: c.Metadata,
	}
}

func at(pointer string, err *fault.Error) *fault.Error {
	return err.With(fault.Field{Pointer: pointer, Code: err.Code, Detail: err.Detail})
}
