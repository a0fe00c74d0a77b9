package freezing

import (
	"context"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/channels"
)

// Quote implements cart.Service. Equal lines stay separate, so that errors can point at the lines of the request.
func (s *Service) Quote(ctx context.Context, req cart.QuoteRequest) (cart.Snapshot, error) {
	if len(req.Lines) == 0 {
		return cart.Snapshot{}, cart.ErrEmpty
	}
	c, err := s.draft(ctx, req)
	if err != nil {
		return cart.Snapshot{}, err
	}
	wanted := want(req.Lines)
	ids, skus := valuing.Names(wanted)
	variants, err := s.parts.Valuer.Variants(ctx, ids, skus)
	if err != nil {
		return cart.Snapshot{}, err
	}
	items, err := variants.Identify(wanted)
	if err != nil {
		return cart.Snapshot{}, err
	}
	if c.Lines, err = basket.Separate(items, s.parts.NewID); err != nil {
		return cart.Snapshot{}, err
	}
	return s.agree(ctx, valuing.Request{Cart: c, Variants: variants, CheapestOption: true})
}

// draft is the cart that the request would have made, without its lines.
func (s *Service) draft(ctx context.Context, req cart.QuoteRequest) (basket.Cart, error) {
	market, err := s.parts.Channels.Resolve(ctx, channels.ResolveRequest{Code: req.Channel.Code,
		PublishableKey: req.Channel.PublishableKey, Currency: req.Channel.Currency, Locale: req.Channel.Locale,
		AcceptLanguage: req.Channel.AcceptLanguage})
	if err != nil {
		return basket.Cart{}, fmt.Errorf("resolve channel of quote: %w", err)
	}
	c := basket.Cart{ChannelID: market.Channel.ID, Currency: market.Currency, Locale: market.Locale,
		Country: market.Country, ShippingOptionID: req.ShippingOptionID}
	metadata := req.Metadata
	if metadata == nil {
		metadata = map[string]string{}
	}
	c.Apply(basket.Changes{Email: &req.Email, ShippingAddress: req.ShippingAddress, BillingAddress: req.BillingAddress,
		Note: &req.Note, Metadata: &metadata})
	return c, nil
}

func want(lines []cart.QuoteLine) []valuing.Wanted {
	wanted := make([]valuing.Wanted, len(lines))
	for i, line := range lines {
		wanted[i] = valuing.Wanted{VariantID: line.VariantID, SKU: line.SKU, Quantity: line.Quantity,
			Metadata: line.Metadata, Pointer: basket.LinePointer(i)}
	}
	return wanted
}
