package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/review"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

type reviewRow struct {
	ID         string     `db:"id"`
	Reference  string     `db:"reference"`
	Reason     string     `db:"reason"`
	Details    []byte     `db:"details"`
	OpenedAt   time.Time  `db:"opened_at"`
	ResolvedAt *time.Time `db:"resolved_at"`
	Note       string     `db:"note"`
}

func (r reviewRow) review() (review.Review, error) {
	found := review.Review{ID: r.ID, Reference: r.Reference, Reason: r.Reason, OpenedAt: r.OpenedAt, ResolvedAt: r.ResolvedAt, Note: r.Note}
	details := sqldb.JSON{V: &found.Details}
	return found, wrap(details.Scan(r.Details), "read details of review")
}

// Reviews answers a page of reviews, newest first.
func (s *Stock) Reviews(ctx context.Context, f review.Filter) ([]review.Review, error) {
	const query = `
		SELECT id, reference, reason, details, opened_at, resolved_at, note
		FROM inventory.reviews
		WHERE ($1 = '' OR (resolved_at IS NOT NULL) = ($1 = 'resolved')) AND ($2 = '' OR id < nullif($2, '')::uuid)
		ORDER BY id DESC
		LIMIT $3`

	var rows []reviewRow
	if err := s.db.Select(ctx, &rows, query, f.State, f.BeforeID, f.Limit); err != nil {
		return nil, wrap(err, "list reviews")
	}
	found := make([]review.Review, len(rows))
	for i, row := range rows {
		var err error
		if found[i], err = row.review(); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// CountReviews counts the pages' items.
func (s *Stock) CountReviews(ctx context.Context, f review.Filter) (count int64, err error) {
	const query = `
		SELECT count(*) FROM inventory.reviews
		WHERE $1 = '' OR (resolved_at IS NOT NULL) = ($1 = 'resolved')`

	err = s.db.Get(ctx, &count, query, f.State)
	return count, wrap(err, "count reviews")
}

// ResolveReview ends a review, once: a resolved one stays as it is. Errors: inventory.ErrNotFound.
func (s *Stock) ResolveReview(ctx context.Context, id, note string) (review.Review, error) {
	const query = `
		UPDATE inventory.reviews SET resolved_at = coalesce(resolved_at, now()),
			note = CASE WHEN resolved_at IS NULL THEN $2 ELSE note END
		WHERE id = $1
		RETURNING id, reference, reason, details, opened_at, resolved_at, note`

	var row reviewRow
	err := s.db.Get(ctx, &row, query, id, note)
	if errors.Is(err, sqldb.ErrNoRows) {
		return review.Review{}, inventory.ErrNotFound
	}
	if err != nil {
		return review.Review{}, wrap(err, "resolve review")
	}
	return row.review()
}
