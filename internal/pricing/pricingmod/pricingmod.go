// Package pricingmod builds the pricing module. Only the composition root imports it.
package pricingmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/platform/cache"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/pricing/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/pricing/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/pricing/internal/quoting"
)

// Deps is what the module needs.
type Deps struct {
	// DB serves requests, Background the look for changes by other processes.
	DB         *sqldb.DB
	Background *sqldb.DB
	Outbox     *outbox.Outbox
	NewID      func() string
	Cursors    pagination.Codec
}

// Module is the built module.
type Module struct {
	store   *postgres.Store
	watch   *cache.Watch
	quoting *quoting.Quoting
	cursors pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	watch := cache.NewWatch(deps.Background, "pricing")
	store := postgres.New(deps.DB, deps.Outbox, deps.NewID, watch)
	return &Module{store: store, watch: watch, quoting: quoting.New(store), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() pricing.Service { return m.quoting }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.quoting, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run looks for changes by other processes until ctx ends. Without it nothing is kept in memory.
func (m *Module) Run(ctx context.Context) error { return m.watch.Run(ctx) }

// Verify checks that every change of a price was announced.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
