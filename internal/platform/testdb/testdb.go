package testdb

import (
	"context"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rialto-commerce/rialto/internal/platform/schema"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/migrations"
)

// setupLimit covers making a data directory and running all migrations on a busy machine.
const setupLimit = 2 * time.Minute

// Option changes what New makes.
type Option func(*settings)

type settings struct {
	modules []schema.Module
	server  string
}

// WithMigrations uses these modules instead of those of package migrations.
func WithMigrations(modules []schema.Module) Option {
	return func(s *settings) { s.modules = modules }
}

// OnServer uses another server than the tests' own, such as one that the test is going to crash: a postgres:// URL as in
// RIALTO_TEST_DATABASE_URL.
func OnServer(dsn string) Option {
	return func(s *settings) { s.server = dsn }
}

// find returns the server to make the database on, and what ends the use of it.
func (s settings) find() (*server, func() error, error) {
	if s.server == "" {
		shared, err := sharedServer()
		return shared, func() error { return nil }, err
	}
	given, err := connect(s.server)
	if err != nil {
		return nil, nil, err
	}
	return given, given.admin.Close, nil
}

// Database is one test's own database. It is dropped, and its pools are closed, when the test ends.
type Database struct {
	t     testing.TB
	dsn   string
	mu    sync.Mutex
	pools map[string]*sqldb.DB // by role
}

// New makes a database, or ends the test.
func New(t testing.TB, options ...Option) *Database {
	t.Helper()
	s := settings{modules: migrations.Modules()}
	for _, option := range options {
		option(&s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), setupLimit)
	defer cancel()

	server, leave, err := s.find()
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(func() { _ = leave() })
	name, err := server.clone(ctx, t.Name(), s.modules)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	d := &Database{t: t, dsn: server.dsn(name), pools: make(map[string]*sqldb.DB)}
	t.Cleanup(func() { d.end(server, name) })
	return d
}

// DSN returns the URL of a superuser's connection.
func (d *Database) DSN() string { return d.dsn }

// ModuleDSN returns the URL of a connection that can use the schema of one module only.
func (d *Database) ModuleDSN(name string) string {
	u, err := url.Parse(d.dsn)
	if err != nil {
		d.t.Fatalf("testdb: %v", err)
	}
	query := u.Query()
	query.Set("options", strings.TrimSpace(query.Get("options")+" -c role="+schema.RoleName(name)))
	// psql, unlike Go, takes a plus sign in a URL literally.
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return u.String()
}

// Module returns the pool of one module, whose role cannot touch another schema: PostgreSQL answers 42501.
// Every call for a module returns the same pool.
func (d *Database) Module(name string) *sqldb.DB {
	d.t.Helper()
	return d.pool(schema.RoleName(name))
}

// Admin returns a superuser's pool, for looking at what a module did.
func (d *Database) Admin() *sqldb.DB {
	d.t.Helper()
	return d.pool("")
}

func (d *Database) pool(role string) *sqldb.DB {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if pool, ok := d.pools[role]; ok {
		return pool
	}
	pool, err := sqldb.Open(context.WithoutCancel(d.t.Context()), sqldb.Config{DSN: d.dsn, Role: role})
	if err != nil {
		d.t.Fatalf("testdb: %v", err)
	}
	d.pools[role] = pool
	return pool
}

// end runs when the context of the test is over.
func (d *Database) end(s *server, name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, pool := range d.pools {
		if err := pool.Close(); err != nil {
			d.t.Errorf("testdb: %v", err)
		}
	}
	if keep() {
		d.t.Logf("testdb: kept %s", d.dsn)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupLimit)
	defer cancel()
	if err := s.drop(ctx, name); err != nil {
		d.t.Errorf("testdb: %v", err)
	}
}

func keep() bool { return os.Getenv("KEEP_TEST_DB") != "" }
