// Package accessmod builds the access module. Only the composition root imports it.
package accessmod

import (
	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/access"
	"github.com/rialto-commerce/rialto/internal/access/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/access/internal/keys"
	"github.com/rialto-commerce/rialto/internal/access/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Deps is what the module needs.
type Deps struct {
	DB      *sqldb.DB
	NewID   func() string
	Cursors pagination.Codec
}

// Module is the built module.
type Module struct {
	keys    *keys.Keys
	cursors pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	return &Module{keys: keys.New(postgres.New(deps.DB, deps.NewID)), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() access.Service { return m.keys }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.keys, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}
