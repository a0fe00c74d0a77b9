package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/platform/broker"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/docs"
	"github.com/rialto-commerce/rialto/internal/platform/failpoint"
	"github.com/rialto-commerce/rialto/internal/platform/growth"
	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/idempotency"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

// App is the built shop: modules on open databases, and the handler that serves them.
type App struct {
	cfg       Config
	databases *databases
	modules   *modules
	relays    []*outbox.Relay
	// broker carries events between processes; nil where they travel by calls.
	broker    *broker.Broker
	keys      map[string]*idempotency.Keys
	readiness *httpserver.Readiness
	documents *docs.Documents
	// handler serves the public, internal other processes of the shop; internal may be nil.
	handler   http.Handler
	internal  http.Handler
	neighbors *neighbors
	metrics   *prometheus.Registry
	tracer    *tracing.Tracer
}

// New opens the databases, which must be migrated, and builds the shop. Close it after use.
func New(ctx context.Context, cfg Config) (*App, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	tracer, err := tracing.Start(ctx, cfg.processName())
	if err != nil {
		return nil, err
	}
	databases, err := openDatabases(ctx, cfg, tracer)
	if err != nil {
		return nil, errors.Join(err, tracer.Stop(ctx))
	}
	a := &App{cfg: cfg, databases: databases, tracer: tracer, metrics: newRegistry()}
	databases.measure(a.metrics)
	if err := a.build(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) build() error {
	var err error
	if a.neighbors, err = a.newNeighbors(); err != nil {
		return err
	}
	if a.modules, err = buildModules(a.cfg, a.databases, a.neighbors.caller); err != nil {
		return err
	}
	if a.broker = newBroker(a.cfg, a.tracer); a.broker != nil {
		a.metrics.MustRegister(a.broker)
	}
	a.relays = a.newRelays()
	a.metrics.MustRegister(newBacklog(a.relays))
	for _, module := range a.modules.here {
		if m, ok := module.(measured); ok {
			a.metrics.MustRegister(m.Metrics())
		}
	}
	if a.keys, err = a.newKeys(); err != nil {
		return err
	}
	a.readiness = httpserver.NewReadiness(a.readinessChecks()...)
	rules, err := a.readDocument(api.Document())
	if err != nil {
		return err
	}
	options := httpserver.RouterOptions{
		NewID: ids.New, Now: failpoint.Now, Logger: a.cfg.Log, Metrics: httpserver.NewMetrics(a.metrics), Tracer: a.tracer, Streams: rules.Streams}
	if a.handler, err = a.router(rules, options); err != nil {
		return err
	}
	a.internal, err = a.internalHandler(rules, options)
	return err
}

// readDocument keeps of the API document what concerns this process: all of it, or the operations of its modules.
func (a *App) readDocument(document []byte) (rules *contract.Contract, err error) {
	options := contract.Options{CheckResponses: a.cfg.CheckResponses, RefuseCards: refusesCards}
	if !a.cfg.isApp() {
		options.Only = func(op contract.Operation) bool { return a.cfg.has(op.Tags[0]) }
		return contract.Load(document, options)
	}
	if a.documents, err = docs.New(document); err != nil {
		return nil, err
	}
	return contract.Load(document, options)
}

func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// newRelays makes one relay per database, for all schemas in it.
func (a *App) newRelays() []*outbox.Relay {
	listeners := map[string]outbox.Listener{}
	for _, s := range a.modules.subscriptions() {
		listeners[s.subscriber] = a.listener(s)
	}
	var relays []*outbox.Relay
	for dsn, schemas := range a.databases.schemasByURL() {
		relays = append(relays, outbox.NewRelay(outbox.Config{
			DB: a.databases.byURL[dsn].background, Schemas: a.announcing(schemas), Subscribers: listeners,
			Away: notReached, Log: a.cfg.Log, Tracer: a.tracer}))
	}
	return relays
}

// announcing are the schemas, of those given, that hold an outbox.
func (a *App) announcing(schemas []string) []string {
	return slices.DeleteFunc(slices.Clone(schemas), func(s string) bool { return !slices.Contains(a.modules.announcing, s) })
}

func (a *App) readinessChecks() []httpserver.Check {
	var checks []httpserver.Check
	for dsn, schemas := range a.databases.schemasByURL() {
		checks = append(checks, httpserver.Check{Name: "database of " + schemas[0], Probe: a.databases.byURL[dsn].reachable})
	}
	return checks
}

// Handler serves everything public.
func (a *App) Handler() http.Handler { return a.handler }

// Work delivers events and does the modules' background work until ctx ends.
func (a *App) Work(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, relay := range a.relays {
		group.Go(func() error { return relay.Run(ctx) })
	}
	group.Go(func() error { return a.receive(ctx) })
	group.Go(func() error { return a.expireKeys(ctx) })
	group.Go(func() error { return a.pruneEvents(ctx) })
	for dsn, schemas := range a.databases.schemasByURL() {
		group.Go(func() error { return growth.New(a.databases.byURL[dsn].background, schemas).Run(ctx) })
	}
	for name, module := range a.modules.here {
		group.Go(func() error { return work(ctx, name, module) })
	}
	return group.Wait()
}

// work does a module's background work, if it has any, until ctx ends.
func work(ctx context.Context, name string, m module) error {
	w, ok := m.(worker)
	if !ok {
		return nil
	}
	if err := w.Run(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("background work of %s: %w", name, err)
	}
	return nil
}

// Drain delivers every event that is due, and those that these cause, before it returns.
func (a *App) Drain(ctx context.Context) error {
	for {
		pending := 0
		for _, relay := range a.relays {
			if err := relay.Drain(ctx); err != nil {
				return fmt.Errorf("deliver events: %w", err)
			}
			left, err := relay.Pending(ctx)
			if err != nil {
				return err
			}
			pending += left
		}
		if pending == 0 || len(a.relays) == 1 {
			return nil
		}
	}
}

// farewell bounds telling the last traces.
const farewell = 3 * time.Second

// Close gives the databases and the broker back. Traces that nobody takes are let go.
func (a *App) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := a.tracer.Stop(ctx); err != nil {
		a.cfg.Log.WarnContext(ctx, "the last traces were lost", "error", err)
	}
	if a.broker != nil {
		a.broker.Close()
	}
	return a.databases.close()
}

// With builds the shop on its database, migrated, and runs do.
func With(ctx context.Context, cfg Config, do func(*App) error) error {
	cfg, err := complete(cfg)
	if err != nil {
		return err
	}
	return WithDatabase(ctx, cfg, func(cfg Config) (err error) {
		if err := Migrate(ctx, cfg, false); err != nil {
			return err
		}
		a, err := New(ctx, cfg)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		return do(a)
	})
}

// deliveryLimit is how long a command stays to see the events delivered that it caused.
const deliveryLimit = time.Minute

// WithEvents is With, and has the events that do caused delivered. What do did is done: events that cannot be delivered
// now, its own or those of others, are left to a server.
func WithEvents(ctx context.Context, cfg Config, do func(*App) error) error {
	return With(ctx, cfg, func(a *App) error {
		if err := do(a); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, deliveryLimit)
		defer cancel()
		if err := a.Drain(ctx); err != nil {
			a.cfg.Log.WarnContext(ctx, "events are left to be delivered by a server", "error", err)
		}
		return nil
	})
}
