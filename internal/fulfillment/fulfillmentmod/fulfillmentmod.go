// Package fulfillmentmod builds the fulfillment module. Only the composition root imports it.
package fulfillmentmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/delivering"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/fulfillment/internal/postgres"
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
	db         *sqldb.DB
	delivering *delivering.Delivering
	cursors    pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	return &Module{db: deps.DB, delivering: delivering.New(postgres.New(deps.DB, deps.Outbox, deps.NewID)), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() fulfillment.Service { return m.delivering }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.delivering, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Verify checks that every shipment was announced.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	const unannounced = `SELECT 'shipment ' || s.id FROM fulfillment.shipments s
LEFT JOIN fulfillment.outbox_events e ON e.aggregate_type = 'shipment' AND e.aggregate_id = s.id::text
GROUP BY s.id, s.event_seq HAVING count(e.seq) <> s.event_seq OR coalesce(max(e.seq), 0) <> s.event_seq`
	return invariant.Check(ctx, m.db, invariant.Query{Name: "INV-E1", SQL: unannounced})
}
