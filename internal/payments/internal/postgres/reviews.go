package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// ErrNoReview answers an id that names no review.
var ErrNoReview = fault.New("not_found", "there is no such review")

// Review is a row of its table.
type Review struct {
	ID         string     `db:"id"`
	Reference  string     `db:"reference"`
	Reason     string     `db:"reason"`
	Details    sqldb.JSON `db:"details"`
	OpenedAt   time.Time  `db:"opened_at"`
	ResolvedAt *time.Time `db:"resolved_at"`
	Note       string     `db:"note"`
}

// Known is what is known of it, by name.
func (r Review) Known() map[string]string {
	known := map[string]string{}
	details, _ := r.Details.V.(map[string]any)
	for name, value := range details {
		known[name] = fmt.Sprint(value)
	}
	return known
}

// Open implements paying.Store.
func (s Store) Open(ctx context.Context, r paying.Review) (bool, error) {
	const query = `
		INSERT INTO payments.reviews (id, reference, reason, subject, details) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (reference, reason, subject) DO NOTHING`
	details := map[string]string{}
	for name, value := range r.Details {
		details[name] = fmt.Sprint(value)
	}
	inserted, err := s.q.Exec(ctx, query, s.cfg.NewID(), r.Reference, r.Reason, r.Subject, sqldb.JSON{V: details})
	if err != nil {
		return false, fmt.Errorf("open review: %w", err)
	}
	return inserted > 0, nil
}

// ReviewFilter chooses reviews: the open ones, the resolved ones, or all.
type ReviewFilter struct {
	Status string `json:"status"`
}

// Reviews answers reviews older than the one named by before ("" for the newest), newest first.
func (s Store) Reviews(ctx context.Context, f ReviewFilter, before string, limit int) ([]Review, error) {
	const query = `
		SELECT id, reference, reason, details, opened_at, resolved_at, note FROM payments.reviews
		WHERE ($1 = '' OR ($1 = 'open') = (resolved_at IS NULL)) AND ($2 = '' OR id < nullif($2, '')::uuid)
		ORDER BY id DESC LIMIT $3`
	var rows []Review
	if err := s.q.Select(ctx, &rows, query, f.Status, before, limit); err != nil {
		return nil, fmt.Errorf("read reviews: %w", err)
	}
	return rows, nil
}

// CountReviews answers how many reviews there are.
func (s Store) CountReviews(ctx context.Context, f ReviewFilter) (int64, error) {
	const query = `SELECT count(*) FROM payments.reviews WHERE ($1 = '' OR ($1 = 'open') = (resolved_at IS NULL))`
	var n int64
	if err := s.q.Get(ctx, &n, query, f.Status); err != nil {
		return 0, fmt.Errorf("count reviews: %w", err)
	}
	return n, nil
}

// Resolve closes a review. One that is closed keeps its first note.
// Errors: ErrNoReview.
func (s Store) Resolve(ctx context.Context, id, note string) (Review, error) {
	const query = `
		UPDATE payments.reviews SET resolved_at = coalesce(resolved_at, now()), note = CASE WHEN resolved_at IS NULL THEN $2 ELSE note END
		WHERE id = $1 RETURNING id, reference, reason, details, opened_at, resolved_at, note`
	var resolved Review
	err := s.q.Get(ctx, &resolved, query, id, note)
	if errors.Is(err, sqldb.ErrNoRows) {
		return Review{}, ErrNoReview
	}
	if err != nil {
		return Review{}, fmt.Errorf("resolve review: %w", err)
	}
	return resolved, nil
}
