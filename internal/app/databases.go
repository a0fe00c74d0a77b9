package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
	"github.com/rialto-commerce/rialto/migrations"
)

// pools are the connections to one database: a busy background cannot starve requests, nor checkouts the store's reads.
type pools struct {
	requests   *sqldb.DB
	reads      *sqldb.DB
	background *sqldb.DB
}

func openPools(ctx context.Context, cfg Config, tracer *tracing.Tracer, dsn string) (*pools, error) {
	p := &pools{}
	for _, pool := range []struct {
		db      **sqldb.DB
		size    int
		generic bool
	}{{&p.requests, cfg.PoolRequests, true}, {&p.reads, cfg.PoolReads, false}, {&p.background, cfg.PoolBackground, true}} {
		db, err := sqldb.Open(ctx, sqldb.Config{
			DSN: dsn, MaxOpen: pool.size, NoStatementCache: !cfg.StatementCache, GenericPlans: pool.generic, Tracer: tracer})
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		*pool.db = db
	}
	return p, nil
}

// reachable says whether the database can be asked. A server that has too much to do is as ready as it can be: sending
// its requests to the others would only take them down as well.
func (p *pools) reachable(ctx context.Context) error {
	err := p.requests.Ping(ctx)
	if errors.Is(err, sqldb.ErrOverloaded) {
		return nil
	}
	return err
}

func (p *pools) close() error {
	var errs []error
	for _, db := range []*sqldb.DB{p.requests, p.reads, p.background} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// databases holds the pools of every database in use, by its address: one, unless modules have their own.
type databases struct {
	byURL map[string]*pools
	cfg   Config
}

func openDatabases(ctx context.Context, cfg Config, tracer *tracing.Tracer) (*databases, error) {
	d := &databases{byURL: map[string]*pools{}, cfg: cfg}
	for _, module := range cfg.present() {
		dsn := cfg.databaseURL(module)
		if d.byURL[dsn] != nil {
			continue
		}
		opened, err := openPools(ctx, cfg, tracer, dsn)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open database of %s: %w", module, err), d.close())
		}
		d.byURL[dsn] = opened
	}
	return d, nil
}

func (d *databases) of(module string) *pools { return d.byURL[d.cfg.databaseURL(module)] }

// schemasByURL says which modules' schemas each database holds.
func (d *databases) schemasByURL() map[string][]string {
	schemas := map[string][]string{}
	for _, module := range d.cfg.present() {
		dsn := d.cfg.databaseURL(module)
		schemas[dsn] = append(schemas[dsn], module)
	}
	return schemas
}

func (d *databases) close() error {
	var errs []error
	for _, p := range d.byURL {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// WithDatabase runs do with a database to use: the configured one, the one of a server that runs in the same data
// directory, or a private one for as long as do runs.
func WithDatabase(ctx context.Context, cfg Config, do func(Config) error) error {
	if !cfg.private() {
		return do(cfg)
	}
	cfg, err := settle(cfg)
	if err != nil {
		return err
	}
	dsn, running, err := devpostgres.Attach(cfg.DataDir)
	if err != nil {
		return err
	}
	if running {
		cfg.DatabaseURL = dsn
		return do(cfg)
	}
	return withPrivate(ctx, cfg, do)
}

// complete is a configuration with what it leaves to Rialto, checked before anything is touched.
func complete(cfg Config) (Config, error) {
	if cfg.private() {
		var err error
		if cfg, err = settle(cfg); err != nil {
			return cfg, err
		}
	}
	return cfg, cfg.check()
}

// private says whether a module of this process has no database yet, and so gets one in the data directory.
func (c Config) private() bool {
	return slices.ContainsFunc(c.present(), func(module string) bool { return c.databaseURL(module) == "" })
}

// settle completes the configuration of a shop that lives in its data directory.
func settle(cfg Config) (Config, error) {
	dataDir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return cfg, err
	}
	cfg.DataDir, cfg.FakePayments, cfg.DrainDelay = dataDir, true, 0
	if cfg.SecretKey == "" {
		cfg.SecretKey, err = generatedSecret(dataDir)
	}
	return cfg, err
}

// withPrivate runs do with a PostgreSQL of its own, which ends when do does.
func withPrivate(ctx context.Context, cfg Config, do func(Config) error) (err error) {
	server, err := devpostgres.Start(ctx, devpostgres.Config{Dir: cfg.DataDir, PgBin: cfg.PgBin, Log: cfg.Log.Info})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop(context.WithoutCancel(ctx))) }()
	cfg.DatabaseURL = server.DSN()
	return do(cfg)
}

// tablesByURL are the tables of the modules of this process, by the database that holds them.
func (c Config) tablesByURL() map[string][]schema.Module {
	byURL := map[string][]schema.Module{}
	for _, module := range migrations.Modules() {
		if c.has(module.Name) {
			dsn := c.databaseURL(module.Name)
			byURL[dsn] = append(byURL[dsn], module)
		}
	}
	return byURL
}

// Migrate brings the tables of the modules of this process up to date, in the databases that hold them.
func Migrate(ctx context.Context, cfg Config, roles bool) error {
	for dsn, modules := range cfg.tablesByURL() {
		if err := schema.Up(ctx, dsn, modules); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if !roles {
			continue
		}
		if err := schema.Roles(ctx, dsn, modules); err != nil {
			return fmt.Errorf("create roles: %w", err)
		}
	}
	return nil
}

// ForceVersion says which version a module's tables are at, after a failed migration was repaired by hand.
func ForceVersion(ctx context.Context, cfg Config, module string, version int) error {
	return schema.Force(ctx, cfg.databaseURL(module), module, version)
}
