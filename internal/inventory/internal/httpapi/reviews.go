package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/review"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListStockReviews implements StrictServerInterface.
func (h *Handlers) ListStockReviews(ctx context.Context, request ListStockReviewsRequestObject) (ListStockReviewsResponseObject, error) {
	which := list{name: "stock_reviews", filters: []string{string(request.Params.Status)}}
	after, err := h.after(which, request.Params.Cursor, 1)
	if err != nil {
		return nil, err
	}
	limit := pagination.Limit(request.Params.Limit)
	filter := review.Filter{State: string(request.Params.Status), Limit: limit + 1}
	if after != nil {
		filter.BeforeID = after[0]
	}
	rows, err := h.reviews.Reviews(ctx, filter)
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(rows, limit)
	answer := ListStockReviews200JSONResponse{Body: StockReviewList{Data: make([]StockReview, len(shown))}}
	for i, found := range shown {
		answer.Body.Data[i] = reviewView(found)
	}
	if more {
		answer.Body.Page, answer.Headers.Link = h.page(ctx, which, more, shown[len(shown)-1].ID)
	}
	if request.Params.Total {
		count, err := h.reviews.CountReviews(ctx, filter)
		if err != nil {
			return nil, err
		}
		answer.Body.Page.Total = &count
	}
	return answer, nil
}

// ResolveStockReview implements StrictServerInterface.
func (h *Handlers) ResolveStockReview(ctx context.Context, request ResolveStockReviewRequestObject) (ResolveStockReviewResponseObject, error) {
	id, ok := ids.Decode(inventory.ReviewPrefix, request.ID)
	if !ok {
		return nil, inventory.ErrNotFound
	}
	resolved, err := h.reviews.ResolveReview(ctx, id, request.Body.Note)
	if err != nil {
		return nil, err
	}
	return ResolveStockReview200JSONResponse(reviewView(resolved)), nil
}

func reviewView(r review.Review) StockReview {
	view := StockReview{ID: ids.Encode(inventory.ReviewPrefix, r.ID), Status: StockReviewStatusOpen, Reason: StockReviewReason(r.Reason),
		Reference: r.Reference, OpenedAt: r.OpenedAt, Note: r.Note,
		Details: StockReviewDetails{Hold: StockReviewHold(r.Details.Hold), Lines: make([]StockReviewLine, len(r.Details.Lines))}}
	for i, line := range r.Details.Lines {
		view.Details.Lines[i] = StockReviewLine{SKU: line.SKU, Quantity: line.Quantity}
	}
	if r.ResolvedAt != nil {
		view.Status, view.ResolvedAt = StockReviewStatusResolved, *r.ResolvedAt
	}
	return view
}
