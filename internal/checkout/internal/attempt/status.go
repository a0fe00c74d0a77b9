package attempt

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// ErrIllegalTransition answers a verb that the attempt's status does not allow.
var ErrIllegalTransition = errors.New("the checkout is not in a status that allows this")

// next lists the statuses that may follow a status.
func next(status string) []string {
	switch status {
	case checkout.StatusStarted:
		return []string{checkout.StatusAuthorizing, checkout.StatusCompleted, checkout.StatusCanceling}
	case checkout.StatusAuthorizing:
		return []string{checkout.StatusCompleted, checkout.StatusActionRequired, checkout.StatusPaymentUnknown, checkout.StatusCanceling}
	case checkout.StatusPaymentUnknown:
		return []string{checkout.StatusCompleted, checkout.StatusActionRequired, checkout.StatusCanceling, checkout.StatusReview}
	case checkout.StatusActionRequired:
		return []string{checkout.StatusCompleted, checkout.StatusCanceling, checkout.StatusReview}
	case checkout.StatusCanceling:
		return []string{checkout.StatusCanceled, checkout.StatusReview}
	case checkout.StatusReview:
		return []string{checkout.StatusCompleted, checkout.StatusCanceling}
	default:
		return nil
	}
}

func (a *Attempt) move(status string) error {
	if !slices.Contains(next(a.Status), status) {
		return fmt.Errorf("%s from %s to %s: %w", a.Reference, a.Status, status, ErrIllegalTransition)
	}
	a.Status, a.Stale = status, false
	return nil
}

// Begun says of a draft that it was written at a time of the database's clock, and that whoever wrote it holds the lease.
func (a *Attempt) Begun(deadline, at time.Time) {
	a.Deadline, a.EndsAt, a.ReadAt, a.Leased, a.Epoch, a.TokenVersion = deadline, deadline, at, true, 1, 1
	a.HeldUntil = a.HoldUntil()
}

// Authorize keeps what is agreed to, before anybody outside is told of it.
func (a *Attempt) Authorize(agreed cart.Snapshot) error {
	if err := a.move(checkout.StatusAuthorizing); err != nil {
		return err
	}
	a.Snapshot, a.EndsAt = &agreed, a.ReadAt.Add(AuthorizingTime)
	return nil
}

// AwaitPayment leaves everything held because nobody knows yet whether the payment came through.
func (a *Attempt) AwaitPayment() error {
	if err := a.move(checkout.StatusPaymentUnknown); err != nil {
		return err
	}
	a.EndsAt = a.ReadAt.Add(UnknownTime)
	return nil
}

// AwaitShopper leaves everything held until the shopper has done what the provider wants, or time is over.
func (a *Attempt) AwaitShopper(action payments.Action) error {
	if err := a.move(checkout.StatusActionRequired); err != nil {
		return err
	}
	if action.ExpiresAt.IsZero() || action.ExpiresAt.After(a.Deadline) {
		action.ExpiresAt = a.Deadline
	}
	a.Action, a.EndsAt = &action, a.Deadline
	return nil
}

// Complete ends the attempt with its order.
func (a *Attempt) Complete(placed orders.Placed) error {
	if err := a.move(checkout.StatusCompleted); err != nil {
		return err
	}
	order := placed.Order
	a.First = &Standing{Status: order.Status, PaymentStatus: order.PaymentStatus, FulfillmentStatus: order.FulfillmentStatus, Payment: order.Payment}
	a.OrderID, a.Total, a.EndsAt, a.ReviewReason = placed.OrderID, order.Totals.Total, time.Time{}, ""
	a.erase()
	return nil
}

// Cancel decides that everything held is given back. From here on there is no way forward. What was said of an attempt that
// was given up before, and came to a person, stays said; and what was agreed to, until it is known that nobody paid for it.
func (a *Attempt) Cancel(reason *fault.Error) error {
	if err := a.move(checkout.StatusCanceling); err != nil {
		return err
	}
	if a.Failure == nil {
		a.Failure = reason
	}
	a.EndsAt, a.ReviewReason = a.ReadAt.Add(UnknownTime), ""
	a.PaymentToken, a.Action = "", nil
	return nil
}

// Undone ends the attempt after everything was given back. Its key is free again unless the refusal was a final answer:
// a late retry must not charge a card that was declined, nor order what the shopper gave up.
func (a *Attempt) Undone() error {
	if err := a.move(checkout.StatusCanceled); err != nil {
		return err
	}
	if !a.Declined() && !a.failedBy(checkout.ErrCanceled) {
		a.Key = ""
	}
	a.EndsAt = time.Time{}
	a.erase()
	return nil
}

// Reasons to leave an attempt to a person.
const (
	ReviewPaymentUnknown = "payment_unknown"       // nobody could say within UnknownTime whether it was paid
	ReviewNotUndone      = "not_undone"            // what was held could not be given back within UnknownTime
	ReviewPaidNoOrder    = "paid_without_an_order" // money was taken, and no order can be placed
)

// Review leaves the attempt to a person. What was agreed to is kept for that person; how it was to be paid is not.
func (a *Attempt) Review(reason string) error {
	if err := a.move(checkout.StatusReview); err != nil {
		return err
	}
	a.ReviewReason, a.EndsAt, a.PaymentToken, a.Action = reason, time.Time{}, "", nil
	return nil
}

// Declined says that the attempt failed because the payment was declined.
func (a Attempt) Declined() bool { return a.failedBy(checkout.ErrPaymentDeclined) }

func (a Attempt) failedBy(reason *fault.Error) bool {
	return a.Failure != nil && errors.Is(a.Failure, reason)
}

func (a *Attempt) erase() {
	a.PaymentToken, a.Snapshot, a.Action = "", nil, nil
}
