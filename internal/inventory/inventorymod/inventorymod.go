// Package inventorymod builds the inventory module. Only the composition root imports it.
package inventorymod

import (
	"context"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/counting"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/inventory/internal/reserving"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Deps is what the module needs.
type Deps struct {
	// DB serves requests, Background the sweeper.
	DB         *sqldb.DB
	Background *sqldb.DB
	// Outbox is the one of schema "inventory".
	Outbox  *outbox.Outbox
	NewID   func() string
	Cursors pagination.Codec
	// LazyCommit says that orders are committed by the same database server, so that making and confirming a hold need not
	// wait for the disk: the order does.
	LazyCommit bool
	// SweepEvery is how often ended holds are looked for; 15 s when zero.
	SweepEvery time.Duration
}

// Module is the built module.
type Module struct {
	reserving *reserving.Service
	counting  *counting.Service
	sweeper   *reserving.Sweeper
	stock     *postgres.Stock
	cursors   pagination.Codec
}

// New builds the module.
func New(deps Deps) *Module {
	config := postgres.Config{Outbox: deps.Outbox, NewID: deps.NewID, LazyCommit: deps.LazyCommit}
	stock := postgres.NewStock(deps.DB, config)
	return &Module{
		reserving: reserving.New(postgres.NewHolds(deps.DB, config), deps.NewID),
		counting:  counting.New(stock, deps.NewID),
		sweeper:   reserving.NewSweeper(postgres.NewHolds(deps.Background, config), deps.SweepEvery),
		stock:     stock,
		cursors:   deps.Cursors,
	}
}

type holds = *reserving.Service

type counts = *counting.Service

// Service is the front door.
func (m *Module) Service() inventory.Service {
	return struct {
		holds
		counts
	}{m.reserving, m.counting}
}

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewHandlers(m.counting, m.stock, m.stock, m.cursors)
	httpapi.HandlerWithOptions(httpapi.NewStrictHandlerWithOptions(handlers, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler}),
		httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

// Run ends holds that are past their end, until ctx ends.
func (m *Module) Run(ctx context.Context) error { return m.sweeper.Run(ctx) }

// Sweep does once, and now, what Run does again and again, and answers how many holds ended.
func (m *Module) Sweep(ctx context.Context) (ended int, err error) { return m.sweeper.Sweep(ctx) }

// Verify looks for broken promises of the module in its own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.stock.Verify(ctx)
}
