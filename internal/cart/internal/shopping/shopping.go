// Package shopping is what a shopper does with a cart before checkout: open it, fill it, say where it goes, look at it.
// Every change reads the cart, has it valued anew by the owners of prices, taxes and shipping, and is saved once, by
// the version that was read. It knows SQL and HTTP only by what they need from it.
package shopping

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/totals"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// maxTries is how often a change is tried: once, and three times more when another change came first.
const maxTries = 4

type store interface {
	// Recent is a cart as it was a moment ago: Save tells whether it still is.
	Recent(id string) (c basket.Cart, known bool)
	Cart(ctx context.Context, id string) (basket.Cart, error)
	Insert(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, err error)
	Save(ctx context.Context, c basket.Cart, sheet totals.Sheet) (expiresAt time.Time, saved bool, err error)
	Lapse(ctx context.Context, cartID string) error
	Agreed(ctx context.Context, cartID string) (basket.Freeze, error)
}

type channelResolver interface {
	Resolve(ctx context.Context, req channels.ResolveRequest) (channels.Context, error)
}

type stockReader interface {
	Availability(ctx context.Context, req inventory.AvailabilityRequest) (inventory.AvailabilityAnswer, error)
}

type optionLister interface {
	Options(ctx context.Context, req fulfillment.OptionsRequest) (fulfillment.OptionsAnswer, error)
}

type methodLister interface {
	Methods(ctx context.Context, req payments.MethodsRequest) (payments.MethodsAnswer, error)
}

// Parts are what a Shop is made of; all are needed.
type Parts struct {
	Store       store
	Valuer      *valuing.Valuer
	Channels    channelResolver
	Inventory   stockReader
	Fulfillment optionLister
	Payments    methodLister
	Tokens      *tokens.Keyring
	NewID       func() string
}

// Shop serves shoppers.
type Shop struct {
	parts Parts
}

// New returns a Shop.
func New(parts Parts) *Shop {
	return &Shop{parts: parts}
}

// Target is a cart and the token that was shown for it. Version is the one to be changed; 0 stands for any.
type Target struct {
	CartID  string
	Token   string
	Version int
}

// Cart answers a cart as it is now, valued anew; nothing is written. Errors: cart.ErrNotFound.
func (s *Shop) Cart(ctx context.Context, target Target) (View, error) {
	c, err := s.find(ctx, target)
	if err != nil {
		return View{}, err
	}
	if view, agreed, err := s.agreed(ctx, c); err != nil || agreed {
		return view, err
	}
	variants, err := s.parts.Valuer.Variants(ctx, c.VariantIDs(), nil)
	if err != nil {
		return View{}, err
	}
	val, err := s.parts.Valuer.Value(ctx, valuing.Request{Cart: c, Variants: variants})
	if err != nil {
		return View{}, err
	}
	val.Update(&c)
	return s.look(ctx, c, val)
}

// find reads the cart if the token is its own: a cart of somebody else is no cart.
func (s *Shop) find(ctx context.Context, target Target) (basket.Cart, error) {
	c, err := s.parts.Store.Cart(ctx, target.CartID)
	if err != nil {
		return basket.Cart{}, err
	}
	if !s.parts.Tokens.Valid(cart.TokenKind, c.ID, c.TokenVersion, target.Token) {
		return basket.Cart{}, cart.ErrNotFound
	}
	return c, nil
}

// findOpen reads a cart that may be changed. A freeze that has passed its end is cleared away first.
func (s *Shop) findOpen(ctx context.Context, target Target) (basket.Cart, error) {
	c, err := s.find(ctx, target)
	if err != nil {
		return basket.Cart{}, err
	}
	if err := c.Expect(target.Version); err != nil {
		return basket.Cart{}, err
	}
	if err := c.Change(); err != nil {
		return basket.Cart{}, err
	}
	if c.Status == cart.StatusOpen {
		return c, nil
	}
	if err := s.parts.Store.Lapse(ctx, c.ID); err != nil {
		return basket.Cart{}, fmt.Errorf("reopen lapsed cart: %w", err)
	}
	c.Status = cart.StatusOpen
	return c, nil
}
