package amending

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/periodic"
)

// effect is what the steps of a command had for a result: the outcome to keep, and where the payment stands when a step
// moved money.
type effect struct {
	outcome Outcome
	attempt *payments.Attempt
}

// advance carries out what is left of a command. Several may do so at once: its steps answer each the same, and only one
// finish counts. A cancellation has happened when it is written, so that nothing can refuse it any more.
func (a *Amending) advance(ctx context.Context, c Command) (Command, error) {
	done, err := a.act(ctx, c)
	if refused(err) && c.Kind != KindCancellation {
		return c, errors.Join(translate(err), a.drop(ctx, c))
	}
	if err != nil {
		return c, err
	}
	c.Outcome, c.Done = done.outcome, true
	return c, a.finish(ctx, c, done)
}

func (a *Amending) act(ctx context.Context, c Command) (effect, error) {
	switch c.Kind {
	case KindCapture:
		return a.capture(ctx, c)
	case KindRefund:
		return a.refund(ctx, c)
	case KindFulfillment:
		return a.ship(ctx, c)
	default:
		return a.giveBack(ctx, c)
	}
}

// finish records the outcome, and what it means for the order, once.
func (a *Amending) finish(ctx context.Context, c Command, done effect) error {
	return a.Store.InTx(ctx, func(tx Store) error {
		before, _, err := tx.Lock(ctx, c.OrderID)
		if err != nil {
			return err
		}
		first, err := conclude(ctx, tx, c, done.outcome)
		if err != nil || !first {
			return err
		}
		after := before
		if done.attempt != nil {
			after, err = before.ApplyPayment(standing(*done.attempt))
		}
		if err == nil && c.Kind == KindCapture && before.CanceledAt != nil {
			err = a.refundLate(ctx, tx, c)
		}
		if err == nil && c.Kind == KindFulfillment {
			after, err = a.countShipped(ctx, tx, c, before)
		}
		if err != nil || after.Version == before.Version {
			return err
		}
		return tx.Save(ctx, after)
	})
}

// conclude records the outcome, and answers false when that was done before. A command that was dropped meanwhile, because a
// request that ran beside this one was refused, is written again with what it claims: its steps were taken after all.
func conclude(ctx context.Context, tx Store, c Command, outcome Outcome) (bool, error) {
	first, err := tx.FinishCommand(ctx, c.ID, outcome)
	if err != nil || first {
		return first, err
	}
	dropped, err := tx.InsertCommand(ctx, c)
	if err != nil || !dropped {
		return false, err
	}
	if err := count(ctx, tx, c, claimed(c)); err != nil {
		return false, err
	}
	return tx.FinishCommand(ctx, c.ID, outcome)
}

// standing is the answer of payments in the words of ApplyPayment: an answer counts as the event that will tell the same.
func standing(a payments.Attempt) orders.PaymentStanding {
	return orders.PaymentStanding{Reference: a.Reference, Status: a.Status, Authorized: a.Authorized, Captured: a.Captured,
		Refunded: a.Refunded, Seq: a.Seq}
}

// drop forgets a command that was refused, and gives back what it claimed.
func (a *Amending) drop(ctx context.Context, c Command) error {
	return a.Store.InTx(ctx, func(tx Store) error {
		if _, _, err := tx.Lock(ctx, c.OrderID); err != nil {
			return err
		}
		first, err := tx.DropCommand(ctx, c.ID)
		if err != nil || !first {
			return err
		}
		return count(ctx, tx, c, unclaimed(c))
	})
}

// claimed is what planRefund or planFulfillment claimed, and unclaimed gives it back.
func claimed(c Command) []order.Delta {
	var deltas []order.Delta
	for _, u := range c.Input.Lines {
		switch {
		case c.Kind == KindFulfillment:
			deltas = append(deltas, order.Delta{LineID: u.LineID, Fulfilling: u.Quantity})
		case u.Valued:
			deltas = append(deltas, order.Delta{LineID: u.LineID, Refunded: u.Quantity, RefundedAmount: u.Worth})
		}
	}
	return deltas
}

func unclaimed(c Command) []order.Delta {
	deltas := claimed(c)
	for i, d := range deltas {
		deltas[i] = order.Delta{LineID: d.LineID, Fulfilling: -d.Fulfilling, Refunded: -d.Refunded, RefundedAmount: -d.RefundedAmount}
	}
	return deltas
}

// refused says that another module decided against a step, rather than having failed at it: nothing was done, and doing it
// again will not help.
func refused(err error) bool {
	return slices.ContainsFunc([]error{payments.ErrNotFound, payments.ErrCaptureExceeds, payments.ErrRefundExceeds,
		payments.ErrIllegalTransition, payments.ErrCurrencyMismatch, payments.ErrAmountMustBePositive,
		inventory.ErrNotAllocated, inventory.ErrHoldExpired}, func(refusal error) bool { return errors.Is(err, refusal) })
}

// translate says what a refusal means for the order.
func translate(err error) error {
	switch {
	case errors.Is(err, payments.ErrIllegalTransition), errors.Is(err, payments.ErrNotFound):
		return orders.ErrIllegalTransition.Detailf("the payment of the order does not allow this").Wrap(err)
	case errors.Is(err, inventory.ErrHoldExpired):
		return orders.ErrNotFulfillable.Detailf("the stock of the order is no longer held").Wrap(err)
	default:
		return err
	}
}

const (
	// recoveryInterval is how often unfinished commands are looked for.
	recoveryInterval = 5 * time.Second
	recoveryBatch    = 20
)

// Run finishes commands whose request broke off, until ctx ends.
func (a *Amending) Run(ctx context.Context) error {
	return periodic.Run(ctx, recoveryInterval, "recover commands on orders", func(ctx context.Context) error {
		_, err := a.Recover(ctx)
		return err
	})
}

// Recover carries out the commands that are due and answers how many it finished. Those it cannot finish come again later.
func (a *Amending) Recover(ctx context.Context) (int, error) {
	due, err := a.Store.DueCommands(ctx, recoveryBatch)
	if err != nil {
		return 0, fmt.Errorf("look for unfinished commands: %w", err)
	}
	finished := 0
	for _, c := range due {
		if _, err := a.advance(ctx, c); err != nil {
			slog.WarnContext(ctx, "a command on an order is not finished", "kind", c.Kind, "order", c.OrderID, "command", c.ID, "error", err)
			continue
		}
		finished++
	}
	return finished, nil
}
