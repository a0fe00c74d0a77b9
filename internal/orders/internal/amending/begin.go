package amending

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
)

// begin writes a command and what it claims of the order in one transaction. A key that was used answers its command.
func (a *Amending) begin(ctx context.Context, c Command) (Command, error) {
	var stands Command
	err := a.Store.InTx(ctx, func(tx Store) error {
		state, lines, err := tx.Lock(ctx, c.OrderID)
		if err != nil {
			return err
		}
		earlier, found, err := earlierOf(ctx, tx, c)
		if err != nil || found {
			stands = earlier
			return err
		}
		stands, err = a.decide(ctx, tx, c, subject{state: state, lines: lines})
		return err
	})
	return stands, err
}

// earlierOf answers the command that has the key already. Errors: orders.ErrKeyReused when it asks for something else.
func earlierOf(ctx context.Context, tx Store, c Command) (Command, bool, error) {
	if c.Key == "" {
		return Command{}, false, nil
	}
	earlier, found, err := tx.Command(ctx, c.Scope, c.Key)
	if found && earlier.Hash != c.Hash {
		return earlier, true, orders.ErrKeyReused
	}
	return earlier, found, err
}

// subject is the order that a command is about.
type subject struct {
	state order.State
	lines []order.Line
}

// plan is what a command decides: what exactly is to be done, the units it claims, and the order's state when that
// changes at once.
type plan struct {
	input  Input
	deltas []order.Delta
	next   *order.State
}

func (a *Amending) decide(ctx context.Context, tx Store, c Command, s subject) (Command, error) {
	decided, err := a.plan(c, s)
	if err != nil {
		return c, err
	}
	c.Reference, c.Input = s.state.Reference, decided.input
	fresh, err := tx.InsertCommand(ctx, c)
	if err != nil {
		return c, err
	}
	if !fresh {
		return c, orders.ErrKeyReused.Detailf("the idempotency key was used for another order")
	}
	return c, decided.claim(ctx, tx, c)
}

func (a *Amending) plan(c Command, s subject) (plan, error) {
	switch c.Kind {
	case KindCapture:
		return plan{input: c.Input}, order.May(s.state.Status, order.Capture)
	case KindRefund:
		return planRefund(c.Input, s)
	case KindFulfillment:
		return planFulfillment(c.Input, s)
	default:
		return a.planCancellation(c.Input, s)
	}
}

// claim takes the units, and saves the state when it changes at once.
func (p plan) claim(ctx context.Context, tx Store, c Command) error {
	if err := count(ctx, tx, c, p.deltas); err != nil || p.next == nil {
		return err
	}
	if err := tx.CancelLines(ctx, c.OrderID); err != nil {
		return err
	}
	return tx.Save(ctx, *p.next)
}

// count changes the counters of lines, all or none.
func count(ctx context.Context, tx Store, c Command, deltas []order.Delta) error {
	if len(deltas) == 0 {
		return nil
	}
	enough, err := tx.AddCounters(ctx, c.OrderID, deltas)
	if err != nil || enough {
		return err
	}
	if c.Kind == KindRefund {
		return orders.ErrRefundExceeds
	}
	return orders.ErrNotFulfillable
}

// merge sums units of the same line, so that a request that names a line twice is checked as a whole.
func merge(units []Units) []Units {
	var merged []Units
	place := map[string]int{}
	for _, u := range units {
		if i, seen := place[u.LineID]; seen {
			merged[i].Quantity += u.Quantity
			continue
		}
		place[u.LineID] = len(merged)
		merged = append(merged, u)
	}
	return merged
}
