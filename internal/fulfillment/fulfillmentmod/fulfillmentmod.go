// Package fulfillmentmod builds the fulfillment module. Only the composition root imports it.
package fulfillmentmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/delivering"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/cache"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
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
	store      *postgres.Store
	watch      *cache.Watch
	delivering *delivering.Delivering
	cursors    pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	store := postgres.New(deps.DB, deps.Outbox, deps.NewID)
	watch := cache.NewWatch(deps.Background, "fulfillment")
	return &Module{store: store, watch: watch, delivering: delivering.New(delivering.Remembering(store, watch)), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() fulfillment.Service { return m.delivering }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.delivering, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run looks for changes by other processes until ctx ends. Without it nothing is kept in memory.
func (m *Module) Run(ctx context.Context) error { return m.watch.Run(ctx) }

// Verify checks that every shipment was announced.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
