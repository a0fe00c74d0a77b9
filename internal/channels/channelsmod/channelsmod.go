// Package channelsmod builds the channels module. Only the composition root imports it.
package channelsmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/channels/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/channels/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/channels/internal/selling"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Deps is what the module needs.
type Deps struct {
	DB      *sqldb.DB
	Outbox  *outbox.Outbox
	NewID   func() string
	Cursors pagination.Codec
}

// Module is the built module.
type Module struct {
	db      *sqldb.DB
	selling *selling.Selling
	cursors pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	return &Module{db: deps.DB, selling: selling.New(postgres.New(deps.DB, deps.Outbox, deps.NewID)), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() channels.Service { return m.selling }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.selling, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Verify checks that every change of a channel was announced.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	const unannounced = `SELECT 'channel ' || c.code FROM channels.channels c
LEFT JOIN channels.outbox_events e ON e.aggregate_type = 'channel' AND e.aggregate_id = c.id::text
GROUP BY c.id, c.code, c.event_seq HAVING count(e.seq) <> c.event_seq OR coalesce(max(e.seq), 0) <> c.event_seq`
	return invariant.Check(ctx, m.db, invariant.Query{Name: "INV-E1", SQL: unannounced})
}
