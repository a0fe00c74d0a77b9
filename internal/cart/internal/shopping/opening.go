package shopping

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/channels"
)

// OpenRequest says where the cart is opened and what it holds from the start.
type OpenRequest struct {
	Channel channels.ResolveRequest
	Wanted  []valuing.Wanted
}

// Open makes a cart. The view carries the cart's token.
// Errors: those of channels.Service.Resolve, and of AddLines except cart.ErrNotFound, cart.ErrVersionMismatch and
// cart.ErrNotOpen.
func (s *Shop) Open(ctx context.Context, req OpenRequest) (View, error) {
	market, err := s.parts.Channels.Resolve(ctx, req.Channel)
	if err != nil {
		return View{}, fmt.Errorf("resolve channel: %w", err)
	}
	c := basket.Cart{ID: s.parts.NewID(), Status: cart.StatusOpen, Version: 1, TokenVersion: 1,
		ChannelID: market.Channel.ID, Currency: market.Currency, Locale: market.Locale, Country: market.Country,
		Metadata: map[string]string{}}
	view, val, err := s.prepare(ctx, &c, s.put(req.Wanted, (*basket.Cart).Add))
	if err != nil {
		return View{}, err
	}
	if view.Cart.ExpiresAt, err = s.parts.Store.Insert(ctx, c, val.Sheet); err != nil {
		return View{}, err
	}
	view.Token = s.parts.Tokens.Derive(cart.TokenKind, c.ID, c.TokenVersion)
	return view, nil
}
