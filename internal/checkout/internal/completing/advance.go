package completing

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// memberCheckout names the refused attempt in a refusal.
const memberCheckout = "checkout_id"

// errWaiting says that the payment has not been decided.
var errWaiting = errors.New("the payment is not decided yet")

// trip is one run over the steps of an attempt.
type trip struct {
	attempt  attempt.Attempt
	snapshot cart.Snapshot
	payment  payments.Attempt
	placed   orders.Placed
	// reached is the last step that may have left something behind.
	reached step
	// patient says that no request waits for the answer.
	patient bool
}

// step orders what can be undone.
type step int

const (
	nothing step = iota
	frozen
	reserved
	authorized
)

// newTrip starts from nothing, unless somebody else has been on the way before and may have reached anything.
func newTrip(a attempt.Attempt) *trip {
	if a.Resumed() {
		return &trip{attempt: a, reached: authorized}
	}
	return &trip{attempt: a}
}

func (t *trip) reach(s step) { t.reached = max(t.reached, s) }

// refusal ends the way forward: a module said no, and said it for good.
type refusal struct{ reason *fault.Error }

func (r *refusal) Error() string { return r.reason.Error() }

// refused turns a coded error into a refusal. An outage or a timeout decides nothing, so it stays what it is, and the
// attempt stays where it is.
func refused(err error) error {
	var reason *fault.Error
	if !errors.As(err, &reason) {
		return err
	}
	switch reason.Code {
	case "unavailable", "overloaded", "timeout", "rate_limited", "internal_error":
		return err
	case cart.ErrReferenceClosed.Code, inventory.ErrHoldExpired.Code:
		return &refusal{reason: checkout.ErrCanceled}
	default:
		return &refusal{reason: reason}
	}
}

// advance carries an attempt whose lease the caller holds as far as it gets: to its order, to its undoing, or to where it
// waits for a payment. Every step can be repeated, so it starts at the second one however far somebody else got. An
// error means that nothing is decided and that the same call may be made again.
func (c *Checkouts) advance(ctx context.Context, t *trip) error {
	if err := failpoint.Hit(ctx, "checkout.leased"); err != nil {
		return err
	}
	if t.attempt.Status == checkout.StatusCanceling {
		return c.undo(ctx, t)
	}
	if t.attempt.Resumed() {
		known, err := c.findOrder(ctx, t)
		switch {
		case err != nil:
			return err
		case known:
			return c.complete(ctx, t)
		case t.attempt.OutOfTime():
			return c.giveUp(ctx, t, checkout.ErrCanceled)
		}
	}
	return c.settle(ctx, t, c.forward(ctx, t))
}

// settle makes of the way forward what it came to.
func (c *Checkouts) settle(ctx context.Context, t *trip, err error) error {
	var no *refusal
	switch {
	case err == nil:
		return c.complete(ctx, t)
	case errors.As(err, &no):
		return c.giveUp(ctx, t, no.reason)
	case errors.Is(err, errWaiting):
		return c.await(ctx, t)
	case t.attempt.Stale && t.attempt.Status == checkout.StatusAuthorizing:
		return c.await(ctx, t)
	case t.attempt.Stale && t.attempt.Status == checkout.StatusPaymentUnknown:
		return c.leaveOpen(ctx, t)
	default:
		return err
	}
}

// findOrder looks behind the pivot: an attempt whose order exists only lacks its own end.
func (c *Checkouts) findOrder(ctx context.Context, t *trip) (known bool, err error) {
	t.placed, err = c.Orders.ByReference(ctx, orders.ByReferenceRequest{Reference: t.attempt.Reference})
	if errors.Is(err, orders.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the order: %w", err)
	}
	return true, nil
}

func (c *Checkouts) forward(ctx context.Context, t *trip) error {
	for _, take := range []func(context.Context, *trip) error{c.freeze, c.reserve, c.announce, c.authorize, c.secure, c.place} {
		if err := take(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// complete is step 9. When its write is lost, the next one finds the order and writes it again.
func (c *Checkouts) complete(ctx context.Context, t *trip) error {
	if err := t.attempt.Complete(t.placed); err != nil {
		return err
	}
	return c.save(ctx, t, "complete checkout")
}

// save writes an end, which has its own time however late the steps were.
func (c *Checkouts) save(ctx context.Context, t *trip, doing string) error {
	ctx, cancel := ending(ctx)
	defer cancel()
	if err := c.Store.Save(ctx, t.attempt); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
