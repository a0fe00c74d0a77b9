package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/orders/internal/reading"
)

// List implements reading.Store. Ids are made in the order of time, so that they are the key of the page as well.
func (s Store) List(ctx context.Context, filter reading.Filter, page reading.Page) ([]order.Order, error) {
	const query = `SELECT ` + orderColumns + ` FROM orders.orders WHERE true`
	where := conditionsOf(filter)
	beyond, direction := "AND id < ", "DESC"
	if filter.OldestFirst {
		beyond, direction = "AND id > ", "ASC"
	}
	if page.After != "" {
		where.add(beyond+"?::uuid", page.After)
	}
	where.add("ORDER BY id "+direction+" LIMIT ?", page.Limit)
	var rows []orderRow
	if err := s.q.Select(ctx, &rows, query+where.text.String(), where.arguments...); err != nil {
		return nil, fmt.Errorf("list orders: %w", err)
	}
	return s.withLines(ctx, rows)
}

// Count implements reading.Store.
func (s Store) Count(ctx context.Context, filter reading.Filter) (int64, error) {
	const query = `SELECT count(*) FROM orders.orders WHERE true`
	where := conditionsOf(filter)
	var total int64
	if err := s.q.Get(ctx, &total, query+where.text.String(), where.arguments...); err != nil {
		return 0, fmt.Errorf("count orders: %w", err)
	}
	return total, nil
}

// conditions are fixed texts with numbered arguments behind a WHERE.
type conditions struct {
	text      strings.Builder
	arguments []any
}

// add puts the number of its argument where the text has a question mark.
func (c *conditions) add(text string, argument any) {
	c.arguments = append(c.arguments, argument)
	c.text.WriteString(" " + strings.Replace(text, "?", fmt.Sprintf("$%d", len(c.arguments)), 1))
}

func conditionsOf(filter reading.Filter) *conditions {
	c := new(conditions)
	for _, list := range []struct {
		text   string
		values []string
	}{
		{"AND status = ANY(?)", filter.Statuses},
		{"AND payment_status = ANY(?)", filter.PaymentStatuses},
		{"AND fulfillment_status = ANY(?)", filter.FulfillmentStatuses},
	} {
		if len(list.values) > 0 {
			c.add(list.text, list.values)
		}
	}
	if filter.Email != "" {
		c.add("AND lower(email) = lower(?)", filter.Email)
	}
	if filter.Number != "" {
		c.add("AND number = ?", filter.Number)
	}
	if !filter.PlacedAfter.IsZero() {
		c.add("AND placed_at >= ?", filter.PlacedAfter)
	}
	if !filter.PlacedBefore.IsZero() {
		c.add("AND placed_at < ?", filter.PlacedBefore)
	}
	return c
}

// RefundedUnits implements reading.Store.
func (s Store) RefundedUnits(ctx context.Context, orderID string) ([]reading.RefundedUnits, error) {
	const query = `
		SELECT c.outcome->>'id' AS refund_id, u->>'line_id' AS line_id, (u->>'quantity')::bigint AS quantity
		FROM orders.commands c, jsonb_array_elements(c.input->'lines') WITH ORDINALITY AS units(u, position)
		WHERE c.order_id = $1 AND c.kind = 'refund' AND c.done
		ORDER BY c.id, units.position`
	var rows []struct {
		RefundID string `db:"refund_id"`
		LineID   string `db:"line_id"`
		Quantity int64  `db:"quantity"`
	}
	if err := s.q.Select(ctx, &rows, query, orderID); err != nil {
		return nil, err
	}
	units := make([]reading.RefundedUnits, len(rows))
	for i, row := range rows {
		units[i] = reading.RefundedUnits(row)
	}
	return units, nil
}
