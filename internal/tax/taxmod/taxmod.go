// Package taxmod builds the tax module. Only the composition root imports it.
package taxmod

import (
	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/tax"
	"github.com/rialto-commerce/rialto/internal/tax/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/tax/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/tax/internal/rates"
)

// Deps is what the module needs.
type Deps struct {
	DB      *sqldb.DB
	NewID   func() string
	Cursors pagination.Codec
}

// Module is the built module.
type Module struct {
	rates   *rates.Rates
	cursors pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	return &Module{rates: rates.New(postgres.New(deps.DB, deps.NewID)), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() tax.Service { return m.rates }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.rates, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}
