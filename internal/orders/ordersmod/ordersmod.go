// Package ordersmod builds the orders module. Only the composition root imports it.
package ordersmod

import (
	"context"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/amending"
	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/orders/internal/placing"
	"github.com/rialto-commerce/rialto/internal/orders/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/orders/internal/reading"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// Deps is what the module needs.
type Deps struct {
	// DB serves requests, Background the recovery of commands whose request broke off.
	DB         *sqldb.DB
	Background *sqldb.DB
	Outbox     *outbox.Outbox
	Now        func() time.Time
	NewID      func() string
	Tokens     *tokens.Keyring
	Cursors    pagination.Codec
	// BaseURL is the public address of the shop, without a slash at its end.
	BaseURL     string
	Payments    payments.Service
	Inventory   inventory.Service
	Fulfillment fulfillment.Service
}

// Module is the built module.
type Module struct {
	placing  *placing.Placing
	recovery *amending.Amending
	handlers *httpapi.Handlers
	store    postgres.Store
}

// New builds the module.
func New(deps Deps) *Module {
	store := postgres.New(deps.DB, deps.Outbox)
	presenter := reading.Presenter{Tokens: deps.Tokens, BaseURL: deps.BaseURL}
	read := reading.New(reading.Deps{Store: store, Payments: deps.Payments, Fulfillment: deps.Fulfillment, Tokens: deps.Tokens})
	return &Module{
		placing:  placing.New(store, presenter, deps.NewID),
		recovery: amendingWith(postgres.New(deps.Background, deps.Outbox), deps),
		handlers: httpapi.NewHandlers(read, presenter, amendingWith(store, deps), deps.Cursors),
		store:    store,
	}
}

func amendingWith(store postgres.Store, deps Deps) *amending.Amending {
	return amending.New(amending.Deps{Store: store, Payments: deps.Payments, Inventory: deps.Inventory,
		Fulfillment: deps.Fulfillment, NewID: deps.NewID, Now: deps.Now})
}

// Service is the front door.
func (m *Module) Service() orders.Service { return m.placing }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(m.handlers, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run finishes commands whose request broke off, until ctx ends.
func (m *Module) Run(ctx context.Context) error { return m.recovery.Run(ctx) }

// Recover finishes the commands that are due and answers how many it finished; Run does so from time to time.
func (m *Module) Recover(ctx context.Context) (int, error) { return m.recovery.Recover(ctx) }

// Verify looks for broken promises in the module's own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
