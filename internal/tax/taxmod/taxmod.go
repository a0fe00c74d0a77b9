// Package taxmod builds the tax module. Only the composition root imports it.
package taxmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/cache"
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
	// DB serves requests, Background the look for changes by other processes.
	DB         *sqldb.DB
	Background *sqldb.DB
	NewID      func() string
	Cursors    pagination.Codec
}

// Module is the built module.
type Module struct {
	rates   *rates.Rates
	watch   *cache.Watch
	cursors pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	watch := cache.NewWatch(deps.Background, "tax")
	store := rates.Remembering(postgres.New(deps.DB, deps.NewID), watch)
	return &Module{rates: rates.New(store), watch: watch, cursors: deps.Cursors}
}

// Run looks for changes by other processes until ctx ends. Without it nothing is kept in memory.
func (m *Module) Run(ctx context.Context) error { return m.watch.Run(ctx) }

// Service is the front door.
func (m *Module) Service() tax.Service { return m.rates }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.rates, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}
