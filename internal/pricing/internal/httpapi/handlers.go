// Package httpapi is the admin API of prices. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/internal/quoting"
)

const listName = "prices"

// Prefixes of ids whose owners pricing does not call; they are part of the public API and do not change.
const (
	variantPrefix = "var"
	channelPrefix = "chan"
)

// Handlers implements StrictServerInterface.
type Handlers struct {
	quoting *quoting.Quoting
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(q *quoting.Quoting, cursors pagination.Codec) *Handlers {
	return &Handlers{quoting: q, cursors: cursors}
}

// ListPrices implements StrictServerInterface. A variant that does not exist has no prices.
func (h *Handlers) ListPrices(ctx context.Context, request ListPricesRequestObject) (ListPricesResponseObject, error) {
	filter := quoting.Filter{Currency: request.Params.Currency}
	if request.Params.VariantID != "" {
		id, ok := ids.Decode(variantPrefix, request.Params.VariantID)
		if !ok {
			return nothing(request.Params.Total), nil
		}
		filter.VariantID = id
	}
	return h.list(ctx, filter, request.Params)
}

func nothing(total bool) ListPrices200JSONResponse {
	answer := ListPrices200JSONResponse{Body: PriceList{Data: []Price{}}}
	if total {
		answer.Body.Page.Total = new(int64)
	}
	return answer
}

func (h *Handlers) list(ctx context.Context, filter quoting.Filter, p ListPricesParams) (ListPricesResponseObject, error) {
	list := pagination.List{Name: listName, Filters: filter, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total}
	shown, page, err := pagination.Read(ctx, h.cursors, list, pagination.Source[pricing.Price]{
		Read: func(ctx context.Context, before string, limit int) ([]pricing.Price, error) {
			filter.After, filter.Limit = before, limit
			return h.quoting.List(ctx, filter)
		},
		Count: func(ctx context.Context) (int64, error) { return h.quoting.Count(ctx, filter) },
		ID:    func(p pricing.Price) string { return p.ID },
	})
	if err != nil {
		return nil, err
	}
	answer := ListPrices200JSONResponse{Body: PriceList{Data: make([]Price, len(shown)), Page: Page(page)}}
	for i, price := range shown {
		answer.Body.Data[i] = view(price)
	}
	answer.Headers.Link = page.Link(ctx)
	return answer, nil
}

// SetPrice implements StrictServerInterface.
func (h *Handlers) SetPrice(ctx context.Context, request SetPriceRequestObject) (SetPriceResponseObject, error) {
	wanted, err := parse(*request.Body)
	if err != nil {
		return nil, err
	}
	current, err := h.quoting.SetPrice(ctx, wanted)
	if err != nil {
		return nil, err
	}
	shown := view(current)
	return SetPrice201JSONResponse{Body: shown, Headers: SetPrice201ResponseHeaders{Location: "/admin/v1/prices/" + shown.ID}}, nil
}

func parse(body PriceSet) (pricing.Price, error) {
	wanted := pricing.Price{Amount: body.Amount, Country: body.Country}
	var ok bool
	if wanted.VariantID, ok = ids.Decode(variantPrefix, body.VariantID); !ok {
		return pricing.Price{}, at("/variant_id", pricing.ErrUnknownVariant)
	}
	if body.ChannelID != "" {
		if wanted.ChannelID, ok = ids.Decode(channelPrefix, body.ChannelID); !ok {
			return pricing.Price{}, at("/channel_id", pricing.ErrUnknownChannel)
		}
	}
	if body.CompareAt != (money.Money{}) {
		wanted.CompareAt = &body.CompareAt
	}
	return wanted, nil
}

func at(pointer string, err *fault.Error) error {
	return err.With(fault.Field{Pointer: pointer, Code: err.Code})
}

// GetPrice implements StrictServerInterface.
func (h *Handlers) GetPrice(ctx context.Context, request GetPriceRequestObject) (GetPriceResponseObject, error) {
	id, ok := ids.Decode(pricing.PricePrefix, request.ID)
	if !ok {
		return nil, pricing.ErrNotFound
	}
	found, err := h.quoting.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetPrice200JSONResponse(view(found)), nil
}

// DeletePrice implements StrictServerInterface.
func (h *Handlers) DeletePrice(ctx context.Context, request DeletePriceRequestObject) (DeletePriceResponseObject, error) {
	id, ok := ids.Decode(pricing.PricePrefix, request.ID)
	if !ok {
		return nil, pricing.ErrNotFound
	}
	if err := h.quoting.End(ctx, id); err != nil {
		return nil, err
	}
	return DeletePrice204Response{}, nil
}

func view(p pricing.Price) Price {
	shown := Price{ID: ids.Encode(pricing.PricePrefix, p.ID), VariantID: ids.Encode(variantPrefix, p.VariantID), Amount: p.Amount,
		Country: p.Country, CreatedAt: p.CreatedAt}
	if p.ChannelID != "" {
		shown.ChannelID = ids.Encode(channelPrefix, p.ChannelID)
	}
	if p.CompareAt != nil {
		shown.CompareAt = *p.CompareAt
	}
	return shown
}
