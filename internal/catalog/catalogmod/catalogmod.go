// Package catalogmod builds the catalog module. Only the composition root imports it.
package catalogmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/arranging"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/editing"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/catalog/internal/product"
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
	// Outbox announces in the schema "catalog".
	Outbox *outbox.Outbox
	// NewID answers UUIDs of version 7: lists go from new to old by id.
	NewID   func() string
	Cursors pagination.Codec
}

// Module is the built module.
type Module struct {
	db       *sqldb.DB
	watch    *cache.Watch
	service  service
	handlers *httpapi.Handlers
}

// New builds the module.
func New(deps Deps) *Module {
	watch := cache.NewWatch(deps.Background, "catalog")
	products := postgres.NewProducts(deps.DB, deps.Outbox, watch)
	groups := postgres.NewGroups(deps.DB, deps.Outbox)
	editor := editing.New(products, product.NewCleaner(), deps.NewID)
	return &Module{
		db:      deps.DB,
		watch:   watch,
		service: service{Editor: editor, products: products, groups: groups},
		handlers: &httpapi.Handlers{
			Products: products, Groups: groups, Editor: editor, Arranger: arranging.New(groups, deps.NewID),
			Cursors: deps.Cursors,
		},
	}
}

// Service is the front door.
func (m *Module) Service() catalog.Service { return m.service }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	strict := httpapi.NewStrictHandlerWithOptions(m.handlers, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(strict, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run looks for changes by other processes until ctx ends. Without it nothing is kept in memory.
func (m *Module) Run(ctx context.Context) error { return m.watch.Run(ctx) }

// Verify looks for what must never be in the module's schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return postgres.Verify(ctx, m.db)
}
