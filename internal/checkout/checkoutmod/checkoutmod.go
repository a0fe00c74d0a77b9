// Package checkoutmod builds the checkout module. Only the composition root imports it.
package checkoutmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// Deps is what the module needs.
type Deps struct {
	DB         *sqldb.DB
	Background *sqldb.DB
	NewID      func() string
	Tokens     *tokens.Keyring
	Cart       cart.Service
	Inventory  inventory.Service
	Payments   payments.Service
	Orders     orders.Service
	// LazyCommit says that orders are committed by the same database server, so that an attempt's first and last write need
	// not wait for the disk.
	LazyCommit bool
}

// Module is the built module.
type Module struct {
	checkouts *completing.Checkouts
	store     *postgres.Store
}

// New builds the module.
func New(deps Deps) *Module {
	store := postgres.New(postgres.Config{DB: deps.DB, Background: deps.Background, LazyCommit: deps.LazyCommit})
	checkouts := completing.New(completing.Ports{Store: store, Carts: deps.Cart, Stock: deps.Inventory,
		Payments: deps.Payments, Orders: deps.Orders, Tokens: deps.Tokens, NewID: deps.NewID})
	return &Module{checkouts: checkouts, store: store}
}

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.checkouts), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run forgets idempotency keys and answers whose time is over, until ctx ends.
func (m *Module) Run(ctx context.Context) error { return m.checkouts.KeepForgetting(ctx) }

// Verify looks for broken promises in the module's own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
