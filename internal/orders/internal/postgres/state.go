package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// ChangeByReference implements placing.Store.
func (s Store) ChangeByReference(ctx context.Context, references []string, change func(order.State) (order.State, error)) error {
	// Rows are locked in one order, so that two batches never wait for each other in a circle.
	const query = `SELECT ` + stateColumns + ` FROM orders.orders WHERE reference = ANY($1) ORDER BY id FOR NO KEY UPDATE`
	return s.inTx(ctx, func(tx Store) error {
		var rows []stateRow
		if err := tx.q.Select(ctx, &rows, query, references); err != nil {
			return fmt.Errorf("lock orders: %w", err)
		}
		var changed []order.State
		for _, row := range rows {
			before := row.state()
			after, err := change(before)
			if err != nil {
				return err
			}
			if after.Version != before.Version {
				changed = append(changed, after)
			}
		}
		return tx.save(ctx, changed)
	})
}

// Lock implements amending.Store. The lock leaves foreign keys to the order alone: a line or a command can be added by
// whoever waits for it.
func (s Store) Lock(ctx context.Context, id string) (order.State, []order.Line, error) {
	const query = `SELECT ` + stateColumns + ` FROM orders.orders WHERE id = $1 FOR NO KEY UPDATE`
	var row stateRow
	err := s.q.Get(ctx, &row, query, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return order.State{}, nil, orders.ErrNotFound
	}
	if err != nil {
		return order.State{}, nil, fmt.Errorf("lock order: %w", err)
	}
	lines, err := s.Lines(ctx, id, row.Currency)
	return row.state(), lines, err
}

// Lines implements amending.Store.
func (s Store) Lines(ctx context.Context, orderID, currency string) ([]order.Line, error) {
	rows, err := s.lineRows(ctx, []string{orderID})
	if err != nil {
		return nil, err
	}
	lines := make([]order.Line, len(rows))
	for i, row := range rows {
		if lines[i], err = row.line(currency); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// Save implements amending.Store.
func (s Store) Save(ctx context.Context, state order.State) error {
	return s.save(ctx, []order.State{state})
}

// save writes changed orders, which must be locked, and announces those whose statuses changed.
func (s Store) save(ctx context.Context, states []order.State) error {
	const query = `
		UPDATE orders.orders o
		SET authorized = c.authorized, captured = c.captured, refunded = c.refunded, payment_voided = c.payment_voided,
			payment_seq = c.payment_seq, status = c.status, payment_status = c.payment_status,
			fulfillment_status = c.fulfillment_status, cancel_reason = c.cancel_reason,
			canceled_at = nullif(c.canceled_at, '')::timestamptz,
			version = c.version, event_seq = c.event_seq, updated_at = now()
		FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::boolean[], $6::bigint[], $7::text[], $8::text[],
			$9::text[], $10::text[], $11::text[], $12::integer[], $13::bigint[])
			AS c(id, authorized, captured, refunded, payment_voided, payment_seq, status, payment_status, fulfillment_status,
				cancel_reason, canceled_at, version, event_seq)
		WHERE o.id = c.id`
	if len(states) == 0 {
		return nil
	}
	c := stateArraysOf(states)
	_, err := s.q.Exec(ctx, query, c.id, c.authorized, c.captured, c.refunded, c.voided, c.paymentSeq, c.status, c.paymentStatus,
		c.fulfillmentStatus, c.cancelReason, c.canceledAt, c.version, c.seq)
	if err != nil {
		return fmt.Errorf("save orders: %w", err)
	}
	return s.outbox.Append(ctx, s.q, c.events...)
}

// stateArrays are states by column, and what they announce.
type stateArrays struct {
	id, status, paymentStatus, fulfillmentStatus, cancelReason, canceledAt []string
	authorized, captured, refunded, paymentSeq, version, seq               []int64
	voided                                                                 []bool
	events                                                                 []outbox.Record
}

func stateArraysOf(states []order.State) stateArrays {
	var c stateArrays
	for _, s := range states {
		c.id, c.cancelReason = append(c.id, s.ID), append(c.cancelReason, s.CancelReason)
		c.status, c.paymentStatus = append(c.status, s.Status), append(c.paymentStatus, s.PaymentStatus)
		c.fulfillmentStatus = append(c.fulfillmentStatus, s.FulfillmentStatus)
		c.authorized, c.captured = append(c.authorized, s.Payment.Authorized), append(c.captured, s.Payment.Captured)
		c.refunded, c.voided = append(c.refunded, s.Payment.Refunded), append(c.voided, s.Payment.Voided)
		c.paymentSeq, c.seq = append(c.paymentSeq, s.Payment.Seq), append(c.seq, s.Seq)
		c.version = append(c.version, int64(s.Version))
		c.canceledAt = append(c.canceledAt, timestamp(s.CanceledAt))
		if s.Announce {
			c.events = append(c.events, outbox.Record{AggregateType: aggregate, AggregateID: s.ID, Seq: s.Seq, Event: s.Changed()})
		}
	}
	return c
}

// timestamp is empty for no time.
func timestamp(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// AddCounters implements amending.Store. Of many at once only as many succeed as the lines have units: the condition is
// part of the change.
func (s Store) AddCounters(ctx context.Context, orderID string, deltas []order.Delta) (bool, error) {
	const query = `
		UPDATE orders.order_lines l
		SET fulfilled = l.fulfilled + d.fulfilled, fulfilling = l.fulfilling + d.fulfilling,
			refunded = l.refunded + d.refunded, refunded_amount = l.refunded_amount + d.refunded_amount
		FROM unnest($2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
			AS d(id, fulfilled, fulfilling, refunded, refunded_amount)
		WHERE l.order_id = $1 AND l.id = d.id
			AND l.canceled + l.fulfilled + d.fulfilled + l.fulfilling + d.fulfilling <= l.ordered
			AND l.refunded + d.refunded <= l.ordered AND l.refunded_amount + d.refunded_amount <= l.total`
	var id []string
	var fulfilled, fulfilling, refunded, amount []int64
	for _, d := range deltas {
		id = append(id, d.LineID)
		fulfilled, fulfilling = append(fulfilled, d.Fulfilled), append(fulfilling, d.Fulfilling)
		refunded, amount = append(refunded, d.Refunded), append(amount, d.RefundedAmount)
	}
	changed, err := s.q.Exec(ctx, query, orderID, id, fulfilled, fulfilling, refunded, amount)
	if err != nil {
		return false, fmt.Errorf("count units: %w", err)
	}
	return changed == int64(len(deltas)), nil
}

// CancelLines implements amending.Store.
func (s Store) CancelLines(ctx context.Context, orderID string) error {
	const query = `UPDATE orders.order_lines SET canceled = ordered - fulfilled - fulfilling WHERE order_id = $1`
	if _, err := s.q.Exec(ctx, query, orderID); err != nil {
		return fmt.Errorf("cancel lines: %w", err)
	}
	return nil
}
