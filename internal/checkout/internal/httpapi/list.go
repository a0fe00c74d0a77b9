package httpapi

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// listName binds cursors to this list.
const listName = "checkouts"

// ListCheckouts implements StrictServerInterface.
func (h *Handlers) ListCheckouts(ctx context.Context, request ListCheckoutsRequestObject) (ListCheckoutsResponseObject, error) {
	p := request.Params
	wanted := pagination.List{Name: listName, Filters: p.Status, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total}
	shown, page, err := pagination.Read(ctx, h.cursors, wanted, h.checkouts.Source(string(p.Status)))
	if err != nil {
		return nil, err
	}
	answer := ListCheckouts200JSONResponse{Body: AdminCheckoutList{Data: make([]AdminCheckout, len(shown)), Page: Page(page)}}
	answer.Headers.Link = page.Link(ctx)
	for i, listed := range shown {
		answer.Body.Data[i] = admin(listed)
	}
	return answer, nil
}

// GiveUpCheckout implements StrictServerInterface.
func (h *Handlers) GiveUpCheckout(ctx context.Context, request GiveUpCheckoutRequestObject) (GiveUpCheckoutResponseObject, error) {
	id, ok := ids.Decode(checkout.CheckoutPrefix, request.ID)
	if !ok {
		return nil, checkout.ErrNotFound
	}
	stands, err := h.checkouts.GiveUp(ctx, id)
	if err != nil {
		return nil, err
	}
	return GiveUpCheckout200JSONResponse(admin(stands)), nil
}

func admin(l completing.Listed) AdminCheckout {
	return AdminCheckout{ID: l.Reference, Status: CheckoutStatus(l.Status), CartID: encoded(cart.CartPrefix, l.CartID),
		OrderID: encoded(orders.OrderPrefix, l.OrderID), FailureCode: l.FailureCode, ReviewReason: l.ReviewReason,
		EndsAt: utc(l.EndsAt), CreatedAt: l.CreatedAt.UTC(), UpdatedAt: l.UpdatedAt.UTC()}
}

func encoded(prefix, id string) string {
	if id == "" {
		return ""
	}
	return ids.Encode(prefix, id)
}

// utc leaves no time as it is.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
