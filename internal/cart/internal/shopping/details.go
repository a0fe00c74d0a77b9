package shopping

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Change changes what is not a line. An address in a country that the channel does not sell to is refused, and so is a
// shipping option that does not serve the address; an option that was chosen before and no longer does is cleared.
// Errors: cart.ErrNotFound, cart.ErrVersionMismatch, cart.ErrNotOpen, channels.ErrUnsupportedCountry,
// cart.ErrShippingOptionRequired, money.ErrOverflow.
func (s *Shop) Change(ctx context.Context, target Target, changes basket.Changes) (View, error) {
	return s.edit(ctx, target, change{
		apply: func(c *basket.Cart, _ valuing.Variants) error {
			c.Apply(changes)
			return nil
		},
		check: func(_ basket.Cart, val valuing.Valuation) error { return possible(changes, val) },
	})
}

func possible(changes basket.Changes, val valuing.Valuation) error {
	address := changes.ShippingAddress
	if address != nil && address.Country != "" && !basket.SellsTo(val.Channel.Countries, address.Country) {
		return channels.ErrUnsupportedCountry.With(fault.Field{Pointer: basket.ShippingPointer + "/country",
			Code: channels.ErrUnsupportedCountry.Code})
	}
	if chosen := changes.ShippingOptionID; chosen != nil && *chosen != "" && val.OptionLost {
		return cart.ErrShippingOptionRequired.With(fault.Field{Pointer: "/shipping_option_id",
			Code: cart.ErrShippingOptionRequired.Code, Detail: "the option does not serve this address"})
	}
	return nil
}
