package completing

import (
	"context"
	"errors"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
)

// maxRaces is how often a request looks again after another one got in between.
const maxRaces = 3

// Request asks for one order. Either Quote is set, or CartID and CartToken are.
type Request struct {
	Scope        string
	Key          string
	Hash         string
	CartID       string
	CartToken    string
	Quote        *cart.QuoteRequest
	Terms        attempt.Terms
	PaymentToken string
}

// Outcome is where a checkout stands.
type Outcome struct {
	Attempt attempt.Attempt
	// Order carries its token; nil until the checkout is completed.
	Order *orders.View
	// Token opens the checkout; empty once it has ended.
	Token string
	// Replayed says that this is the answer to an earlier request with the same key.
	Replayed bool
	// Earlier says that a request with another key had turned the cart into this order.
	Earlier bool
}

// Create answers the one order of a request, now or as it was answered before. A declined payment is an outcome too,
// because it is a final answer.
// Errors: checkout.ErrKeyReused, ErrKeyInProgress, ErrInProgress, ErrPriceChanged, ErrInsufficientStock, ErrCanceled,
// ErrCurrencyMismatch, ErrReturnURLNotAllowed, ErrPaymentMethodRequired, and those of cart.Service.
func (c *Checkouts) Create(ctx context.Context, req Request) (Outcome, error) {
	state, err := c.openCart(ctx, req, true)
	if err != nil {
		return Outcome{}, err
	}
	for range maxRaces {
		outcome, done, refusal := c.begin(ctx, req, state)
		if done {
			return outcome, refusal
		}
		found, exists, err := c.Store.Find(ctx, req.Scope, req.Key, req.CartID)
		switch {
		case err != nil:
			return Outcome{}, err
		case !exists && refusal != nil && state.Remembered:
			if state, err = c.openCart(ctx, req, false); err != nil {
				return Outcome{}, err
			}
			continue
		case !exists && refusal != nil:
			return Outcome{}, refusal
		case !exists:
			continue
		}
		if outcome, done, err = c.meet(ctx, req, found); done || err != nil {
			return outcome, err
		}
	}
	return Outcome{}, checkout.ErrKeyInProgress
}

// openCart proves that the request may speak for its cart. Only then is anything of the cart's checkouts told. A cart as it
// is remembered is good enough to go on with, because Freeze looks at it again, but not to refuse it.
func (c *Checkouts) openCart(ctx context.Context, req Request, mayRemember bool) (cart.State, error) {
	if req.Quote != nil {
		return cart.State{}, nil
	}
	if req.CartToken == "" {
		return cart.State{}, checkout.ErrTokenRequired.Detailf("send the cart's token in the Cart-Token header")
	}
	return c.Carts.Check(ctx, cart.CheckRequest{CartID: req.CartID, Token: req.CartToken, MayRemember: mayRemember})
}

// meet answers a request that an attempt exists for. Not done means: that attempt is out of the way, look again.
func (c *Checkouts) meet(ctx context.Context, req Request, found attempt.Attempt) (outcome Outcome, done bool, err error) {
	switch {
	case !found.BelongsTo(req.Scope, req.Key):
		return c.meetOther(ctx, found)
	case found.RequestHash != req.Hash:
		return Outcome{}, false, checkout.ErrKeyReused
	case found.Ended():
		outcome, err = c.answer(ctx, found)
		outcome.Replayed = true
		return outcome, true, err
	}
	outcome, taken, err := c.resume(ctx, found)
	if err == nil && !taken {
		outcome, err = c.yield(ctx, found)
		outcome.Replayed = outcome.Attempt.Ended()
	}
	return outcome, true, err
}

// meetOther deals with another attempt of the same cart. One that nobody carries out and that has no way forward is
// finished first, so that it does not keep the cart.
func (c *Checkouts) meetOther(ctx context.Context, other attempt.Attempt) (outcome Outcome, done bool, err error) {
	if other.Status == checkout.StatusCompleted {
		outcome, err = c.answer(ctx, other)
		outcome.Earlier = true
		return outcome, true, err
	}
	if other.Ended() || other.Leased || (!other.OutOfTime() && other.Status != checkout.StatusCanceling) {
		return Outcome{}, false, checkout.ErrInProgress.Member("checkout_id", other.Reference)
	}
	work, cancel := working(ctx)
	defer cancel()
	taken, held, err := c.Store.Take(work, other.ID)
	if err != nil || !held {
		return Outcome{}, false, err
	}
	if _, err := c.travel(work, taken, c.advance); err != nil && !errors.Is(err, ErrLeaseLost) {
		return Outcome{}, false, err
	}
	return Outcome{}, false, nil
}

// begin takes steps 0 and 1: what can be refused by reading is refused before anything is written. Not done means that
// there is a refusal, or that somebody was first; either way an attempt that exists already has the word.
func (c *Checkouts) begin(ctx context.Context, req Request, state cart.State) (outcome Outcome, done bool, err error) {
	drafted, err := c.draft(ctx, req, state)
	if err == nil {
		err = failpoint.Hit(ctx, "checkout.checked")
	}
	if err != nil {
		return Outcome{}, false, err
	}
	work, cancel := working(ctx)
	defer cancel()
	begun, fresh, err := c.write(work, drafted)
	if err != nil {
		return Outcome{}, true, err
	}
	if !fresh {
		return Outcome{}, false, nil
	}
	outcome, err = c.run(ctx, work, begun)
	return outcome, true, err
}

// write is step 1.
func (c *Checkouts) write(ctx context.Context, d draft) (begun attempt.Attempt, fresh bool, err error) {
	if err := failpoint.Hit(ctx, "checkout.beginning"); err != nil {
		return attempt.Attempt{}, false, err
	}
	begun, fresh, err = c.Store.Begin(ctx, d.Attempt, d.life)
	if err != nil || !fresh {
		return attempt.Attempt{}, false, err
	}
	return begun, true, failpoint.Hit(ctx, "checkout.begun")
}

// resume carries on with an attempt that somebody left, from its second step.
func (c *Checkouts) resume(ctx context.Context, left attempt.Attempt) (outcome Outcome, taken bool, err error) {
	work, cancel := working(ctx)
	defer cancel()
	held, taken, err := c.Store.Take(work, left.ID)
	if err != nil || !taken {
		return Outcome{}, false, err
	}
	outcome, err = c.run(ctx, work, held)
	return outcome, true, err
}
