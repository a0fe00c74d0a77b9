package shop

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// Setup says what a house consists of. The zero value is one plain server.
type Setup struct {
	// Replicas is how many servers share the database; 0: one.
	Replicas int
	// Race runs servers built with the race detector, as TEST_RACE=1 does for every house.
	Race bool
	// Failpoints runs servers built with failpoints, which a test plans.
	Failpoints bool
	// Provider runs a fake payment provider, which carries out the payment method "fake".
	Provider bool
	// Proxy puts a proxy between each replica and PostgreSQL.
	Proxy bool
	// Apart are modules that run in processes of their own, in groups, each group on a database of its own. Doubles is how many
	// processes each group has, behind a load balancer; 0: one.
	Apart   [][]string
	Doubles int
	// Carrier starts what carries events between the processes; it ends after they have. Without it events travel by calls.
	Carrier func(t testing.TB) Carrier
	// Server is a PostgreSQL of the test's own to use, by its URL; that of all tests when empty.
	Server string
	// Settings are further environment variables of the servers, NAME=value; Each answers those of one of them.
	Settings []string
	Each     func(i int) []string
}

// Carrier is a broker that a house uses.
type Carrier interface {
	// Settings are the environment variables by which processes find it.
	Settings() []string
	// Underway counts the events that wait in it.
	Underway() int64
}

// House is a shop of several processes on one database. As a Shop it is what replica 0 serves, and its commands go to the
// database directly. Houses of one test process must not overlap in time, because each looks for goroutines left behind.
type House struct {
	*Shop
	Replicas []*Replica
	// Parts are the processes of modules that are apart.
	Parts []*Part
	// Provider and Proxy are nil in a house without them.
	Provider *Provider
	Proxy    *Proxy
	// Front is the address of a load balancer before the replicas, in this process. It repeats a request that got no
	// answer, so send only such as may be repeated.
	Front string

	// inside are the addresses of the servers for the processes of modules.
	inside []string
	// taken keeps ports until their processes start, so that no two get the same.
	taken     []net.Listener
	deadlocks int64
	log       *lockedBuffer
}

// endAtOnce keeps programs with the race detector from sleeping for a second when they end, in which others could still
// race: whatever is found is printed when it is found.
const endAtOnce = "GORACE=atexit_sleep_ms=0"

// StartHouse runs a house on an empty, migrated database. When the test ends, everything is stopped, every server must
// have exited cleanly and without a data race, every check of CheckAll must hold, and no goroutine may be left.
func StartHouse(t testing.TB, setup Setup) *House {
	t.Helper()
	database := setup.database(t)
	database.Admin()
	binary := variant(t, setup.Race || raceWanted(), setup.Failpoints)
	leaks := goleak.IgnoreCurrent()
	t.Cleanup(func() { checkGoroutines(t, leaks) })
	h := &House{log: &lockedBuffer{}, Shop: &Shop{t: t, Database: database, client: newClient(), binary: binary}}
	h.Shop.log = h.log
	h.Shop.env = append(CleanEnvironment(), "DATABASE_URL="+database.DSN(), "RIALTO_SECRET_KEY="+secretKey,
		"PGAPPNAME="+application, "RIALTO_DRAIN_DELAY=0s", "RIALTO_CHECK_RESPONSES=true", "RIALTO_FAKE_PAYMENTS=true", endAtOnce)
	h.furnish(setup)
	t.Cleanup(h.finish)
	h.open()
	h.deadlocks = h.Deadlocks()
	return h
}

func (s Setup) database(t testing.TB) *testdb.Database {
	t.Helper()
	if s.Server == "" {
		return testdb.New(t)
	}
	return testdb.New(t, testdb.OnServer(s.Server))
}

// furnish makes everything but processes. It ends after the processes have.
func (h *House) furnish(setup Setup) {
	h.t.Helper()
	var addresses []string
	for range max(setup.Replicas, 1) {
		addresses = append(addresses, "http://"+h.freeAddress())
	}
	h.URL, h.Front = addresses[0], openFront(h.t, addresses)
	if setup.Provider {
		h.addProvider()
	}
	if setup.Carrier != nil {
		h.carrier = setup.Carrier(h.t)
		h.Shop.env = append(h.Shop.env, h.carrier.Settings()...)
	}
	h.Shop.env = append(h.Shop.env, setup.Settings...)
	if setup.Proxy {
		h.Proxy = &Proxy{t: h.t}
	}
	h.addParts(setup)
	for i, url := range addresses {
		h.addReplica(i, url, setup)
	}
}

func (h *House) freeAddress() string {
	h.t.Helper()
	listener := listenSomewhere(h.t)
	h.taken = append(h.taken, listener)
	return listener.Addr().String()
}

// letGo gives the ports that were kept to the processes that they were kept for.
func (h *House) letGo() {
	h.t.Helper()
	for _, listener := range h.taken {
		require.NoError(h.t, listener.Close())
	}
	h.taken = nil
}

// open starts every process, and makes the API keys.
func (h *House) open() {
	h.t.Helper()
	h.letGo()
	if h.Provider != nil {
		h.Provider.Start()
	}
	for _, r := range h.processes() {
		r.Launch()
	}
	for _, r := range h.processes() {
		r.AwaitReady()
	}
	h.Owner, h.Staff, h.ReadOnly = h.key("owner"), h.key("staff"), h.key("read_only")
}

