package completing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// await leaves everything held until somebody knows more of the payment, but not for ever.
func (c *Checkouts) await(ctx context.Context, t *trip) error {
	ctx, cancel := ending(ctx)
	defer cancel()
	switch {
	case t.attempt.Status == checkout.StatusPaymentUnknown && t.shopperMustAct():
		return c.awaitShopper(ctx, t)
	case t.attempt.Waiting() && t.attempt.Stale:
		return c.leaveOpen(ctx, t)
	case t.attempt.Waiting(), t.mayAskAgain():
		return c.Store.LetGo(ctx, t.attempt)
	case t.shopperMustAct():
		return c.awaitShopper(ctx, t)
	default:
		return c.awaitPayment(ctx, t)
	}
}

// mayAskAgain says that the payment was left in the middle, most likely by a crash, and that the same question will soon
// be answered. A request would not wait for that; after attempt.AuthorizingTime recovery does not either.
func (t *trip) mayAskAgain() bool {
	return t.patient && t.attempt.Status == checkout.StatusAuthorizing && !t.attempt.Stale && !t.shopperMustAct()
}

func (t *trip) shopperMustAct() bool {
	return t.payment.Status == payments.StatusActionRequired && t.payment.Action != nil
}

// awaitShopper waits within the checkout's own deadline, for which everything is held anyway. What the shopper has to do may
// be learned of too late for that.
func (c *Checkouts) awaitShopper(ctx context.Context, t *trip) error {
	if t.attempt.Overdue {
		return c.giveUp(ctx, t, checkout.ErrCanceled)
	}
	if err := t.agree(); err != nil {
		return err
	}
	if err := t.attempt.AwaitShopper(*t.payment.Action); err != nil {
		return err
	}
	return c.save(ctx, t, "wait for the shopper")
}

// awaitPayment holds stock and cart for as long as it may take to find out. What can no longer be held is not waited for.
func (c *Checkouts) awaitPayment(ctx context.Context, t *trip) error {
	err := c.prolong(ctx, t)
	var no *refusal
	switch {
	case errors.As(err, &no):
		return c.giveUp(ctx, t, no.reason)
	case err != nil:
		return err
	}
	if err := t.agree(); err != nil {
		return err
	}
	if err := t.attempt.AwaitPayment(); err != nil {
		return err
	}
	return c.save(ctx, t, "leave payment open")
}

// agree keeps the snapshot with the attempt, if it is not kept yet.
func (t *trip) agree() error {
	if t.attempt.Status != checkout.StatusStarted {
		return nil
	}
	return t.attempt.Authorize(t.snapshot)
}

func (c *Checkouts) prolong(ctx context.Context, t *trip) error {
	until := t.attempt.ReadAt.Add(attempt.UnknownHold)
	if err := c.extend(ctx, t, until); err != nil {
		return err
	}
	if t.attempt.CartID == "" {
		return nil
	}
	_, err := c.Carts.Freeze(ctx, cart.FreezeRequest{
		Reference: t.attempt.Reference, CartID: t.attempt.CartID, Version: t.attempt.Terms.ExpectedVersion, Until: until})
	if err != nil {
		return refused(fmt.Errorf("prolong the freeze: %w", err))
	}
	return nil
}

// leaveOpen leaves an attempt to a person because nobody could say in time whether it was paid, unless its order exists:
// whoever placed it may not have heard of it.
func (c *Checkouts) leaveOpen(ctx context.Context, t *trip) error {
	ctx, cancel := ending(ctx)
	defer cancel()
	known, err := c.findOrder(ctx, t)
	switch {
	case err != nil:
		return err
	case known:
		return c.complete(ctx, t)
	default:
		return c.review(ctx, t, attempt.ReviewPaymentUnknown)
	}
}

// review leaves an attempt to a person. What was agreed to stays, and so does what is held, until it ends by itself.
func (c *Checkouts) review(ctx context.Context, t *trip, reason string) error {
	if err := t.attempt.Review(reason); err != nil {
		return err
	}
	if err := c.save(ctx, t, "leave checkout to a person"); err != nil {
		return err
	}
	c.Log.ErrorContext(ctx, "a checkout needs a person", "checkout", t.attempt.Reference, "reason", reason)
	return nil
}

// settled says that a payment is decided, one way or the other.
func settled(paid payments.Attempt) bool {
	switch paid.Status {
	case payments.StatusCreated, payments.StatusSubmitted, payments.StatusUnknown, payments.StatusActionRequired:
		return false
	default:
		return true
	}
}
