// Package httpapi is what staff see of payments that need a person, and where providers tell what they decided. It turns
// public ids into internal ones and checks signatures; what an event means it does not know.
package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// listName binds cursors to this list.
const listName = "payment-reviews"

// Reviews is what a person has to look at.
type Reviews interface {
	Reviews(ctx context.Context, f postgres.ReviewFilter, before string, limit int) ([]postgres.Review, error)
	CountReviews(ctx context.Context, f postgres.ReviewFilter) (int64, error)
	Resolve(ctx context.Context, id, note string) (postgres.Review, error)
}

// Handlers implements StrictServerInterface.
type Handlers struct {
	reviews Reviews
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(reviews Reviews, cursors pagination.Codec) *Handlers {
	return &Handlers{reviews: reviews, cursors: cursors}
}

// ListPaymentReviews implements StrictServerInterface.
func (h *Handlers) ListPaymentReviews(ctx context.Context, request ListPaymentReviewsRequestObject) (ListPaymentReviewsResponseObject, error) {
	p := request.Params
	filter := postgres.ReviewFilter{Status: string(p.Status)}
	rows, page, err := pagination.Read(ctx, h.cursors,
		pagination.List{Name: listName, Filters: filter, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total},
		pagination.Source[postgres.Review]{
			Read: func(ctx context.Context, before string, limit int) ([]postgres.Review, error) {
				return h.reviews.Reviews(ctx, filter, before, limit)
			},
			Count: func(ctx context.Context) (int64, error) { return h.reviews.CountReviews(ctx, filter) },
			ID:    func(r postgres.Review) string { return r.ID },
		})
	if err != nil {
		return nil, err
	}
	answer := ListPaymentReviews200JSONResponse{Body: PaymentReviewList{Data: make([]PaymentReview, len(rows)), Page: Page(page)}}
	answer.Headers.Link = page.Link(ctx)
	for i, r := range rows {
		answer.Body.Data[i] = view(r)
	}
	return answer, nil
}

// ResolvePaymentReview implements StrictServerInterface.
func (h *Handlers) ResolvePaymentReview(ctx context.Context, request ResolvePaymentReviewRequestObject) (ResolvePaymentReviewResponseObject, error) {
	id, ok := ids.Decode(payments.ReviewPrefix, request.ID)
	if !ok {
		return nil, postgres.ErrNoReview
	}
	resolved, err := h.reviews.Resolve(ctx, id, request.Body.Note)
	if err != nil {
		return nil, err
	}
	return ResolvePaymentReview200JSONResponse(view(resolved)), nil
}

func view(r postgres.Review) PaymentReview {
	v := PaymentReview{ID: ids.Encode(payments.ReviewPrefix, r.ID), Status: PaymentReviewStatusOpen, Reason: PaymentReviewReason(r.Reason),
		Reference: r.Reference, Details: r.Known(), OpenedAt: r.OpenedAt.UTC(), Note: r.Note}
	if r.ResolvedAt != nil {
		v.Status, v.ResolvedAt = PaymentReviewStatusResolved, r.ResolvedAt.UTC()
	}
	return v
}
