// Package storefrontmod builds the storefront module. Only the composition root imports it.
package storefrontmod

import (
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/storefront"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/browsing"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/storefront/internal/projecting"
)

// Deps is what the module needs. DB is written by event listeners; Reads serves shoppers.
type Deps struct {
	DB      *sqldb.DB
	Reads   *sqldb.DB
	Now     func() time.Time
	Cursors pagination.Codec
	Owners  projecting.Owners
	// Shelves and Sellers are asked while a shopper waits. They must not share connections with what is busy when
	// the shop sells.
	Shelves catalog.Service
	Sellers channels.Service
}

// Owners are the modules that own what is projected.
type Owners = projecting.Owners

// Module is the built module.
type Module struct {
	projecting *projecting.Projecting
	browsing   *browsing.Browsing
	cursors    pagination.Codec
	shelf      *httpapi.Shelf
}

// New builds the module.
func New(deps Deps) *Module {
	store := postgres.New(deps.DB, deps.Reads)
	return &Module{projecting: projecting.New(store, deps.Owners), browsing: browsing.New(store, deps.Shelves, deps.Sellers),
		cursors: deps.Cursors, shelf: httpapi.NewShelf(deps.Now)}
}

// Service is the front door.
func (m *Module) Service() storefront.Service { return m.projecting }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	keep := []httpapi.StrictMiddlewareFunc{m.shelf.Keep}
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.browsing, m.cursors), keep, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}
