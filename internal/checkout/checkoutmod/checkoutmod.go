// Package checkoutmod builds the checkout module. Only the composition root imports it.
package checkoutmod

import (
	"context"
	"log/slog"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/completing"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
)

// Deps is what the module needs.
type Deps struct {
	// DB serves requests, Background recovery and what events bring about.
	DB         *sqldb.DB
	Background *sqldb.DB
	Log        *slog.Logger
	Cursors    pagination.Codec
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
	recovery  *completing.Checkouts
	handlers  *httpapi.Handlers
	store     *postgres.Store
}

// New builds the module.
func New(deps Deps) *Module {
	store := postgres.New(postgres.Config{DB: deps.DB, LazyCommit: deps.LazyCommit})
	background := postgres.New(postgres.Config{DB: deps.Background, LazyCommit: deps.LazyCommit})
	checkouts := completing.New(ports(deps, store))
	return &Module{checkouts: checkouts, recovery: completing.New(ports(deps, background)),
		handlers: httpapi.NewHandlers(checkouts, deps.Cursors), store: background}
}

func ports(deps Deps, store *postgres.Store) completing.Ports {
	return completing.Ports{Store: store, Carts: deps.Cart, Stock: deps.Inventory, Payments: deps.Payments,
		Orders: deps.Orders, Tokens: deps.Tokens, NewID: deps.NewID, Log: deps.Log}
}

// Service is the front door.
func (m *Module) Service() checkout.Service { return m.recovery }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	strict := httpapi.NewStrictHandlerWithOptions(m.handlers, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(strict, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run carries on what nobody works on any more, and forgets idempotency keys and answers whose time is over, until ctx ends.
func (m *Module) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return m.recovery.KeepRecovering(ctx) })
	group.Go(func() error { return m.recovery.KeepForgetting(ctx) })
	return group.Wait()
}

// Recover carries on what is due; Run does so every second.
func (m *Module) Recover(ctx context.Context) error { return m.recovery.Recover(ctx) }

// Verify looks for broken promises in the module's own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
