// Package shop runs the real server for tests: the built binary, on a database of its own in the private test
// PostgreSQL, spoken to over HTTP. Every answer is checked against the API document by the server itself.
package shop

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/app/verify"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

const (
	secretKey    = "a key that only tests derive tokens from"
	startLimit   = 30 * time.Second
	stopLimit    = 30 * time.Second
	probeEvery   = 20 * time.Millisecond
	settleLimit  = 20 * time.Second
	poolsOfTwo   = "2"
	requestLimit = 60 * time.Second
	// application tells the server's sessions in the database from those of the test.
	application = "rialto-served"
)

// Shop is a running server and its database.
type Shop struct {
	URL      string
	Database *testdb.Database
	// Owner, Staff and ReadOnly are API keys of the three roles.
	Owner, Staff, ReadOnly string

	// own are the databases of modules that are not in Database.
	own map[string]*testdb.Database
	// carrier is nil where events travel by calls.
	carrier Carrier

	t      testing.TB
	client *http.Client
	log    *lockedBuffer
	binary string
	env    []string
}

// Start runs a server on an empty, migrated database; settings are further environment variables, NAME=value. The
// server's log is printed when the test fails. When the test ends the server is stopped and must have exited cleanly,
// every invariant must hold, and the database must have seen no deadlock.
func Start(t testing.TB, settings ...string) *Shop {
	t.Helper()
	return startOn(t, testdb.New(t), settings)
}

func startOn(t testing.TB, database *testdb.Database, settings []string) *Shop {
	t.Helper()
	s := &Shop{t: t, Database: database, client: newClient(), log: &lockedBuffer{}, binary: Binary(t)}
	address := FreeAddress(t)
	s.URL = "http://" + address
	s.env = append(CleanEnvironment(), "DATABASE_URL="+s.Database.DSN(), "RIALTO_SECRET_KEY="+secretKey, "RIALTO_ADDR="+address,
		"PGAPPNAME="+application, "RIALTO_METRICS_ADDR=127.0.0.1:0", "RIALTO_DRAIN_DELAY=0s", "RIALTO_CHECK_RESPONSES=true", "RIALTO_FAKE_PAYMENTS=true", "RIALTO_POOL_REQUESTS="+poolsOfTwo,
		"RIALTO_POOL_READS="+poolsOfTwo, "RIALTO_POOL_BACKGROUND="+poolsOfTwo)
	s.env = append(s.env, settings...)
	s.serve()
	s.Owner, s.Staff, s.ReadOnly = s.key("owner"), s.key("staff"), s.key("read_only")
	return s
}

func (s *Shop) serve() {
	s.t.Helper()
	cmd := exec.Command(s.binary, "serve")
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, s.log, s.log
	require.NoError(s.t, cmd.Start())
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	s.t.Cleanup(func() { s.stop(cmd, exited) })
	require.Eventually(s.t, func() bool {
		res, err := http.Get(s.URL + "/readyz")
		if err != nil {
			return false
		}
		defer func() { _ = res.Body.Close() }()
		return res.StatusCode == http.StatusOK
	}, startLimit, probeEvery, "the server did not become ready: %s", s.log)
}

func (s *Shop) stop(cmd *exec.Cmd, exited chan error) {
	if !s.t.Failed() {
		s.Settle()
		s.Verify()
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Errorf("stop server: %v", err)
	}
	select {
	case err := <-exited:
		if err != nil {
			s.t.Errorf("server ended badly: %v", err)
		}
	case <-time.After(stopLimit):
		_ = cmd.Process.Kill()
		s.t.Errorf("server did not end within %s", stopLimit)
	}
	s.checkDeadlocks()
	if s.t.Failed() {
		s.t.Logf("server log:\n%s", s.log)
	}
}

// Command runs another command of the binary on the shop's database and answers what it printed.
func (s *Shop) Command(args ...string) (output string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Env = s.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w: %s", err, stderr.String())
	}
	return stdout.String(), nil
}

