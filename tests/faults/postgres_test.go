//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/devpostgres"
)

// postgres is a PostgreSQL of a test's own, which keeps every transaction that it has acknowledged and can be crashed.
type postgres struct {
	t      *testing.T
	config devpostgres.Config
	server *devpostgres.Server
	// socket is a link to the directory of the server's socket, which is another one in each of its lives.
	socket string
}

func startPostgres(t *testing.T, connections string) *postgres {
	t.Helper()
	p := &postgres{t: t, config: devpostgres.Config{Dir: t.TempDir(), FsyncOff: true, PgBin: os.Getenv("PG_BIN"),
		Settings: map[string]string{"synchronous_commit": "on", "full_page_writes": "on", "max_connections": connections}}}
	dir, err := os.MkdirTemp("/tmp", "rialto-crash-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	p.socket = filepath.Join(dir, "socket")
	p.start()
	t.Cleanup(func() { require.NoError(t, p.server.Stop(t.Context())) })
	return p
}

// start returns when the server takes connections. After a crash it has recovered then.
func (p *postgres) start() {
	p.t.Helper()
	server, err := devpostgres.Start(p.t.Context(), p.config)
	require.NoError(p.t, err)
	p.server = server
	at, err := url.Parse(server.DSN())
	require.NoError(p.t, err)
	require.NoError(p.t, os.RemoveAll(p.socket))
	require.NoError(p.t, os.Symlink(at.Query().Get("host"), p.socket))
}

// dsn is the same in each life of the server.
func (p *postgres) dsn() string {
	p.t.Helper()
	at, err := url.Parse(p.server.DSN())
	require.NoError(p.t, err)
	query := at.Query()
	query.Set("host", p.socket)
	at.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	return at.String()
}

// crash is pg_ctl stop -m immediate.
func (p *postgres) crash() {
	p.t.Helper()
	require.NoError(p.t, syscall.Kill(p.pid(), syscall.SIGQUIT))
	require.NoError(p.t, p.server.Stop(p.t.Context()))
}

// pid is that of the process which all others of the server come from.
func (p *postgres) pid() int {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.config.Dir, "postgres.json"))
	require.NoError(p.t, err)
	var running struct {
		PID int `json:"pid"`
	}
	require.NoError(p.t, json.Unmarshal(text, &running))
	return running.PID
}

// limitFiles lets no file of the server grow beyond a size in bytes, or "unlimited": neither of the sessions that it has nor of
// those that it begins. Limits are the business of the user that the server runs as.
func (p *postgres) limitFiles(size string, sessions []int64) {
	p.t.Helper()
	info, err := os.Stat(fmt.Sprintf("/proc/%d", p.pid()))
	require.NoError(p.t, err)
	owner, known := info.Sys().(*syscall.Stat_t)
	require.True(p.t, known)
	for _, pid := range append(sessions, int64(p.pid())) {
		cmd := exec.Command("prlimit", "--pid", strconv.FormatInt(pid, 10), "--fsize="+size+":unlimited")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid, NoSetGroups: true}}
		said, err := cmd.CombinedOutput()
		require.NoError(p.t, err, "%s", said)
	}
}
