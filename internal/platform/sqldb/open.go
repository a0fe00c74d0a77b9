package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

const (
	defaultMaxOpen  = 12
	connectTimeout  = 5 * time.Second
	idleConnTime    = 5 * time.Minute
	connLifetime    = 30 * time.Minute
	applicationName = "rialto"

	// sessionLimits bound what one session can hold up. The third frees the row locks of a process that
	// vanished without closing its connection.
	sessionLimits   = "-c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s "
	sessionSettings = "-c timezone=UTC -c search_path=public"
	genericPlans    = " -c plan_cache_mode=force_generic_plan"
)

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// Config says which database to open, and how. Only DSN is required.
type Config struct {
	// DSN is a postgres:// URL or a "key=value" string. Without sslmode, TLS is required of any host but
	// this one. Run-time parameters and options given in it win over the ones of this package, so a DSN
	// can carry another statement_timeout; a statement that is not answered 2 s after it has lost its server.
	DSN string
	// MaxOpen is the largest number of connections; 12 when zero.
	MaxOpen int
	// Role is the PostgreSQL role that statements run as; the login role when empty. The login role must
	// be a member of it.
	Role string
	// NoStatementCache sends every statement unprepared, for a PgBouncer in transaction mode older than
	// 1.21. It must also be told to ignore the startup parameter "options".
	NoStatementCache bool
	// GenericPlans has a prepared statement planned once and not anew for the values of each call. It is for pools
	// whose statements find rows by key, where every plan is the same one; not for those that search.
	GenericPlans bool
	// Tracer may be nil.
	Tracer *tracing.Tracer
}

// Open returns a pool after reaching the database once.
//
// Errors: ErrUnavailable when the database cannot be reached, or has no connection left.
func Open(ctx context.Context, c Config) (*DB, error) {
	options := sessionLimits + sessionSettings
	if c.Role != "" {
		if !plainName.MatchString(c.Role) {
			return nil, fmt.Errorf("open database: role %q is not a plain lower-case name", c.Role)
		}
		options += " -c role=" + c.Role
	}
	if c.GenericPlans {
		options += genericPlans
	}
	sessions, err := newConnector(c.DSN, options)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	sessions.limited = true

	db := newDB(sessions, c)
	if err := db.Ping(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// OpenAdmin returns a plain handle whose sessions have no time limits, for migrations and for creating
// databases. It does not connect yet.
func OpenAdmin(dsn string) (*sql.DB, error) {
	sessions, err := newConnector(dsn, sessionSettings)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return sql.OpenDB(sessions), nil
}

func newConnector(dsn, options string) (*connector, error) {
	settings, err := connectionConfig(dsn, options)
	if err != nil {
		return nil, err
	}
	return &connector{settings: settings}, nil
}

// connectionConfig puts the options of the DSN last, because PostgreSQL lets the last of two settings win.
func connectionConfig(dsn, options string) (pq.Config, error) {
	settings, err := pq.NewConfig(dsn)
	if err != nil {
		return pq.Config{}, err
	}
	settings.Options = strings.TrimSpace(options + " " + settings.Options)
	settings.BinaryParameters = true
	if settings.SSLMode == "" {
		settings.SSLMode = defaultSSLMode(settings)
	}
	if settings.ConnectTimeout == 0 {
		settings.ConnectTimeout = connectTimeout
	}
	if settings.ApplicationName == "" || settings.ApplicationName == "pqgo" {
		settings.ApplicationName = applicationName
	}
	return settings, nil
}

// defaultSSLMode never lets a password cross a network in clear text because a DSN forgot to mention TLS.
// It is not "prefer": the driver leaves the refused TLS connection of each attempt open behind it.
func defaultSSLMode(settings pq.Config) pq.SSLMode {
	host := settings.Host
	if settings.Hostaddr.IsValid() {
		host = settings.Hostaddr.String()
	}
	if host == "localhost" {
		return pq.SSLModeDisable
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil && addr.IsLoopback() {
		return pq.SSLModeDisable
	}
	return pq.SSLModeRequire
}
