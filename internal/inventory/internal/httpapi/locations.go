package httpapi

import (
	"context"
	"time"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// ListStockLocations implements StrictServerInterface.
func (h *Handlers) ListStockLocations(ctx context.Context, request ListStockLocationsRequestObject) (ListStockLocationsResponseObject, error) {
	which := list{name: "stock_locations"}
	after, err := h.afterLocation(which, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	limit := pagination.Limit(request.Params.Limit)
	rows, err := h.reader.Locations(ctx, after, limit+1)
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(rows, limit)
	answer := ListStockLocations200JSONResponse{Body: StockLocationList{Data: make([]StockLocation, len(shown))}}
	for i, location := range shown {
		answer.Body.Data[i] = locationView(location)
	}
	if more {
		last := shown[len(shown)-1]
		answer.Body.Page, answer.Headers.Link = h.page(ctx, which, more, last.CreatedAt.Format(time.RFC3339Nano), last.ID)
	}
	if request.Params.Total {
		count, err := h.reader.CountLocations(ctx)
		if err != nil {
			return nil, err
		}
		answer.Body.Page.Total = &count
	}
	return answer, nil
}

func (h *Handlers) afterLocation(which list, cursor string) (counting.NewestFirst, error) {
	after, err := h.after(which, cursor, 2)
	if err != nil || after == nil {
		return counting.NewestFirst{}, err
	}
	createdAt, err := time.Parse(time.RFC3339Nano, after[0])
	if err != nil {
		return counting.NewestFirst{}, pagination.ErrInvalidCursor.Wrap(err)
	}
	return counting.NewestFirst{CreatedAt: createdAt, ID: after[1]}, nil
}

// CreateStockLocation implements StrictServerInterface.
func (h *Handlers) CreateStockLocation(ctx context.Context, request CreateStockLocationRequestObject) (CreateStockLocationResponseObject, error) {
	body := request.Body
	created, err := h.counting.CreateLocation(ctx, counting.Location{
		Location: inventory.Location{Code: body.Code, Name: body.Name, Country: body.Country, Position: int(body.Position)},
		Active:   body.Active == nil || *body.Active,
	})
	if err != nil {
		return nil, err
	}
	shown := locationView(created)
	return CreateStockLocation201JSONResponse{Body: shown, Headers: CreateStockLocation201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/stock-locations/" + shown.ID}}, nil
}

// GetStockLocation implements StrictServerInterface.
func (h *Handlers) GetStockLocation(ctx context.Context, request GetStockLocationRequestObject) (GetStockLocationResponseObject, error) {
	id, ok := ids.Decode(inventory.LocationPrefix, request.ID)
	if !ok {
		return nil, inventory.ErrNotFound
	}
	found, err := h.reader.Location(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetStockLocation200JSONResponse{Body: locationView(found),
		Headers: GetStockLocation200ResponseHeaders{ETag: etag.Of(found.Version)}}, nil
}

// UpdateStockLocation implements StrictServerInterface.
func (h *Handlers) UpdateStockLocation(ctx context.Context, request UpdateStockLocationRequestObject) (UpdateStockLocationResponseObject, error) {
	version, err := etag.Required(request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	id, ok := ids.Decode(inventory.LocationPrefix, request.ID)
	if !ok {
		return nil, inventory.ErrNotFound
	}
	changed, err := h.counting.ChangeLocation(ctx, id, version, func(l *counting.Location) { patch(l, *request.Body) })
	if err != nil {
		return nil, err
	}
	return UpdateStockLocation200JSONResponse{Body: locationView(changed),
		Headers: UpdateStockLocation200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

func patch(l *counting.Location, body StockLocationPatch) {
	if body.Name != "" {
		l.Name = body.Name
	}
	if body.Country.IsNull() {
		l.Country = ""
	}
	if body.Country.IsSpecified() && !body.Country.IsNull() {
		l.Country = body.Country.MustGet()
	}
	if body.Position != nil {
		l.Position = int(*body.Position)
	}
	if body.Active != nil {
		l.Active = *body.Active
	}
}

func locationView(l counting.Location) StockLocation {
	return StockLocation{ID: ids.Encode(inventory.LocationPrefix, l.ID), Code: l.Code, Name: l.Name, Country: l.Country,
		Position: int64(l.Position), Active: l.Active, Version: int64(l.Version), CreatedAt: l.CreatedAt, UpdatedAt: l.UpdatedAt}
}
