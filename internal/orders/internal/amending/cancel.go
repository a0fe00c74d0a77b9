package amending

import (
	"context"
	"errors"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// Cancel calls an order off of which nothing was sent: what is authorized is voided or what is captured refunded, and the
// stock is given back. The order is canceled when the command is written; money and stock follow, whatever happens to the
// request.
//
// Errors: orders.ErrNotFound, orders.ErrNotCancelable, orders.ErrKeyReused, orders.ErrPaymentBusy.
func (a *Amending) Cancel(ctx context.Context, req Request, reason string) (Done, error) {
	return a.run(ctx, Command{Request: req, Kind: KindCancellation, Input: Input{Reason: reason}})
}

func (a *Amending) planCancellation(input Input, s subject) (plan, error) {
	next, err := s.state.Cancel(s.lines, input.Reason, a.Now())
	return plan{input: input, next: &next}, err
}

func (a *Amending) giveBack(ctx context.Context, c Command) (effect, error) {
	attempt, err := a.releaseMoney(ctx, c)
	if err != nil {
		return effect{}, err
	}
	_, err = a.Inventory.Deallocate(ctx, inventory.DeallocateRequest{ID: c.ID, Reference: c.Reference})
	return effect{attempt: &attempt}, err
}

// refundLate has the background give back what a capture took of an order that was canceled meanwhile: the cancellation may
// have been carried out before that money was there.
func (a *Amending) refundLate(ctx context.Context, tx Store, c Command) error {
	_, err := tx.InsertCommand(ctx, Command{Request: Request{OrderID: c.OrderID, Scope: c.Scope}, ID: a.NewID(),
		Kind: KindRefund, Input: Input{Reason: "captured after the cancellation"}})
	return err
}

// releaseMoney voids, or refunds what was captured. Payments decide which: a capture may come in between, and voiding
// refuses after it as it refuses the capture before.
func (a *Amending) releaseMoney(ctx context.Context, c Command) (payments.Attempt, error) {
	voided, err := a.Payments.Void(ctx, payments.VoidRequest{Reference: c.Reference})
	if !errors.Is(err, payments.ErrIllegalTransition) {
		return voided, err
	}
	refunded, err := a.Payments.Refund(ctx, payments.RefundRequest{Reference: c.Reference, Key: c.ID, Reason: c.Input.Reason})
	if !errors.Is(err, payments.ErrRefundExceeds) {
		return refunded.Attempt, err
	}
	attempt, err := a.Payments.Attempt(ctx, payments.AttemptRequest{Reference: c.Reference})
	if err == nil && attempt.Status == payments.StatusAuthorized && attempt.Captured.IsZero() {
		return attempt, orders.ErrPaymentBusy
	}
	return attempt, err
}
