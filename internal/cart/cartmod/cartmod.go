// Package cartmod builds the cart module. Only the composition root imports it.
package cartmod

import (
	"context"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/cart/internal/expiring"
	"github.com/rialto-commerce/rialto/internal/cart/internal/freezing"
	"github.com/rialto-commerce/rialto/internal/cart/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/cart/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/cart/internal/shopping"
	"github.com/rialto-commerce/rialto/internal/cart/internal/valuing"
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tokens"
	"github.com/rialto-commerce/rialto/internal/pricing"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// Deps is what the module needs; all of it.
type Deps struct {
	DB         *sqldb.DB
	Background *sqldb.DB
	NewID      func() string
	Tokens     *tokens.Keyring
	// BaseURL is where the shop's own pages are, such as https://shop.example.
	BaseURL string
	// LazyCommit says that orders are committed by the same database server, so that a freeze need not be flushed to disk
	// by itself: the order that is made of it is.
	LazyCommit bool

	Channels    channels.Service
	Catalog     catalog.Service
	Pricing     pricing.Service
	Tax         tax.Service
	Fulfillment fulfillment.Service
	Inventory   inventory.Service
	Payments    payments.Service
}

// Module is the built module.
type Module struct {
	service  *freezing.Service
	sweeper  *expiring.Sweeper
	carts    *postgres.Carts
	handlers *httpapi.Handlers
}

// New builds the module.
func New(deps Deps) *Module {
	carts := postgres.New(postgres.Config{DB: deps.DB, LazyCommit: deps.LazyCommit})
	background := postgres.New(postgres.Config{DB: deps.Background})
	valuer := valuing.New(valuing.Owners{Channels: deps.Channels, Catalog: deps.Catalog, Pricing: deps.Pricing,
		Tax: deps.Tax, Fulfillment: deps.Fulfillment})
	shop := shopping.New(shopping.Parts{Store: carts, Valuer: valuer, Channels: deps.Channels, Inventory: deps.Inventory,
		Fulfillment: deps.Fulfillment, Payments: deps.Payments, Tokens: deps.Tokens, NewID: deps.NewID})
	service := freezing.New(freezing.Parts{Store: carts, Valuer: valuer, Channels: deps.Channels, Tokens: deps.Tokens,
		NewID: deps.NewID})
	return &Module{service: service, sweeper: expiring.New(background), carts: background,
		handlers: httpapi.NewHandlers(shop, deps.BaseURL)}
}

// Service is the front door.
func (m *Module) Service() cart.Service { return m.service }

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	strict := httpapi.NewStrictHandlerWithOptions(m.handlers, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(strict, httpapi.ChiServerOptions{
		BaseRouter: r.With(httpapi.NoStore), ErrorHandlerFunc: problem.ErrorHandler})
}

// Run marks carts that have expired, until the context ends.
func (m *Module) Run(ctx context.Context) error { return m.sweeper.Run(ctx) }

// Verify looks for carts whose amounts do not add up, and for freezes that do not fit their cart.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.carts.Verify(ctx)
}
