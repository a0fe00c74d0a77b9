package valuing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
)

// ship finds the chosen option, or the cheapest one where that is wanted and something has to be sent.
func (v *Valuer) ship(ctx context.Context, req Request, val *Valuation) error {
	if req.Cart.ShippingOptionID != "" {
		return v.chosenOption(ctx, req, val)
	}
	if req.CheapestOption && val.Shippable {
		return v.cheapestOption(ctx, req, val)
	}
	return nil
}

func (v *Valuer) chosenOption(ctx context.Context, req Request, val *Valuation) error {
	option, err := v.owners.Fulfillment.Option(ctx, fulfillment.OptionRequest{
		ID: req.Cart.ShippingOptionID, Country: val.Place.Country, Currency: req.Cart.Currency})
	if errors.Is(err, fulfillment.ErrOptionUnavailable) {
		val.OptionLost = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read shipping option of cart: %w", err)
	}
	val.Option = &option
	return nil
}

func (v *Valuer) cheapestOption(ctx context.Context, req Request, val *Valuation) error {
	answer, err := v.owners.Fulfillment.Options(ctx, fulfillment.OptionsRequest{
		Country: val.Place.Country, Currency: req.Cart.Currency})
	if err != nil {
		return fmt.Errorf("read shipping options for cart: %w", err)
	}
	if len(answer.Options) > 0 {
		val.Option = &answer.Options[0]
	}
	return nil
}