func (h *House) addProvider() {
	h.t.Helper()
	address, journal := h.freeAddress(), filepath.Join(h.t.TempDir(), "journal")
	h.Provider = &Provider{URL: "http://" + address, t: h.t, client: h.client, journal: journal, process: &process{binary: h.binary, log: h.log,
		env: CleanEnvironment(), args: []string{"fake-provider", "--addr", address, "--journal", journal, "--key", providerKey,
			"--events-url", h.Front + ProviderEvents, "--events-secret", providerSecret}}}
	h.Shop.env = append(h.Shop.env, providerSettings(address)...)
}

func (h *House) addReplica(i int, url string, setup Setup) {
	h.t.Helper()
	env := h.Shop.env[:len(h.Shop.env):len(h.Shop.env)]
	if len(h.inside) > 0 {
		env = append(env, "RIALTO_INTERNAL_ADDR="+strings.TrimPrefix(h.inside[i], "http://"))
	}
	if setup.Each != nil {
		env = append(env, setup.Each(i)...)
	}
	h.Replicas = append(h.Replicas, h.newReplica(setup, url, h.Database, env))
}

// newReplica makes a server that is not running yet. What env says comes last.
func (h *House) newReplica(setup Setup, url string, database *testdb.Database, env []string) *Replica {
	h.t.Helper()
	r := &Replica{URL: url, t: h.t, client: h.client, metrics: h.freeAddress()}
	own := []string{"RIALTO_ADDR=" + strings.TrimPrefix(url, "http://"), "RIALTO_METRICS_ADDR=" + r.metrics, "DATABASE_URL=" + database.DSN()}
	if setup.Failpoints {
		r.failpoints = h.freeAddress()
		own = append(own, "RIALTO_FAILPOINTS_ADDR="+r.failpoints)
	}
	if setup.Proxy {
		l := testdb.NewLine(h.t, database.DSN())
		r.Proxy = &Proxy{t: h.t, lines: []*testdb.Line{l}}
		h.Proxy.lines = append(h.Proxy.lines, l)
		own = append(own, "DATABASE_URL="+l.DSN())
	}
	r.process = &process{binary: h.binary, args: []string{"serve"}, env: slices.Concat(env, own), log: &lockedBuffer{}}
	return r
}

// At is the shop as replica i serves it.
func (h *House) At(i int) *Shop {
	seen := *h.Shop
	seen.URL = h.Replicas[i].URL
	return &seen
}

// In is the house as a subtest sees it: what fails there fails the subtest, and the house goes on.
func (h *House) In(t testing.TB) *House {
	seen := *h
	seen.Shop = h.Shop.In(t)
	seen.Replicas, seen.Parts = inTest(t, h.Replicas), nil
	for _, p := range h.Parts {
		part := *p
		part.Replicas = inTest(t, p.Replicas)
		seen.Parts = append(seen.Parts, &part)
	}
	if h.Provider != nil {
		provider := *h.Provider
		provider.t = t
		seen.Provider = &provider
	}
	if h.Proxy != nil {
		seen.Proxy = &Proxy{t: t, lines: h.Proxy.lines}
	}
	return &seen
}

func inTest(t testing.TB, replicas []*Replica) []*Replica {
	var seen []*Replica
	for _, r := range replicas {
		replica := *r
		replica.t = t
		if r.Proxy != nil {
			replica.Proxy = &Proxy{t: t, lines: r.Proxy.lines}
		}
		seen = append(seen, &replica)
	}
	return seen
}

// finish checks and ends the house. A house whose test failed ends at once.
func (h *House) finish() {
	h.t.Helper()
	defer h.client.CloseIdleConnections()
	defer h.printLogs()
	defer h.kill()
	if h.Proxy != nil {
		h.Proxy.Clear()
	}
	if !h.t.Failed() {
		h.CheckAll()
	}
	for i, r := range h.processes() {
		if err := r.finish(); err != nil {
			h.t.Errorf("process %d: %v", i, err)
		}
		if r.raced() {
			h.t.Errorf("process %d: the race detector found something", i)
		}
	}
	h.checkDeadlocks()
}

// kill ends what still runs, such as when a check failed.
func (h *House) kill() {
	for _, r := range h.processes() {
		_ = r.process.kill()
	}
	if h.Provider != nil {
		_ = h.Provider.process.kill()
	}
}

const (
	// watchesPostgres waits for the end of a private PostgreSQL, which a test may have started again and which outlives the house.
	watchesPostgres = "github.com/rialto-commerce/rialto/internal/platform/devpostgres.(*Server).awaitExit"
	// tendsPool closes idle connections of the database's own pool, which outlives the house. It ends with the last of them,
	// after five minutes, and there is another one with the next.
	tendsPool = "database/sql.(*DB).connectionCleaner"
)

// checkGoroutines wants none that a house left behind.
func checkGoroutines(t testing.TB, before goleak.Option) {
	t.Helper()
	if t.Failed() {
		return
	}
	if err := goleak.Find(before, goleak.IgnoreAnyFunction(watchesPostgres), goleak.IgnoreTopFunction(tendsPool)); err != nil {
		t.Errorf("goroutines are left: %v", err)
	}
}

func (h *House) printLogs() {
	if !h.t.Failed() {
		return
	}
	for i, r := range h.processes() {
		h.t.Logf("log of process %d:\n%s", i, r.Log())
	}
	if text := h.log.String(); text != "" {
		h.t.Logf("log of the provider:\n%s", text)
	}
}

// Log is what all servers printed so far.
func (h *House) Log() string {
	var all strings.Builder
	for i, r := range h.processes() {
		fmt.Fprintf(&all, "process %d:\n%s", i, r.Log())
	}
	return all.String()
}
