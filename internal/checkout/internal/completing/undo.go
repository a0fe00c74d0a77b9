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
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
)

// memberRequest remembers which request was declined, so that a replay is the same answer to the byte.
const memberRequest = "request_id"

// giveUp decides that there is no way forward and then gives everything back, unless the order turns out to exist. The
// decision is durable first, and only the holder of the lease can write it: whoever reads it knows that no order was or
// will be placed.
func (c *Checkouts) giveUp(ctx context.Context, t *trip, reason *fault.Error) error {
	placed, err := c.closePivot(ctx, t)
	if err != nil {
		return err
	}
	if placed {
		return c.complete(ctx, t)
	}
	reason = reason.Member(memberCheckout, t.attempt.Reference).Member(memberRequest, requestID(ctx, t))
	if err := t.attempt.Cancel(reason); err != nil {
		return err
	}
	if err := c.save(ctx, t, "cancel checkout"); err != nil {
		return err
	}
	return c.undo(ctx, t)
}

// closePivot sees to it that nobody who carried the attempt before, and slept through the end of the lease, wakes up and
// places its order. Nobody was there before the first holder. Who is such a sleeper itself finds its lease gone.
func (c *Checkouts) closePivot(ctx context.Context, t *trip) (placed bool, err error) {
	if !t.attempt.Resumed() {
		return false, nil
	}
	ctx, cancel := ending(ctx)
	defer cancel()
	if err := c.Store.Renew(ctx, t.attempt); err != nil {
		return false, err
	}
	answer, err := c.Orders.Close(ctx, orders.CloseRequest{Reference: t.attempt.Reference})
	if err != nil {
		return false, fmt.Errorf("close the reference of the order: %w", err)
	}
	if answer.Placed == nil {
		return false, nil
	}
	t.placed = *answer.Placed
	return true, nil
}

// requestID names the request that was refused, or the attempt where there was no request.
func requestID(ctx context.Context, t *trip) string {
	if id := inbound.RequestID(ctx); id != "" {
		return id
	}
	return t.attempt.Reference
}

// undo gives back in reverse what the steps may have left, and ends the attempt. Each part can be repeated, so after an
// error the next one starts again, until time is over. Money that was taken without an order is left to a person.
func (c *Checkouts) undo(ctx context.Context, t *trip) error {
	ctx, cancel := ending(ctx)
	defer cancel()
	err := c.giveBack(ctx, t)
	switch {
	case errors.Is(err, payments.ErrIllegalTransition):
		return c.review(ctx, t, attempt.ReviewPaidNoOrder)
	case err != nil && t.attempt.Stale:
		return c.review(ctx, t, attempt.ReviewNotUndone)
	case err != nil:
		return fmt.Errorf("undo checkout: %w", err)
	}
	if err := t.attempt.Undone(); err != nil {
		return err
	}
	return c.save(ctx, t, "end canceled checkout")
}

func (c *Checkouts) giveBack(ctx context.Context, t *trip) error {
	a := t.attempt
	if t.reached >= authorized {
		if _, err := c.Payments.Void(ctx, payments.VoidRequest{Reference: a.Reference}); err != nil {
			return fmt.Errorf("void payment: %w", err)
		}
		if err := failpoint.Hit(ctx, "checkout.voided"); err != nil {
			return err
		}
	}
	if t.reached >= reserved {
		if _, err := c.Stock.Release(ctx, inventory.ReleaseRequest{Reference: a.Reference}); err != nil {
			return fmt.Errorf("release stock: %w", err)
		}
	}
	if t.reached >= frozen && a.CartID != "" {
		if _, err := c.Carts.Thaw(ctx, cart.ThawRequest{Reference: a.Reference, CartID: a.CartID}); err != nil {
			return fmt.Errorf("thaw cart: %w", err)
		}
	}
	return nil
}

// Cancel gives a checkout up for its shopper. What a payment that is still open comes to is payments' to clear.
// Errors: checkout.ErrTokenRequired, ErrNotFound, ErrNotCancelable, ErrInProgress (it is being carried out right now).
func (c *Checkouts) Cancel(ctx context.Context, req Access) (Outcome, error) {
	a, err := c.open(ctx, req)
	if err != nil {
		return Outcome{}, err
	}
	work, cancel := working(ctx)
	defer cancel()
	held, taken, err := c.Store.Take(work, a.ID)
	if err != nil {
		return Outcome{}, err
	}
	if taken {
		if _, err := c.travel(work, held, c.drop); err != nil && !errors.Is(err, ErrLeaseLost) {
			return Outcome{}, err
		}
	}
	return c.canceled(ctx, a.ID)
}

// GiveUp gives up for staff what was left to a person, and answers where it stands then: who gave it up does not have to wait
// for a provider that is away.
// Errors: checkout.ErrNotFound, ErrNotCancelable, ErrInProgress (it is being given up right now).
func (c *Checkouts) GiveUp(ctx context.Context, id string) (Listed, error) {
	work, cancel := working(ctx)
	defer cancel()
	held, taken, err := c.Store.TakeUp(work, id)
	if err != nil {
		return Listed{}, err
	}
	if !taken {
		return c.givenUp(ctx, id)
	}
	_, err = c.travel(work, held, c.drop)
	if errors.Is(err, ErrLeaseLost) {
		return c.givenUp(ctx, id)
	}
	stands, lookErr := c.Store.Entry(ctx, id)
	if err != nil && (lookErr != nil || stands.Status == checkout.StatusReview) {
		return Listed{}, err
	}
	return stands, lookErr
}

// givenUp answers an attempt that was given up before.
func (c *Checkouts) givenUp(ctx context.Context, id string) (Listed, error) {
	stands, err := c.Store.Entry(ctx, id)
	switch {
	case err != nil, stands.Status == checkout.StatusCanceled:
		return stands, err
	case stands.Status == checkout.StatusCanceling, stands.Status == checkout.StatusReview:
		return Listed{}, checkout.ErrInProgress.Detailf("the checkout is being given up at this moment; ask again").
			Member(memberCheckout, stands.Reference)
	default:
		return Listed{}, checkout.ErrNotCancelable.Detailf("the checkout does not wait for a person").
			Member(memberCheckout, stands.Reference)
	}
}

// drop undoes an attempt, unless its order exists already.
func (c *Checkouts) drop(ctx context.Context, t *trip) error {
	if t.attempt.Status == checkout.StatusCanceling {
		return c.undo(ctx, t)
	}
	return c.giveUp(ctx, t, checkout.ErrCanceled)
}

// canceled answers where an attempt stands that was to be canceled.
func (c *Checkouts) canceled(ctx context.Context, id string) (Outcome, error) {
	a, err := c.Store.Load(ctx, id)
	switch {
	case err != nil:
		return Outcome{}, err
	case a.Status == checkout.StatusCanceled:
		return Outcome{Attempt: a}, nil
	case a.Ended():
		return Outcome{}, checkout.ErrNotCancelable.Member(memberCheckout, a.Reference)
	default:
		return Outcome{}, checkout.ErrInProgress.Detailf("the checkout is being carried out at this moment; ask again").
			Member(memberCheckout, a.Reference)
	}
}
