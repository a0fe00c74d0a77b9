package testdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// maxSlots is how many test binaries can run at the same time.
const maxSlots = 64

// server is the PostgreSQL that the tests of this process share.
type server struct {
	url   *url.URL
	admin *sql.DB
}

// sharedServer starts the server with the first test that needs it. It ends with the process.
var sharedServer = sync.OnceValues(func() (*server, error) {
	if given := os.Getenv("RIALTO_TEST_DATABASE_URL"); given != "" {
		return connect(given)
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupLimit)
	defer cancel()
	s, err := startPrivate(ctx)
	if err != nil {
		return nil, err
	}
	return s, s.tidy(ctx)
})

func connect(dsn string) (*server, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Path == "" {
		return nil, fmt.Errorf("RIALTO_TEST_DATABASE_URL is not a postgres:// URL with a database name")
	}
	admin, err := sqldb.OpenAdmin(dsn)
	if err != nil {
		return nil, err
	}
	return &server{url: u, admin: admin}, nil
}

// startPrivate runs PostgreSQL in the first directory that no other test binary is using.
func startPrivate(ctx context.Context) (*server, error) {
	base := baseDir()
	for slot := range maxSlots {
		running, err := devpostgres.Start(ctx, devpostgres.Config{
			Dir:         filepath.Join(base, fmt.Sprint(slot)),
			FetchDir:    filepath.Join(base, "postgres-bin"),
			PgBin:       os.Getenv("PG_BIN"),
			FsyncOff:    true,
			Disposable:  true,
			KeepRunning: keep(),
			Settings:    testSettings(),
		})
		if err == nil {
			return connect(running.DSN())
		}
		if !errors.Is(err, devpostgres.ErrInUse) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("all %d directories below %s are in use", maxSlots, base)
}

// testSettings keep the write-ahead log of all those clones small, and background work out of the way.
func testSettings() map[string]string {
	return map[string]string{
		"max_connections": "300",
		"autovacuum":      "off",
		"wal_level":       "minimal",
		"max_wal_senders": "0",
		"max_wal_size":    "128MB",
		"min_wal_size":    "32MB",
	}
}

// baseDir prefers the cache directory, since temporary directories are cleaned file by file on some
// systems, which a database does not survive.
func baseDir() string {
	if cache, err := os.UserCacheDir(); err == nil {
		return filepath.Join(cache, "rialto", "testdb")
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("rialto-testdb-%d", os.Getuid()))
}

func (s *server) dsn(database string) string {
	u := *s.url
	u.Path = "/" + database
	return u.String()
}
