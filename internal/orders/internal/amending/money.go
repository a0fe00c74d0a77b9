package amending

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// Capture takes authorized money; no amount means all that is left.
//
// Errors: orders.ErrNotFound, orders.ErrIllegalTransition, orders.ErrKeyReused, and those of payments.Service.Capture.
func (a *Amending) Capture(ctx context.Context, req Request, amount *money.Money) (Done, error) {
	return a.run(ctx, Command{Request: req, Kind: KindCapture, Input: Input{Amount: amount}})
}

func (a *Amending) capture(ctx context.Context, c Command) (effect, error) {
	answer, err := a.Payments.Capture(ctx, payments.CaptureRequest{Reference: c.Reference, Amount: c.Input.Amount, Key: c.ID})
	if err != nil {
		return effect{}, err
	}
	outcome := Outcome{ID: answer.Capture.ID, Amount: &answer.Capture.Amount, CreatedAt: answer.Capture.CreatedAt}
	return effect{outcome: outcome, attempt: &answer.Attempt}, nil
}

// Refund gives captured money back: the amount, else what the lines are worth, else all that is left. An amount with lines
// says what it is for and leaves the worth of the lines alone.
//
// Errors: orders.ErrNotFound, orders.ErrUnknownLine, orders.ErrRefundExceeds, orders.ErrIllegalTransition,
// orders.ErrKeyReused, and those of payments.Service.Refund.
func (a *Amending) Refund(ctx context.Context, req Request, input Input) (Done, error) {
	return a.run(ctx, Command{Request: req, Kind: KindRefund, Input: input})
}

func planRefund(input Input, s subject) (plan, error) {
	if err := order.May(s.state.Status, order.Refund); err != nil {
		return plan{}, err
	}
	valued := input.Amount == nil && len(input.Lines) > 0
	input.Lines = merge(input.Lines)
	decided := plan{input: input}
	sum := s.state.Amount(0)
	for i := range input.Lines {
		worth, err := value(&input.Lines[i], s.lines, fmt.Sprintf("/lines/%d", i))
		if err == nil {
			sum, err = sum.Add(worth)
		}
		if err != nil {
			return plan{}, err
		}
		if u := &input.Lines[i]; valued {
			u.Valued, u.Worth = true, worth.Minor()
			decided.deltas = append(decided.deltas, order.Delta{LineID: u.LineID, Refunded: u.Quantity, RefundedAmount: u.Worth})
		}
	}
	if valued {
		decided.input.Amount = &sum
	}
	return decided, nil
}

// value finds the line of some units and says what they are worth.
func value(u *Units, lines []order.Line, pointer string) (money.Money, error) {
	line, ok := order.Find(lines, u.LineID)
	if !ok {
		return money.Money{}, orders.ErrUnknownLine.With(fault.Field{Pointer: pointer + "/line_id", Code: "unknown_reference"})
	}
	u.SKU = line.SKU
	worth, err := line.Worth(u.Quantity)
	var exceeds *fault.Error
	if errors.As(err, &exceeds) {
		return worth, exceeds.With(fault.Field{Pointer: pointer + "/quantity", Code: "invalid_value"})
	}
	return worth, err
}

func (a *Amending) refund(ctx context.Context, c Command) (effect, error) {
	answer, err := a.Payments.Refund(ctx, payments.RefundRequest{Reference: c.Reference, Amount: c.Input.Amount, Key: c.ID, Reason: c.Input.Reason})
	if err != nil {
		return effect{}, err
	}
	outcome := Outcome{ID: answer.Refund.ID, Amount: &answer.Refund.Amount, CreatedAt: answer.Refund.CreatedAt}
	return effect{outcome: outcome, attempt: &answer.Attempt}, nil
}
