package attempt

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/orders"
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
	case checkout.StatusActionRequired, checkout.StatusPaymentUnknown:
		return []string{checkout.StatusCompleted, checkout.StatusCanceling, checkout.StatusReview}
	case checkout.StatusCanceling:
		return []string{checkout.StatusCanceled, checkout.StatusReview}
	default:
		return nil
	}
}

func (a *Attempt) move(status string) error {
	if !slices.Contains(next(a.Status), status) {
		return fmt.Errorf("%s from %s to %s: %w", a.Reference, a.Status, status, ErrIllegalTransition)
	}
	a.Status = status
	return nil
}

// Authorize keeps what is agreed to, before anybody outside is told of it.
func (a *Attempt) Authorize(agreed cart.Snapshot) error {
	if err := a.move(checkout.StatusAuthorizing); err != nil {
		return err
	}
	a.Snapshot = &agreed
	return nil
}

// AwaitPayment leaves everything held because nobody knows yet whether the payment came through.
func (a *Attempt) AwaitPayment() error { return a.move(checkout.StatusPaymentUnknown) }

// Complete ends the attempt with its order.
func (a *Attempt) Complete(placed orders.Placed) error {
	if err := a.move(checkout.StatusCompleted); err != nil {
		return err
	}
	answer := placed.Order
	answer.Token = ""
	a.Answer, a.OrderID, a.Total = &answer, placed.OrderID, placed.Order.Totals.Total
	a.erase()
	return nil
}

// Cancel decides that everything held is given back. From here on there is no way forward.
func (a *Attempt) Cancel(reason *fault.Error) error {
	if err := a.move(checkout.StatusCanceling); err != nil {
		return err
	}
	a.Failure = reason
	a.erase()
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
	return nil
}

// Review leaves the attempt to a person.
func (a *Attempt) Review() error { return a.move(checkout.StatusReview) }

// Declined says that the attempt failed because the payment was declined.
func (a Attempt) Declined() bool { return a.failedBy(checkout.ErrPaymentDeclined) }

func (a Attempt) failedBy(reason *fault.Error) bool {
	return a.Failure != nil && errors.Is(a.Failure, reason)
}

func (a *Attempt) erase() {
	a.PaymentToken, a.Snapshot = "", nil
}
