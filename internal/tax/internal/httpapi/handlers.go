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
	p := request.Params
	list := pagination.List{Name: listName, Filters: p.Country, Limit: p.Limit, Cursor: p.Cursor, Total: p.Total}
	shown, page, err := pagination.Read(ctx, h.cursors, list, pagination.Source[rates.Rate]{
		Read: func(ctx context.Context, before string, limit int) ([]rates.Rate, error) {
			return h.rates.List(ctx, rates.Filter{Country: p.Country, After: before, Limit: limit})
		},
		Count: func(ctx context.Context) (int64, error) { return h.rates.Count(ctx, rates.Filter{Country: p.Country}) },
		ID:    func(r rates.Rate) string { return r.ID },
	})
	if err != nil {
		return nil, err
	}
	return ListTaxRates200JSONResponse{Body: TaxRateList{Data: views(shown), Page: Page(page)},
		Headers: ListTaxRates200ResponseHeaders{Link: page.Link(ctx)}}, nil
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
