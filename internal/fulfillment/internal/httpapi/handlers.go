// Package httpapi is the admin API of shipping options. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"context"

	"github.com/oapi-codegen/nullable"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/delivering"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

const listName = "shipping_options"

// Handlers implements StrictServerInterface.
type Handlers struct {
	delivering *delivering.Delivering
	cursors    pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(d *delivering.Delivering, cursors pagination.Codec) *Handlers {
	return &Handlers{delivering: d, cursors: cursors}
}

// ListShippingOptions implements StrictServerInterface.
func (h *Handlers) ListShippingOptions(ctx context.Context, request ListShippingOptionsRequestObject) (ListShippingOptionsResponseObject, error) {
	p := request.Params
	shown, page, err := pagination.Read(ctx, h.cursors, pagination.List{Name: listName, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total},
		pagination.Source[delivering.Option]{Read: h.delivering.ListOptions, Count: h.delivering.CountOptions,
			ID: func(o delivering.Option) string { return o.ID }})
	if err != nil {
		return nil, err
	}
	return ListShippingOptions200JSONResponse{Body: ShippingOptionList{Data: views(shown), Page: Page(page)},
		Headers: ListShippingOptions200ResponseHeaders{Link: page.Link(ctx)}}, nil
}

// CreateShippingOption implements StrictServerInterface.
func (h *Handlers) CreateShippingOption(ctx context.Context, request CreateShippingOptionRequestObject) (CreateShippingOptionResponseObject, error) {
	body := request.Body
	created, err := h.delivering.Create(ctx, delivering.Option{Code: body.Code, Name: body.Name, Countries: body.Countries, Prices: body.Prices,
		MinDays: body.MinDays, MaxDays: body.MaxDays, TaxClass: body.TaxClass, Position: body.Position, Active: body.Active == nil || *body.Active})
	if err != nil {
		return nil, err
	}
	shown := view(created)
	return CreateShippingOption201JSONResponse{Body: shown, Headers: CreateShippingOption201ResponseHeaders{
		ETag: etag.Of(created.Version), Location: "/admin/v1/shipping-options/" + shown.ID}}, nil
}

// GetShippingOption implements StrictServerInterface.
func (h *Handlers) GetShippingOption(ctx context.Context, request GetShippingOptionRequestObject) (GetShippingOptionResponseObject, error) {
	id, ok := ids.Decode(fulfillment.OptionPrefix, request.ID)
	if !ok {
		return nil, fulfillment.ErrNotFound
	}
	found, err := h.delivering.FindOption(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetShippingOption200JSONResponse{Body: view(found), Headers: GetShippingOption200ResponseHeaders{ETag: etag.Of(found.Version)}}, nil
}

// UpdateShippingOption implements StrictServerInterface.
func (h *Handlers) UpdateShippingOption(ctx context.Context, request UpdateShippingOptionRequestObject) (UpdateShippingOptionResponseObject, error) {
	id, ok := ids.Decode(fulfillment.OptionPrefix, request.ID)
	if !ok {
		return nil, fulfillment.ErrNotFound
	}
	version, err := etag.Required(request.Params.IfMatch)
	if err != nil {
		return nil, err
	}
	changed, err := h.delivering.Change(ctx, id, version, func(o *delivering.Option) { patch(o, *request.Body) })
	if err != nil {
		return nil, err
	}
	return UpdateShippingOption200JSONResponse{Body: view(changed), Headers: UpdateShippingOption200ResponseHeaders{ETag: etag.Of(changed.Version)}}, nil
}

// DeleteShippingOption implements StrictServerInterface.
func (h *Handlers) DeleteShippingOption(ctx context.Context, request DeleteShippingOptionRequestObject) (DeleteShippingOptionResponseObject, error) {
	id, ok := ids.Decode(fulfillment.OptionPrefix, request.ID)
	if !ok {
		return nil, fulfillment.ErrNotFound
	}
	if err := h.delivering.DeleteOption(ctx, id); err != nil {
		return nil, err
	}
	return DeleteShippingOption204Response{}, nil
}

// patch follows merge patch: what is absent stays, null clears.
func patch(o *delivering.Option, body ShippingOptionPatch) {
	if body.Name != "" {
		o.Name = body.Name
	}
	if body.TaxClass != "" {
		o.TaxClass = body.TaxClass
	}
	if body.Countries != nil {
		o.Countries = body.Countries
	}
	if body.Prices != nil {
		o.Prices = body.Prices
	}
	if body.Position != nil {
		o.Position = *body.Position
	}
	if body.Active != nil {
		o.Active = *body.Active
	}
	o.MinDays, o.MaxDays = merged(o.MinDays, body.MinDays), merged(o.MaxDays, body.MaxDays)
}

func merged(now *int64, wanted nullable.Nullable[int64]) *int64 {
	if !wanted.IsSpecified() {
		return now
	}
	if wanted.IsNull() {
		return nil
	}
	value := wanted.MustGet()
	return &value
}

func views(found []delivering.Option) []ShippingOption {
	shown := make([]ShippingOption, len(found))
	for i, option := range found {
		shown[i] = view(option)
	}
	return shown
}

func view(o delivering.Option) ShippingOption {
	return ShippingOption{ID: ids.Encode(fulfillment.OptionPrefix, o.ID), Code: o.Code, Name: o.Name, Countries: append([]string{}, o.Countries...),
		Prices: append([]Money{}, o.Prices...), MinDays: o.MinDays, MaxDays: o.MaxDays, TaxClass: o.TaxClass, Position: o.Position,
		Active: o.Active, Version: int64(o.Version), CreatedAt: o.CreatedAt, UpdatedAt: o.UpdatedAt}
}