func (s *Shop) key(role string) string {
	s.t.Helper()
	output, err := s.Command("keys", "create", "--name", "test", "--role", role)
	require.NoError(s.t, err)
	return strings.TrimSpace(output)
}

// Settle waits until no event is on its way.
func (s *Shop) Settle() {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.underway() == 0 }, settleLimit, probeEvery, "events are still on their way")
}

// underway counts the deliveries that are not dead. What is carried may come from an outbox, and lead to more in one.
func (s *Shop) underway() int64 {
	s.t.Helper()
	all := s.carried()
	for _, module := range announcing() {
		var n int64
		require.NoError(s.t, s.Of(module).Get(context.Background(), &n, `SELECT count(*) FROM `+module+`.outbox_deliveries WHERE dead_at IS NULL`))
		all += n
	}
	return all + s.carried()
}

func (s *Shop) carried() int64 {
	if s.carrier == nil {
		return 0
	}
	return s.carrier.Underway()
}

// announcing are the modules whose events others act on.
func announcing() []string {
	return []string{"orders", "payments", "inventory", "catalog", "pricing", "channels"}
}

// Verify fails the test when an invariant between modules or of one module does not hold.
func (s *Shop) Verify() {
	s.t.Helper()
	found, left, err := verify.Run(context.Background(), s.databases(), verify.PageSize)
	require.NoError(s.t, err)
	require.Empty(s.t, found, "violated invariants")
	require.Empty(s.t, left)
	output, err := s.Command("verify")
	require.NoError(s.t, err, output)
}

// databases are those of all modules.
func (s *Shop) databases() verify.Databases {
	all := verify.Databases{}
	for _, module := range app.Modules() {
		all[module] = s.Of(module)
	}
	return all
}

// Int answers a number from the database.
func (s *Shop) Int(query string, args ...any) int64 {
	s.t.Helper()
	var n int64
	require.NoError(s.t, s.Database.Admin().Get(context.Background(), &n, query, args...))
	return n
}

// Admin is a pool that may touch every schema.
func (s *Shop) Admin() *sqldb.DB { return s.Database.Admin() }

// Deadlocks counts those that the databases have seen. A session may tell of its own as late as at its end.
func (s *Shop) Deadlocks() int64 {
	s.t.Helper()
	return s.inAll(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`)
}

// checkDeadlocks waits for the end of the server's sessions, because only then every deadlock is counted.
func (s *Shop) checkDeadlocks() {
	s.t.Helper()
	const query = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`
	require.Eventually(s.t, func() bool { return s.inAll(query, application) == 0 }, settleLimit, probeEvery, "the server's sessions did not end")
	if n := s.Deadlocks(); n > 0 {
		s.t.Errorf("the database saw %d deadlocks", n)
	}
}

// inAll adds up a number from every database of the shop.
func (s *Shop) inAll(query string, args ...any) int64 {
	s.t.Helper()
	var all int64
	for database := range s.everywhere() {
		var n int64
		require.NoError(s.t, database.Admin().Get(context.Background(), &n, query, args...))
		all += n
	}
	return all
}

// Log is what the server printed so far.
func (s *Shop) Log() string { return s.log.String() }

// FreeAddress is one that nobody listens at.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener := listenSomewhere(t)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// listenSomewhere takes a port that the system does not give to connections.
func listenSomewhere(t testing.TB) net.Listener {
	t.Helper()
	const first, beyond = 20000, 32000
	var listener net.Listener
	require.Eventually(t, func() bool {
		var err error
		listener, err = net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(first+rand.IntN(beyond-first)))
		return err == nil
	}, startLimit, probeEvery)
	return listener
}

// CleanEnvironment is this process's environment without settings of a shop.
func CleanEnvironment() []string {
	var env []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "RIALTO_") && !strings.Contains(name, "DATABASE_URL") && name != "NATS_URL" && !strings.HasPrefix(name, "OTEL_") {
			env = append(env, entry)
		}
	}
	return env
}

// lockedBuffer is a log that the server writes while the test reads it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
