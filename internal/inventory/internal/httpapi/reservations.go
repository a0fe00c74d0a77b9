package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListReservations implements StrictServerInterface.
func (h *Handlers) ListReservations(ctx context.Context, request ListReservationsRequestObject) (ListReservationsResponseObject, error) {
	params := request.Params
	which := list{name: "reservations", filters: []string{params.Reference, params.SKU, string(params.State)}}
	after, err := h.after(which, params.Cursor, 1)
	if err != nil {
		return nil, err
	}
	limit := pagination.Limit(params.Limit)
	filter := counting.ReservationFilter{Reference: params.Reference, SKU: params.SKU, State: string(params.State), Limit: limit + 1}
	if after != nil {
		filter.BeforeID = after[0]
	}
	return h.reservations(ctx, which, filter, params.Total)
}

func (h *Handlers) reservations(ctx context.Context, which list, filter counting.ReservationFilter, total bool) (ListReservationsResponseObject, error) {
	rows, err := h.reader.Reservations(ctx, filter)
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(rows, filter.Limit-1)
	answer := ListReservations200JSONResponse{Body: ReservationList{Data: make([]Reservation, len(shown))}}
	for i, reservation := range shown {
		answer.Body.Data[i] = reservationView(reservation)
	}
	if more {
		answer.Body.Page, answer.Headers.Link = h.page(ctx, which, more, shown[len(shown)-1].ID)
	}
	if total {
		count, err := h.reader.CountReservations(ctx, filter)
		if err != nil {
			return nil, err
		}
		answer.Body.Page.Total = &count
	}
	return answer, nil
}

func reservationView(r counting.Reservation) Reservation {
	return Reservation{ID: ids.Encode(inventory.ReservationPrefix, r.ID), Reference: r.Reference, SKU: r.SKU,
		LocationID: ids.Encode(inventory.LocationPrefix, r.LocationID), Quantity: r.Quantity, State: ReservationState(r.State),
		HoldUntil: r.HoldUntil, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
}
