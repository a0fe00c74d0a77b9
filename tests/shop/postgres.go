package shop

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
)

// Postgres is a PostgreSQL of a test's own, which keeps every transaction that it has acknowledged and can be crashed.
type Postgres struct {
	t      testing.TB
	config devpostgres.Config
	server *devpostgres.Server
	// socket is a link to the directory of the server's socket, which is another one in each of its lives.
	socket string
}

// StartPostgres runs a server with further settings of PostgreSQL until the test ends.
func StartPostgres(t testing.TB, settings map[string]string) *Postgres {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "rialto-crash-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	p := &Postgres{t: t, config: devpostgres.Config{Dir: filepath.Join(dir, "server"), FsyncOff: true, PgBin: os.Getenv("PG_BIN"),
		Settings: map[string]string{"synchronous_commit": "on", "full_page_writes": "on"}}}
	maps.Copy(p.config.Settings, settings)
	p.socket = filepath.Join(dir, "socket")
	p.Start()
	t.Cleanup(func() { require.NoError(t, p.server.Stop(t.Context())) })
	for _, way := range []string{dir, p.config.Dir} {
		require.NoError(t, os.Chmod(way, 0o711), "the server's own user comes to its files")
	}
	return p
}

// In has a subtest fail from now on.
func (p *Postgres) In(t testing.TB) { p.t = t }

// Start returns when the server takes connections. After a crash it has recovered then.
func (p *Postgres) Start() {
	p.t.Helper()
	server, err := devpostgres.Start(p.t.Context(), p.config)
	require.NoError(p.t, err)
	p.server = server
	at, err := url.Parse(server.DSN())
	require.NoError(p.t, err)
	require.NoError(p.t, os.RemoveAll(p.socket))
	require.NoError(p.t, os.Symlink(at.Query().Get("host"), p.socket))
}

// Data is the data directory, which belongs to the user that the server runs as.
func (p *Postgres) Data() string { return filepath.Join(p.config.Dir, "postgres") }

// DSN is the same in each life of the server.
func (p *Postgres) DSN() string {
	p.t.Helper()
	at, err := url.Parse(p.server.DSN())
	require.NoError(p.t, err)
	query := at.Query()
	query.Set("host", p.socket)
	at.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return at.String()
}

// Crash is pg_ctl stop -m immediate.
func (p *Postgres) Crash() {
	p.t.Helper()
	require.NoError(p.t, syscall.Kill(p.PID(), syscall.SIGQUIT))
	require.NoError(p.t, p.server.Stop(p.t.Context()))
}

// PID is that of the process which all others of the server come from.
func (p *Postgres) PID() int {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.config.Dir, "postgres.json"))
	require.NoError(p.t, err)
	var running struct {
		PID int `json:"pid"`
	}
	require.NoError(p.t, json.Unmarshal(text, &running))
	return running.PID
}

// User is the one that the server runs as, for programs that must do the same.
func (p *Postgres) User() *syscall.Credential {
	p.t.Helper()
	info, err := os.Stat(p.Data())
	require.NoError(p.t, err)
	owner, known := info.Sys().(*syscall.Stat_t)
	require.True(p.t, known)
	return &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid, NoSetGroups: true}
}
