package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Order implements reading.Store.
func (s Store) Order(ctx context.Context, id string) (order.Order, error) {
	const query = `SELECT ` + orderColumns + ` FROM orders.orders WHERE id = $1`
	return s.one(ctx, query, id)
}

// ByReference implements placing.Store.
func (s Store) ByReference(ctx context.Context, reference string) (order.Order, error) {
	const query = `SELECT ` + orderColumns + ` FROM orders.orders WHERE reference = $1`
	return s.one(ctx, query, reference)
}

func (s Store) one(ctx context.Context, query, key string) (order.Order, error) {
	var row orderRow
	err := s.q.Get(ctx, &row, query, key)
	if errors.Is(err, sqldb.ErrNoRows) {
		return order.Order{}, orders.ErrNotFound
	}
	if err != nil {
		return order.Order{}, fmt.Errorf("read order: %w", err)
	}
	found, err := s.withLines(ctx, []orderRow{row})
	if err != nil {
		return order.Order{}, err
	}
	return found[0], nil
}

// withLines turns rows into orders, in the same order.
func (s Store) withLines(ctx context.Context, rows []orderRow) ([]order.Order, error) {
	found := make([]order.Order, len(rows))
	place := make(map[string]int, len(rows))
	ids := make([]string, len(rows))
	for i, row := range rows {
		o, err := row.order()
		if err != nil {
			return nil, err
		}
		found[i], place[row.ID], ids[i] = o, i, row.ID
	}
	lines, err := s.lineRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range lines {
		o := &found[place[row.OrderID]]
		line, err := row.line(o.Currency)
		if err != nil {
			return nil, err
		}
		o.Lines = append(o.Lines, line)
	}
	return found, nil
}

func (s Store) lineRows(ctx context.Context, orderIDs []string) ([]lineRow, error) {
	const query = `SELECT ` + lineColumns + ` FROM orders.order_lines WHERE order_id = ANY($1) ORDER BY order_id, position`
	if len(orderIDs) == 0 {
		return nil, nil
	}
	var rows []lineRow
	if err := s.q.Select(ctx, &rows, query, orderIDs); err != nil {
		return nil, fmt.Errorf("read lines: %w", err)
	}
	return rows, nil
}
