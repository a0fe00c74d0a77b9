package shopping

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// ShippingOptions answers what can be chosen for the cart, cheapest first; nothing until its country is known.
// Errors: cart.ErrNotFound.
func (s *Shop) ShippingOptions(ctx context.Context, target Target) ([]fulfillment.Option, error) {
	c, err := s.find(ctx, target)
	if err != nil {
		return nil, err
	}
	country := country(c)
	if country == "" {
		return nil, nil
	}
	answer, err := s.parts.Fulfillment.Options(ctx, fulfillment.OptionsRequest{Country: country, Currency: c.Currency})
	if err != nil {
		return nil, fmt.Errorf("list shipping options of cart: %w", err)
	}
	return answer.Options, nil
}

// PaymentMethods answers what the cart can be paid with. Errors: cart.ErrNotFound.
func (s *Shop) PaymentMethods(ctx context.Context, target Target) ([]payments.Method, error) {
	c, err := s.find(ctx, target)
	if err != nil {
		return nil, err
	}
	answer, err := s.parts.Payments.Methods(ctx, payments.MethodsRequest{Currency: c.Currency, Country: country(c)})
	if err != nil {
		return nil, fmt.Errorf("list payment methods of cart: %w", err)
	}
	return answer.Methods, nil
}

// country is where the cart goes as far as its lines, as last seen, can tell.
func country(c basket.Cart) string {
	place, _ := c.Place(c.Shippable())
	return place.Country
}
