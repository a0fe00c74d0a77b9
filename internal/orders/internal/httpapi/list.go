package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/orders/internal/reading"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// listName binds cursors to this list.
const listName = "orders"

// ListOrders implements StrictServerInterface.
func (h *Handlers) ListOrders(ctx context.Context, request ListOrdersRequestObject) (ListOrdersResponseObject, error) {
	filter := filterOf(request.Params)
	after, err := h.cursors.Decode(listName, filter, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	page := reading.Page{Limit: pagination.Limit(request.Params.Limit)}
	if len(after) > 0 {
		page.After = after[0]
	}
	shown, more, err := h.reading.List(ctx, filter, page)
	if err != nil {
		return nil, err
	}
	answer := ListOrders200JSONResponse{Body: AdminOrderList{Data: make([]AdminOrder, len(shown)), Page: Page{HasMore: more}}}
	for i, o := range shown {
		answer.Body.Data[i] = h.admin(o)
	}
	if more {
		answer.Body.Page.NextCursor = h.cursors.Encode(listName, filter, []string{shown[len(shown)-1].ID})
		link := pagination.Link(ctx, answer.Body.Page.NextCursor)
		answer.Headers.Link = &link
	}
	if request.Params.Total {
		total, err := h.reading.Store.Count(ctx, filter)
		if err != nil {
			return nil, err
		}
		answer.Body.Page.Total = &total
	}
	return answer, nil
}

func filterOf(p ListOrdersParams) reading.Filter {
	return reading.Filter{
		Statuses: texts(p.Status), PaymentStatuses: texts(p.PaymentStatus), FulfillmentStatuses: texts(p.FulfillmentStatus),
		Email: p.Email, Number: p.Number, PlacedAfter: p.CreatedAfter.UTC(), PlacedBefore: p.CreatedBefore.UTC(),
		OldestFirst: p.Sort == ListOrdersParamsSortCreatedAt,
	}
}

func texts[T ~string](values []T) []string {
	list := make([]string, len(values))
	for i, value := range values {
		list[i] = string(value)
	}
	return list
}
