// Package pricingmod builds the pricing module. Only the composition root imports it.
package pricingmod

import (
	"context"

	"github.com/go-chi/chi/v5"

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
	DB      *sqldb.DB
	Outbox  *outbox.Outbox
	NewID   func() string
	Cursors pagination.Codec
}

// Module is the built module.
type Module struct {
	db      *sqldb.DB
	quoting *quoting.Quoting
	cursors pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	return &Module{db: deps.DB, quoting: quoting.New(postgres.New(deps.DB, deps.Outbox, deps.NewID)), cursors: deps.Cursors}
}

// Service is the front door.
func (m *Module) Service() pricing.Service { return m.quoting }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.quoting, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Verify checks that every change of a price was announced.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	const unannounced = `SELECT 'prices of variant ' || v.variant_id FROM pricing.variants v
LEFT JOIN pricing.outbox_events e ON e.aggregate_type = 'variant_prices' AND e.aggregate_id = v.variant_id::text
GROUP BY v.variant_id, v.event_seq HAVING count(e.seq) <> v.event_seq OR coalesce(max(e.seq), 0) <> v.event_seq`
	return invariant.Check(ctx, m.db, invariant.Query{Name: "INV-E1", SQL: unannounced})
}
