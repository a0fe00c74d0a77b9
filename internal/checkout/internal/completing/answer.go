package completing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/orders"
)

// Access names a checkout and shows the token of it or of its cart.
type Access struct {
	ID            string
	CheckoutToken string
	CartToken     string
}

// Read answers where a checkout stands, with the order as it is now.
// Errors: checkout.ErrTokenRequired, ErrNotFound.
func (c *Checkouts) Read(ctx context.Context, req Access) (Outcome, error) {
	a, err := c.open(ctx, req)
	if err != nil {
		return Outcome{}, err
	}
	if a.Status != checkout.StatusCompleted {
		return c.standing(a), nil
	}
	current, err := c.order(ctx, a)
	return Outcome{Attempt: a, Order: &current}, err
}

// open answers an attempt to the holder of its token or of its cart's.
func (c *Checkouts) open(ctx context.Context, req Access) (attempt.Attempt, error) {
	if req.CheckoutToken == "" && req.CartToken == "" {
		return attempt.Attempt{}, checkout.ErrTokenRequired
	}
	a, err := c.Store.Load(ctx, req.ID)
	if err != nil {
		return attempt.Attempt{}, err
	}
	if c.Tokens.Valid(checkout.TokenKind, a.ID, a.TokenVersion, req.CheckoutToken) {
		return a, nil
	}
	if req.CartToken == "" || a.CartID == "" {
		return attempt.Attempt{}, checkout.ErrNotFound
	}
	_, err = c.Carts.Check(ctx, cart.CheckRequest{CartID: a.CartID, Token: req.CartToken, MayRemember: true})
	if errors.Is(err, cart.ErrNotFound) {
		return attempt.Attempt{}, checkout.ErrNotFound
	}
	return a, err
}

// run carries an attempt out whose lease this request holds, and answers. work outlives ctx, which may be over by the
// time of the answer.
func (c *Checkouts) run(ctx, work context.Context, a attempt.Attempt) (Outcome, error) {
	t, err := c.travel(work, a, c.advance)
	if errors.Is(err, ErrLeaseLost) {
		return c.yield(ctx, a)
	}
	if err != nil {
		return Outcome{}, err
	}
	if t.attempt.Status == checkout.StatusCompleted {
		return completed(t.attempt, t.placed.Order), nil
	}
	return c.answer(ctx, t.attempt)
}

// yield answers what another holder of the lease has made of the attempt.
func (c *Checkouts) yield(ctx context.Context, a attempt.Attempt) (Outcome, error) {
	ctx, cancel := ending(ctx)
	defer cancel()
	current, err := c.Store.Load(ctx, a.ID)
	if err != nil {
		return Outcome{}, err
	}
	if !current.Ended() && !current.Waiting() {
		return Outcome{}, checkout.ErrKeyInProgress
	}
	return c.answer(ctx, current)
}

// answer says what an attempt has come to.
func (c *Checkouts) answer(ctx context.Context, a attempt.Attempt) (Outcome, error) {
	switch {
	case a.Status == checkout.StatusCompleted:
		current, err := c.order(ctx, a)
		return completed(a, current), err
	case a.Status == checkout.StatusCanceled && !a.Declined():
		return Outcome{}, a.Failure
	default:
		return c.standing(a), nil
	}
}

// completed tells the order as it was first answered, so that the answer is the same to the byte however often it is
// given. Only when that is forgotten, the order is told as it is now.
func completed(a attempt.Attempt, current orders.View) Outcome {
	answer := current
	if a.First != nil {
		answer = a.First.First(current)
	}
	return Outcome{Attempt: a, Order: &answer}
}

// order asks the owner, who alone knows the token that opens the order today.
func (c *Checkouts) order(ctx context.Context, a attempt.Attempt) (orders.View, error) {
	placed, err := c.Orders.ByReference(ctx, orders.ByReferenceRequest{Reference: a.Reference})
	if err != nil {
		return orders.View{}, fmt.Errorf("read the order of the checkout: %w", err)
	}
	return placed.Order, nil
}

func (c *Checkouts) standing(a attempt.Attempt) Outcome {
	if a.Ended() {
		return Outcome{Attempt: a}
	}
	return Outcome{Attempt: a, Token: c.Tokens.Derive(checkout.TokenKind, a.ID, a.TokenVersion)}
}
