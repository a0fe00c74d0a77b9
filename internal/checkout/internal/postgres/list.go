package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type entry struct {
	ID           string     `db:"id"`
	Reference    string     `db:"reference"`
	Status       string     `db:"status"`
	CartID       string     `db:"cart_id"`
	OrderID      string     `db:"order_id"`
	FailureCode  string     `db:"failure_code"`
	ReviewReason string     `db:"review_reason"`
	CreatedAt    time.Time  `db:"created_at"`
	UpdatedAt    time.Time  `db:"updated_at"`
	EndsAt       *time.Time `db:"ends_at"`
}

const entries = `SELECT id, reference, status, coalesce(cart_id::text, '') AS cart_id, coalesce(order_id::text, '') AS order_id,
	coalesce(failure ->> 'code', '') AS failure_code, coalesce(review_reason, '') AS review_reason, created_at, updated_at,
	CASE WHEN status NOT IN ('completed', 'canceled', 'review') THEN coalesce(ends_at, deadline) END AS ends_at
FROM checkout.attempts
WHERE `

func (e entry) listed() completing.Listed {
	return completing.Listed{ID: e.ID, Reference: e.Reference, Status: e.Status, CartID: e.CartID, OrderID: e.OrderID,
		FailureCode: e.FailureCode, ReviewReason: e.ReviewReason, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
		EndsAt: timeOr(e.EndsAt, time.Time{})}
}

// List implements completing.Store.
func (s *Store) List(ctx context.Context, status, before string, limit int) ([]completing.Listed, error) {
	query := entries + `($1 = '' OR status = $1) AND ($2 = '' OR id < nullif($2, '')::uuid)` + among(status) + ` ORDER BY id DESC LIMIT $3`
	var rows []entry
	if err := s.db.Select(ctx, &rows, query, status, before, limit); err != nil {
		return nil, wrap("list checkouts", err)
	}
	listed := make([]completing.Listed, len(rows))
	for i, r := range rows {
		listed[i] = r.listed()
	}
	return listed, nil
}

// Entry implements completing.Store.
func (s *Store) Entry(ctx context.Context, id string) (completing.Listed, error) {
	var row entry
	err := s.db.Get(ctx, &row, entries+`id = $1`, id)
	if errors.Is(err, sqldb.ErrNoRows) {
		return completing.Listed{}, checkout.ErrNotFound
	}
	return row.listed(), wrap("read checkout", err)
}

// Count implements completing.Store.
func (s *Store) Count(ctx context.Context, status string) (int64, error) {
	query := `SELECT count(*) FROM checkout.attempts WHERE ($1 = '' OR status = $1)` + among(status)
	var counted int64
	err := s.db.Get(ctx, &counted, query, status)
	return counted, wrap("count checkouts", err)
}

// among says again which rows have the status, in the words of the indexes over the few that have not ended well.
func among(status string) string {
	switch status {
	case "", checkout.StatusCompleted, checkout.StatusCanceled:
		return ""
	case checkout.StatusReview:
		return ` AND status = 'review'`
	default:
		return ` AND status NOT IN ('completed', 'canceled', 'review')`
	}
}
