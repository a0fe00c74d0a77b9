package completing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// freeze is step 2. What was agreed to before is not priced again.
func (c *Checkouts) freeze(ctx context.Context, t *trip) error {
	a := t.attempt
	if a.Snapshot != nil {
		t.snapshot = *a.Snapshot
		return nil
	}
	snapshot, err := c.Carts.Freeze(ctx, cart.FreezeRequest{
		Reference: a.Reference, CartID: a.CartID, Version: a.Terms.ExpectedVersion, Until: a.Deadline})
	if err != nil {
		return refused(fmt.Errorf("freeze cart: %w", err))
	}
	t.reach(frozen)
	t.snapshot = snapshot
	return refused(c.agree(ctx, a, snapshot))
}

// reserve is step 3.
func (c *Checkouts) reserve(ctx context.Context, t *trip) error {
	wanted := attempt.OfSnapshot(t.snapshot.Lines)
	_, err := c.Stock.Reserve(ctx, inventory.ReserveRequest{
		Reference: t.attempt.Reference, Lines: wanted.Sum(), HoldUntil: t.attempt.HoldUntil()})
	var reason *fault.Error
	if errors.Is(err, inventory.ErrInsufficientStock) && errors.As(err, &reason) {
		return &refusal{reason: wanted.Shortage(reason)}
	}
	if err != nil {
		return refused(fmt.Errorf("reserve stock: %w", err))
	}
	t.reach(reserved)
	return nil
}

// announce is step 5. A token means that somebody outside will be told; what is agreed to must be durable before that.
func (c *Checkouts) announce(ctx context.Context, t *trip) error {
	if t.attempt.PaymentToken == "" || t.attempt.Status != checkout.StatusStarted {
		return nil
	}
	if err := t.agree(); err != nil {
		return err
	}
	if err := c.Store.Save(ctx, t.attempt); err != nil {
		return fmt.Errorf("write what is agreed to: %w", err)
	}
	return nil
}

// authorize is step 6. Whatever payments says that is neither yes nor no keeps everything held, and so does silence once
// somebody outside may have been told.
func (c *Checkouts) authorize(ctx context.Context, t *trip) error {
	paid, err := c.Payments.Authorize(ctx, payments.AuthorizeRequest{
		Reference: t.attempt.Reference, Amount: t.snapshot.Totals.Total, Method: t.attempt.Terms.Method,
		Token: t.attempt.PaymentToken, ReturnURL: t.attempt.Terms.ReturnURL})
	if errors.Is(err, context.DeadlineExceeded) && t.attempt.Status == checkout.StatusAuthorizing {
		t.reach(authorized)
		return errWaiting
	}
	if err != nil {
		return refused(fmt.Errorf("authorize payment: %w", err))
	}
	t.payment = paid
	switch paid.Status {
	case payments.StatusAuthorized, payments.StatusCaptured:
		t.reach(authorized)
		return failpoint.Hit(ctx, "checkout.authorized")
	case payments.StatusDeclined:
		return &refusal{reason: checkout.ErrPaymentDeclined.Member("decline_code", paid.DeclineCode)}
	case payments.StatusExpired, payments.StatusVoidPending, payments.StatusVoided:
		return &refusal{reason: checkout.ErrCanceled}
	default:
		t.reach(authorized)
		return errWaiting
	}
}

// secure is step 7: stock is held for long enough to place an order and to tell of it, or there is no order.
func (c *Checkouts) secure(ctx context.Context, t *trip) error {
	if !t.attempt.HoldEndsSoon() {
		return nil
	}
	return c.extend(ctx, t, t.attempt.ReadAt.Add(attempt.HoldMargin))
}

func (c *Checkouts) extend(ctx context.Context, t *trip, until time.Time) error {
	held, err := c.Stock.Extend(ctx, inventory.ExtendRequest{Reference: t.attempt.Reference, HoldUntil: until})
	if err != nil {
		return refused(fmt.Errorf("hold stock for longer: %w", err))
	}
	t.attempt.HeldUntil = held.HoldUntil
	return nil
}

// place is step 8, the pivot: once it has happened, nothing is undone by itself. Only a refusal that orders documents
// proves that it has not; after any other error the order may exist.
func (c *Checkouts) place(ctx context.Context, t *trip) error {
	placed, err := c.Orders.Place(ctx, placeRequest(t))
	switch {
	case errors.Is(err, orders.ErrInvalidSnapshot), errors.Is(err, orders.ErrCartTaken), errors.Is(err, orders.ErrReferenceClosed):
		return refused(fmt.Errorf("place order: %w", err))
	case err != nil:
		return fmt.Errorf("place order: %w", err)
	}
	t.placed = placed
	return failpoint.Hit(ctx, "checkout.placed")
}
