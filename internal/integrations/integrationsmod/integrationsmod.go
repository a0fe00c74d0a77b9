// Package integrationsmod builds the integrations module. Only the composition root imports it.
package integrationsmod

import (
	"context"
	"io"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/integrations"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/fetching"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/importing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/processing"
	"github.com/rialto-commerce/rialto/internal/integrations/internal/receiving"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbound"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

const (
	lookEvery = time.Second
	tidyEvery = time.Minute
)

// Deps is what the module needs.
type Deps struct {
	// DB serves requests, Background the jobs.
	DB         *sqldb.DB
	Background *sqldb.DB
	// NewID answers UUIDs of version 7: imports are carried out in their order.
	NewID     func() string
	Cursors   pagination.Codec
	Catalog   catalog.Service
	Pricing   pricing.Service
	Inventory inventory.Service
	Channels  channels.Service
	// Links fetches pictures; its zero value is for production.
	Links outbound.Config
}

// Module is the built module.
type Module struct {
	db        *sqldb.DB
	store     *postgres.Store
	receiver  *receiving.Receiver
	processor *processing.Processor
	fetcher   *fetching.Fetcher
	handlers  *httpapi.Handlers
	wake      chan struct{}
}

// New builds the module.
func New(deps Deps) *Module {
	m := &Module{db: deps.DB, store: postgres.New(deps.Background), wake: make(chan struct{}, 1)}
	links := outbound.New(deps.Links)
	importer := importing.New(importing.Deps{Catalog: deps.Catalog, Pricing: deps.Pricing, Inventory: deps.Inventory, Memory: m.store, Links: links})
	m.processor = processing.New(m.store, importer, deps.Channels)
	m.fetcher = fetching.New(m.store, links, deps.Catalog)
	requests := postgres.New(deps.DB)
	m.receiver = receiving.New(requests, deps.Channels, deps.NewID)
	m.handlers = &httpapi.Handlers{Store: requests, Receiver: m.receiver, Wake: m.look, Cursors: deps.Cursors}
	return m
}

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	strict := httpapi.NewStrictHandlerWithOptions(m.handlers, nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(strict, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
}

func (m *Module) look() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// Run carries out imports and looks at pictures until ctx ends, and then answers nil. Any number of processes may.
func (m *Module) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return m.work(ctx) })
	group.Go(func() error { return m.tidy(ctx) })
	group.Go(func() error { return m.fetcher.Run(ctx) })
	return group.Wait()
}

// Verify looks for broken promises of the module in its own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return postgres.Verify(ctx, m.db)
}

// ImportRequest is a file to import in this process, or in another one that is at it first.
type ImportRequest struct {
	Format string
	DryRun bool
	File   io.Reader
	// Progress hears how far the import is, now and then, and Report of each row error in the order of the file.
	Progress func(integrations.Import)
	Report   func(integrations.RowError)
}

// Import brings a product file into the shop and answers when it is done. When ctx ends first, the import waits for a server
// or for the next call.
// Errors: integrations.ErrInvalidFile, and those that keep an import from going on.
func (m *Module) Import(ctx context.Context, req ImportRequest) (integrations.Import, error) {
	made, err := m.receiver.Receive(ctx, receiving.Upload{Format: req.Format, DryRun: req.DryRun, File: req.File})
	if err != nil {
		return integrations.Import{}, err
	}
	watched := &watch{Module: m, req: req, id: made.ID}
	return watched.until(ctx)
}
