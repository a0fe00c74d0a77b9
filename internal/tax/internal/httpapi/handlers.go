// Package httpapi is the admin API of tax rates. It turns public ids into internal ones and back, and holds no rule.
package httpapi

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/internal/rates"
)

const listName = "tax_rates"

// Handlers implements StrictServerInterface.
type Handlers struct {
	rates   *rates.Rates
	cursors pagination.Codec
}

// NewHandlers makes the handlers.
func NewHandlers(r *rates.Rates, cursors pagination.Codec) *Handlers {
	return &Handlers{rates: r, cursors: cursors}
}

// ListTaxRates implements StrictServerInterface.
func (h *Handlers) ListTaxRates(ctx context.Context, request ListTaxRatesRequestObject) (ListTaxRatesResponseObject, error) {
	limit := pagination.Limit(request.Params.Limit)
	filter := rates.Filter{Country: request.Params.Country, Limit: limit + 1}
	after, err := h.cursors.Decode(listName, request.Params.Country, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	if len(after) > 0 {
		filter.After = after[0]
	}
	found, err := h.rates.List(ctx, filter)
	if err != nil {
		return nil, err
	}
	shown, more := pagination.Cut(found, limit)
	answer := ListTaxRates200JSONResponse{Body: TaxRateList{Data: views(shown), Page: Page{HasMore: more}}}
	if more {
		answer.Body.Page.NextCursor = h.cursors.Encode(listName, request.Params.Country, []string{shown[len(shown)-1].ID})
		link := pagination.Link(ctx, answer.Body.Page.NextCursor)
		answer.Headers.Link = &link
	}
	if request.Params.Total {
		count, err := h.rates.Count(ctx, filter)
		if err != nil {
			return nil, err
		}
		answer.Body.Page.Total = &count
	}
	return answer, nil
}

// CreateTaxRate implements StrictServerInterface.
func (h *Handlers) CreateTaxRate(ctx context.Context, request CreateTaxRateRequestObject) (CreateTaxRateResponseObject, error) {
	body := request.Body
	created, err := h.rates.Create(ctx, tax.SaveRateRequest{Name: body.Name, Country: body.Country, Region: body.Region,
		TaxClass: body.TaxClass, Rate: body.Rate, AppliesToShipping: body.AppliesToShipping == nil || *body.AppliesToShipping})
	if err != nil {
		return nil, err
	}
	shown := view(created)
	return CreateTaxRate201JSONResponse{Body: shown, Headers: CreateTaxRate201ResponseHeaders{Location: "/admin/v1/tax-rates/" + shown.ID}}, nil
}

// GetTaxRate implements StrictServerInterface.
func (h *Handlers) GetTaxRate(ctx context.Context, request GetTaxRateRequestObject) (GetTaxRateResponseObject, error) {
	id, ok := ids.Decode(tax.RatePrefix, request.ID)
	if !ok {
		return nil, tax.ErrNotFound
	}
	found, err := h.rates.Find(ctx, id)
	if err != nil {
		return nil, err
	}
	return GetTaxRate200JSONResponse(view(found)), nil
}

// DeleteTaxRate implements StrictServerInterface.
func (h *Handlers) DeleteTaxRate(ctx context.Context, request DeleteTaxRateRequestObject) (DeleteTaxRateResponseObject, error) {
	id, ok := ids.Decode(tax.RatePrefix, request.ID)
	if !ok {
		return nil, tax.ErrNotFound
	}
	if err := h.rates.Delete(ctx, id); err != nil {
		return nil, err
	}
	return DeleteTaxRate204Response{}, nil
}

func views(found []rates.Rate) []TaxRate {
	shown := make([]TaxRate, len(found))
	for i, rate := range found {
		shown[i] = view(rate)
	}
	return shown
}

func view(r rates.Rate) TaxRate {
	return TaxRate{ID: ids.Encode(tax.RatePrefix, r.ID), Name: r.Name, Country: r.Country, Region: r.Region, TaxClass: r.TaxClass,
		Rate: r.Percent.String(), AppliesToShipping: r.AppliesToShipping, CreatedAt: r.CreatedAt}
}
