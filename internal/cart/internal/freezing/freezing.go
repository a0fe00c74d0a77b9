// Package freezing hands a cart over to a checkout: it prices what an order would be made of, stops changes to the cart
// while the checkout runs, and opens or closes the cart when that has ended. Every call is idempotent by the checkout's
// reference, and an undo may overtake what it undoes.
package freezing

import (
	"context"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/basket"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// maxTries is how often a freeze is tried: once, and three times more when the cart changed while it was priced.
const maxTries = 4

type store interface {
	// Recent is a cart as it was a moment ago: Hold tells whether it still is.
	Recent(id string) (c basket.Cart, known bool)
	Cart(ctx context.Context, id string) (basket.Cart, error)
	Lapse(ctx context.Context, cartID string) error
	Freeze(ctx context.Context, reference string) (basket.Freeze, error)
	Hold(ctx context.Context, h basket.Hold) (held bool, err error)
	Prolong(ctx context.Context, reference string, until time.Time) error
	Thaw(ctx context.Context, reference, cartID string) error
	Close(ctx context.Context, closed []cart.ClosedCart) error
}

type channelReader interface {
	Resolve(ctx context.Context, req channels.ResolveRequest) (channels.Context, error)
	Channel(ctx context.Context, req channels.ChannelRequest) (channels.Channel, error)
}

// Parts are what a Service is made of; all are needed.
type Parts struct {
	Store    store
	Valuer   *valuing.Valuer
	Channels channelReader
	Tokens   *tokens.Keyring
	NewID    func() string
}

// Service implements cart.Service.
type Service struct {
	parts Parts
}

// New returns a Service.
func New(parts Parts) *Service {
	return &Service{parts: parts}
}

// Check implements cart.Service.
func (s *Service) Check(ctx context.Context, req cart.CheckRequest) (cart.State, error) {
	if c, known := s.parts.Store.Recent(req.CartID); req.MayRemember && known && s.opens(req.Token, c) {
		state, err := s.state(ctx, c)
		state.Remembered = true
		return state, err
	}
	c, err := s.read(ctx, req.CartID)
	if err != nil {
		return cart.State{}, err
	}
	if !s.opens(req.Token, c) {
		return cart.State{}, cart.ErrNotFound
	}
	return s.state(ctx, c)
}

func (s *Service) opens(token string, c basket.Cart) bool {
	return s.parts.Tokens.Valid(cart.TokenKind, c.ID, c.TokenVersion, token)
}

func (s *Service) state(ctx context.Context, c basket.Cart) (cart.State, error) {
	state := cart.State{CartID: c.ID, Status: c.Standing(), Version: c.Version, OrderID: c.OrderID}
	if state.Status != cart.StatusOpen && state.Status != cart.StatusCheckingOut {
		return state, nil
	}
	err := s.wants(ctx, c, &state)
	return state, err
}

// wants adds what the lines of a cart want now, which the catalog knows better than the cart, and how long its channel
// lets a checkout take. Lines whose variant is gone want nothing: a Freeze refuses them.
func (s *Service) wants(ctx context.Context, c basket.Cart, state *cart.State) error {
	variants, err := s.parts.Valuer.Variants(ctx, c.VariantIDs(), nil)
	if err != nil {
		return err
	}
	channel, err := s.parts.Channels.Channel(ctx, channels.ChannelRequest{ID: c.ChannelID})
	if err != nil {
		return fmt.Errorf("read channel of cart: %w", err)
	}
	state.DeadlineMinutes = channel.CheckoutDeadlineMinutes
	for _, line := range c.Lines {
		state.Demand = append(state.Demand, cart.StateDemand{SKU: variants.SKU(line.VariantID), Quantity: line.Quantity})
	}
	return nil
}

// Freeze implements cart.Service. Most references are new and most carts open, so that what is known of a reference is
// looked up only when the cart could not be frozen for it. A refusal counts only when the reference still is unknown after
// it: the cart may be held by another first call with the same reference, whose answer then is this one's.
func (s *Service) Freeze(ctx context.Context, req cart.FreezeRequest) (cart.Snapshot, error) {
	if snapshot, held := s.holdRecent(ctx, req); held {
		return snapshot, nil
	}
	for range maxTries {
		snapshot, held, refusal := s.hold(ctx, req)
		if held {
			return snapshot, nil
		}
		if snapshot, known, err := s.again(ctx, req); known || err != nil {
			return snapshot, err
		}
		if refusal != nil {
			return cart.Snapshot{}, refusal
		}
	}
	return cart.Snapshot{}, cart.ErrVersionMismatch.Detailf("the cart is being changed at this moment")
}

// Thaw implements cart.Service.
func (s *Service) Thaw(ctx context.Context, req cart.ThawRequest) (cart.ThawAnswer, error) {
	cartID := req.CartID
	if !ids.Valid(cartID) {
		cartID = basket.NoID
	}
	return cart.ThawAnswer{}, s.parts.Store.Thaw(ctx, req.Reference, cartID)
}

// Close implements cart.Service. An order that came from no cart has nothing to close.
func (s *Service) Close(ctx context.Context, req cart.CloseRequest) (cart.CloseAnswer, error) {
	var closed []cart.ClosedCart
	for _, c := range req.Carts {
		if c.CartID != "" {
			closed = append(closed, c)
		}
	}
	if closed == nil {
		return cart.CloseAnswer{}, nil
	}
	return cart.CloseAnswer{}, s.parts.Store.Close(ctx, closed)
}

// again answers what an earlier call with the reference was answered, if there was one. The freeze lasts as long as the
// longest of them asked for; one that was given up between reading and prolonging is read once more.
func (s *Service) again(ctx context.Context, req cart.FreezeRequest) (snapshot cart.Snapshot, known bool, err error) {
	freeze, err := s.parts.Store.Freeze(ctx, req.Reference)
	if err != nil {
		return cart.Snapshot{}, false, err
	}
	if !freeze.EndsBefore(req.Until) {
		return freeze.Answer()
	}
	if err := s.parts.Store.Prolong(ctx, req.Reference, req.Until); err != nil {
		return cart.Snapshot{}, false, err
	}
	return s.known(ctx, req.Reference)
}

// known answers what an earlier call with the reference was answered, if there was one.
func (s *Service) known(ctx context.Context, reference string) (snapshot cart.Snapshot, known bool, err error) {
	freeze, err := s.parts.Store.Freeze(ctx, reference)
	if err != nil {
		return cart.Snapshot{}, false, err
	}
	return freeze.Answer()
}

// hold agrees on the cart as it is and freezes it; held is false when the cart or the reference changed meanwhile.
func (s *Service) hold(ctx context.Context, req cart.FreezeRequest) (snapshot cart.Snapshot, held bool, err error) {
	c, err := s.freezable(ctx, req)
	if err != nil {
		return cart.Snapshot{}, false, err
	}
	if c.Status != cart.StatusOpen {
		if snapshot, known, err := s.reopen(ctx, req); known || err != nil {
			return snapshot, err == nil, err
		}
	}
	return s.holdAs(ctx, req, c)
}

// holdRecent freezes the cart as it was a moment ago, if it still is so, without reading it. Whatever speaks against it may
// speak of a cart that is no longer so.
func (s *Service) holdRecent(ctx context.Context, req cart.FreezeRequest) (snapshot cart.Snapshot, held bool) {
	c, known := s.parts.Store.Recent(req.CartID)
	if !known || c.Expect(req.Version) != nil {
		return cart.Snapshot{}, false
	}
	snapshot, held, err := s.holdAs(ctx, req, c)
	return snapshot, held && err == nil
}

func (s *Service) holdAs(ctx context.Context, req cart.FreezeRequest, c basket.Cart) (snapshot cart.Snapshot, held bool, err error) {
	variants, err := s.parts.Valuer.Variants(ctx, c.VariantIDs(), nil)
	if err != nil {
		return cart.Snapshot{}, false, err
	}
	snapshot, err = s.agree(ctx, valuing.Request{Cart: c, Variants: variants})
	if err != nil {
		return cart.Snapshot{}, false, err
	}
	held, err = s.parts.Store.Hold(ctx, basket.Hold{Reference: req.Reference, CartID: c.ID, Version: c.Version,
		Until: req.Until, Snapshot: snapshot})
	return snapshot, held, err
}

// freezable reads a cart that may be frozen.
func (s *Service) freezable(ctx context.Context, req cart.FreezeRequest) (basket.Cart, error) {
	c, err := s.read(ctx, req.CartID)
	if err != nil {
		return basket.Cart{}, err
	}
	if err := c.Freeze(); err != nil {
		return basket.Cart{}, err
	}
	return c, c.Expect(req.Version)
}

// reopen clears a freeze away that has passed its end, unless it is known by this reference: then that is the answer.
func (s *Service) reopen(ctx context.Context, req cart.FreezeRequest) (snapshot cart.Snapshot, known bool, err error) {
	if snapshot, known, err = s.again(ctx, req); known || err != nil {
		return snapshot, known, err
	}
	if err := s.parts.Store.Lapse(ctx, req.CartID); err != nil {
		return cart.Snapshot{}, false, fmt.Errorf("reopen lapsed cart: %w", err)
	}
	return cart.Snapshot{}, false, nil
}

func (s *Service) read(ctx context.Context, id string) (basket.Cart, error) {
	if !ids.Valid(id) {
		return basket.Cart{}, cart.ErrNotFound
	}
	return s.parts.Store.Cart(ctx, id)
}
