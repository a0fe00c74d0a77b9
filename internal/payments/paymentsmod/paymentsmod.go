// Package paymentsmod builds the payments module. Only the composition root imports it.
package paymentsmod

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/payments/internal/postgres"
	"github.com/rialto-commerce/rialto/internal/payments/internal/providers"
	"github.com/rialto-commerce/rialto/internal/platform/invariant"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// Deps is what the module needs.
type Deps struct {
	// DB serves requests, Background the worker; the worker uses DB when there is no other.
	DB         *sqldb.DB
	Background *sqldb.DB
	Outbox     *outbox.Outbox
	NewID      func() string
	Cursors    pagination.Codec
	// LazyCommit says that orders are committed by the same database server, so that authorizations without a provider need
	// not wait for the disk.
	LazyCommit bool
	// OfferFake offers the method "fake", with which anybody can pay, also where no Provider is set.
	OfferFake bool
	// Provider carries out the method "fake" over HTTP; without a URL it decides by the token alone.
	Provider Provider
}

// Provider is a payment provider over HTTP.
type Provider struct {
	URL     string
	Key     string
	Account string
	Mode    string
	Timeout time.Duration
	// EventSecrets are what its events are signed with; nil to take no events.
	EventSecrets *EventSecrets
}

// EventSecrets are secrets that a provider may sign its events with: several while one replaces another.
type EventSecrets struct{ webhooks []*standardwebhooks.Webhook }

// ParseEventSecrets reads secrets as Standard Webhooks spells them, "whsec_" and base64, separated by commas.
func ParseEventSecrets(list string) (*EventSecrets, error) {
	parsed, err := httpapi.ParseSecrets(strings.Split(list, ","))
	if err != nil {
		return nil, err
	}
	return &EventSecrets{webhooks: parsed}, nil
}

// builtInTimeout is more than enough for what decides at once.
const builtInTimeout = time.Second

func (d Deps) provider() (provider paying.Provider, timeout time.Duration) {
	switch {
	case d.Provider.URL != "":
		p := d.Provider
		return providers.NewRemote(providers.Config{URL: strings.TrimRight(p.URL, "/"), Key: p.Key, Account: p.Account, Mode: p.Mode, Timeout: p.Timeout}), p.Timeout
	case d.OfferFake:
		return providers.Fake{}, builtInTimeout
	default:
		return nil, builtInTimeout
	}
}

// Module is the built module.
type Module struct {
	payments *paying.Payments
	worker   *paying.Worker
	store    postgres.Store
	hooks    *httpapi.Hooks
	cursors  pagination.Codec
	// background is the same store as store, on the connections of background work.
	background postgres.Store
}

// New builds the module.
func New(deps Deps) *Module {
	settings := postgres.Config{Outbox: deps.Outbox, NewID: deps.NewID, LazyCommit: deps.LazyCommit}
	store, background := postgres.New(deps.DB, settings), postgres.New(cmp.Or(deps.Background, deps.DB), settings)
	provider, timeout := deps.provider()
	service := paying.New(store, providers.Methods(provider), deps.NewID, timeout)
	worker := paying.NewWorker(service, background)
	hooks := &httpapi.Hooks{Events: store, Wake: worker.Wake, Secrets: map[string][]*standardwebhooks.Webhook{}}
	if p := deps.Provider; p.URL != "" && p.EventSecrets != nil {
		hooks.Secrets[payments.MethodFake] = p.EventSecrets.webhooks
	}
	return &Module{payments: service, worker: worker, store: store, background: background, hooks: hooks, cursors: deps.Cursors}
}

// Mount adds the module's routes to a router that has its middleware already.
func (m *Module) Mount(r chi.Router) {
	handlers := httpapi.NewStrictHandlerWithOptions(httpapi.NewHandlers(m.store, m.cursors), nil, httpapi.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: problem.RequestErrorHandler, ResponseErrorHandlerFunc: problem.ResponseErrorHandler})
	httpapi.HandlerWithOptions(handlers, httpapi.ChiServerOptions{BaseRouter: r, ErrorHandlerFunc: problem.ErrorHandler})
	r.Method(http.MethodPost, httpapi.HookPattern, m.hooks)
}

// Run finishes what was left open with providers, and does what they tell, until ctx ends.
func (m *Module) Run(ctx context.Context) error { return m.worker.Run(ctx) }

// Work does once, and now, what Run does again and again, and answers how much was due.
func (m *Module) Work(ctx context.Context) (int, error) { return m.worker.Work(ctx) }

// Service is the front door.
func (m *Module) Service() payments.Service { return m.payments }

// Verify looks for broken promises in the module's own schema.
func (m *Module) Verify(ctx context.Context) ([]invariant.Violation, error) {
	return m.store.Verify(ctx)
}
