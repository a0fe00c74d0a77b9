//go:build faults

package faults

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// deadline is when the last request is answered at the latest.
	deadline = 10 * time.Second
	// statementTime is when a server gives up a statement that PostgreSQL should have ended 2 s before.
	statementTime = 7 * time.Second
	// refusal is when a shopper knows at the latest that there is too much to do.
	refusal = time.Second
	// many is how many shoppers come at once.
	many = 200
	// soon is when a shopper has a page in the middle, however busy the till is.
	soon = 300 * time.Millisecond
)

func TestADatabaseThatFails(t *testing.T) {
	s := open(t, shop.Setup{Proxy: true, Settings: []string{"RIALTO_POOL_REQUESTS=10"}})

	run := func(name string, do func(s stage)) {
		t.Run(name, func(t *testing.T) {
			s := s.in(t)
			t.Cleanup(s.Proxy.Clear)
			do(s)
		})
	}
	run("F03 the database is gone for longer than anybody waits", gone)
	run("F04 a black hole swallows everything", swallowed)
	run("F05 the line is cut during COMMIT", committing)
	run("F06 every answer is late and in pieces", late)
	run("F07 a hot row holds every connection", hot)
	run("F09 a table is locked", locked)
	run("F11 PostgreSQL takes no writes for a while", readOnly)
	run("F30 slow clients", slowClients)
}

// lasting watches the server while an outage lasts. It lives, is not ready any more once the outage is noticed, and no
// more goroutines than that pile up in it.
func (s stage) lasting(span, noticed time.Duration, goroutines float64) {
	s.t.Helper()
	server, most := s.Replicas[0], 0.0
	for began := time.Now(); time.Since(began) < span; {
		require.True(s.t, server.Live())
		late := time.Since(began) > noticed
		require.False(s.t, server.Ready() && late, "ready without a database")
		most = max(most, s.goroutines())
	}
	s.t.Logf("at most %v goroutines, of %v allowed", most, goroutines)
	require.LessOrEqual(s.t, most, goroutines)
}

func (s stage) goroutines() float64 {
	s.t.Helper()
	n, known := s.Replicas[0].Metric("go_goroutines")
	require.True(s.t, known)
	return n
}

// busiest is the most goroutines while shoppers are served.
func (s stage) busiest(tr *traffic) (most float64) {
	s.t.Helper()
	for range 10 {
		s.served(tr, 1)
		most = max(most, s.goroutines())
	}
	return most
}

func gone(s stage) {
	server, pid := s.Replicas[0], s.Replicas[0].PID()
	tr := s.visitors(50, browse, buy, look, collect, alive)
	goroutines := s.busiest(tr)

	s.Proxy.Down()
	down := time.Now()
	s.lasting(outage, 0, 2*goroutines)
	s.Proxy.Up()
	up := time.Now()
	require.Eventually(s.t, server.Ready, recovery, often)
	ready := time.Since(up)
	s.served(tr, 5)
	visits := tr.end()

	require.Equal(s.t, pid, server.PID())
	during := func(v visit) bool { return v.began.After(down) && v.ended().Before(up) }
	tr.requireHonest(visits)
	requireShelf(s.t, visits, during)
	machine := slowest(visits, of(alive))
	require.Less(s.t, slowest(visits, during), 2*time.Second+machine, "%v", worst(visits, during))
	s.t.Logf("%v goroutines before, ready %s after, slowest answer during %s, of the machine %s", goroutines, ready, slowest(visits, during), machine)
	tr.requireOnce(visits)
	s.settles()
}

// requireShelf wants every page that was shown before to be shown during an outage as well.
func requireShelf(t *testing.T, visits []visit, during func(v visit) bool) {
	t.Helper()
	shown := 0
	for _, v := range visits {
		if v.kind == browse && during(v) {
			require.Equal(t, http.StatusOK, v.said.Status, "%s", v)
			require.NotEmpty(t, v.said.Header.Get("Age"), "%s", v)
			shown++
		}
	}
	require.Greater(t, shown, 5)
}

func swallowed(s stage) {
	server, pid := s.Replicas[0], s.Replicas[0].PID()
	tr := s.visitors(20, browse, buy, look, collect, alive)
	goroutines := s.busiest(tr)

	s.Proxy.Blackhole()
	down := time.Now()
	// Until a statement has run out of its time, those who have the connections are taken for slow.
	s.lasting(deadline+time.Second, statementTime, 4*goroutines)
	s.Proxy.Clear()
	up := time.Now()
	require.Eventually(s.t, server.Ready, recovery, often)
	ready := time.Since(up)
	s.served(tr, 5)
	visits := tr.end()

	require.Equal(s.t, pid, server.PID())
	during := func(v visit) bool { return v.ended().After(down) && v.began.Before(up) }
	machine := slowest(visits, of(alive))
	require.Less(s.t, slowest(visits, during), deadline+machine, "%v", worst(visits, during))
	tr.requireHonest(visits)
	s.t.Logf("ready %s after, slowest answer %s, of the machine %s", ready, slowest(visits, during), machine)
	tr.requireOnce(visits)
	s.settles()
}

// readOnly has the shop connected to a PostgreSQL that only answers, as one that another has taken the place of.
func readOnly(s stage) {
	const alter = `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = WORD', current_database()); END $$`
	pid := s.Replicas[0].PID()
	tr := s.visitors(50, browse, buy, look, collect, alive)
	s.served(tr, 5)

	s.exec(strings.Replace(alter, "WORD", "on", 1))
	s.disconnect()
	s.refused(tr, 5)
	s.disconnect() // those that were on their way in when it began
	s.refused(tr, 5)
	from := time.Now()
	s.refused(tr, 50)
	to := time.Now()
	s.exec(strings.Replace(alter, "WORD", "off", 1))
	s.served(tr, 5)
	visits := tr.end()

	require.Equal(s.t, pid, s.Replicas[0].PID())
	tr.requireHonest(visits)
	looked := 0
	for _, v := range visits {
		if v.began.Before(from) || v.ended().After(to) {
			continue
		}
		if v.kind == look {
			looked++
		}
		writes := v.kind == buy || v.kind == collect
		require.NotEqual(s.t, writes, v.done(), "%s", v)
	}
	require.Greater(s.t, looked, 5, "what is only read is answered")
	tr.requireOnce(visits)
	s.settles()
}

func late(s stage) {
	const sent = 40
	tr := s.visitors(5, browse, buy, look, collect, alive)
	s.Proxy.Latency(200*time.Millisecond, 200*time.Millisecond)
	s.Proxy.Toxic("slicer", shop.ToServer, shop.Object{"average_size": 200, "size_variation": 100, "delay": 10})
	require.Eventually(s.t, func() bool { return tr.count(func(visit) bool { return true }) >= sent }, within, often)
	visits := tr.end()
	s.Proxy.Clear()

	tr.requireHonest(visits)
	machine := slowest(visits, of(alive))
	require.Less(s.t, slowest(visits, of(browse, look, collect, buy)), deadline+machine, "%v", worst(visits, of(browse, look, collect, buy)))
	refused := 0
	for _, v := range visits {
		if !v.done() {
			refused++
		}
	}
	require.Less(s.t, refused, len(visits)/4, "most are served")
	s.t.Logf("slowest answer %s, of the machine %s; a checkout takes %s; %d of %d not served at once", slowest(visits, of(buy)), machine,
		middle(visits, of(buy)), refused, len(visits))
	tr.requireOnce(visits)
	s.settles()
}

// holding runs do while somebody else holds what a statement has locked.
func (s stage) holding(statement string, do func(), args ...any) {
	s.t.Helper()
	ctx := context.Background()
	require.NoError(s.t, s.Admin().InTx(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0`)
		require.NoError(s.t, err)
		_, err = tx.Exec(ctx, statement, args...)
		require.NoError(s.t, err)
		do()
		return nil
	}))
}

// hot holds first one row that every order needs, and then a table for which everybody needs a connection of the pool.
// What the machine takes for so many requests, when nothing is held, comes on top of what the shop has them wait.
func hot(s stage) {
	free := &traffic{stage: s}
	shop.Barrier(many, func(int) { free.come(collect) })
	machine := min(slowest(free.visits, of(collect)), 2*refusal)
	s.t.Logf("so many at once, with nothing held: %s", machine)
	all := append(free.visits, s.crowds(buy, `SELECT FROM inventory.stock_levels WHERE sku = 'GOODS-0' FOR UPDATE`, refusal+machine)...)
	all = append(all, s.crowds(collect, `LOCK TABLE cart.carts`, refusal+machine)...)
	tr := &traffic{stage: s}
	tr.requireHonest(all)
	tr.requireOnce(all)
	s.settles()
}

// crowds has many come at once for what somebody else holds. In the middle they are refused within the limit.
func (s stage) crowds(kind, statement string, limit time.Duration) []visit {
	s.t.Helper()
	shelves, crowd := s.visitors(20, browse, alive), &traffic{stage: s}
	s.holding(statement, func() { shop.Barrier(many, func(int) { crowd.come(kind) }) })
	visits := shelves.end()

	overloaded := func(v visit) bool { return v.said.Code() == "overloaded" }
	machine := slowest(visits, of(alive))
	s.t.Logf("%s: overloaded %d: middle %s, slowest %s; all: slowest %s; a page: middle %s, slowest %s; of the machine: %s", kind,
		crowd.count(overloaded), middle(crowd.visits, overloaded), slowest(crowd.visits, overloaded), slowest(crowd.visits, of(kind)),
		middle(visits, of(browse)), slowest(visits, of(browse)), machine)
	require.Greater(s.t, crowd.count(overloaded), many/2)
	require.Less(s.t, middle(crowd.visits, overloaded), limit)
	require.Less(s.t, slowest(crowd.visits, of(kind)), deadline, "%v", worst(crowd.visits, of(kind)))
	require.Less(s.t, middle(visits, of(browse)), soon)
	require.Less(s.t, slowest(visits, of(browse)), refusal+machine)
	for _, v := range visits {
		require.True(s.t, v.done(), "%s", v)
	}
	return crowd.visits
}

func locked(s stage) {
	const lockTimeout = 3 * time.Second
	tr := s.visitors(20, browse, buy, look, collect, alive)
	goroutines := s.busiest(tr)
	var first visit
	var from, to time.Time
	s.holding(`LOCK TABLE inventory.stock_levels`, func() {
		from = time.Now()
		first = visit{kind: buy, began: from, wish: s.atOnce()}
		first.said, first.err = s.ask(0, first.wish)
		first.took = time.Since(from)
		require.Eventually(s.t, func() bool {
			require.LessOrEqual(s.t, s.goroutines(), 2*goroutines, "they pile up")
			return time.Since(from) > 3*lockTimeout
		}, within, often)
		to = time.Now()
	})
	s.served(tr, 5)
	visits := append(tr.end(), first)

	during := func(v visit) bool { return v.began.After(from) && v.began.Before(to) && v.kind == buy }
	shelves := func(v visit) bool { return v.kind == browse && v.began.After(from) && v.ended().Before(to) }
	machine := slowest(visits, of(alive))
	s.t.Logf("first %v, slowest %s, a page %s to %s, of the machine %s", first, slowest(visits, during), middle(visits, shelves), slowest(visits, shelves), machine)
	require.Equal(s.t, http.StatusServiceUnavailable, first.said.Status, "%s", first.said.Raw)
	// Who finds no connection waits for one, then for the lock, and for a connection to give back what was held.
	require.Less(s.t, slowest(visits, during), lockTimeout+2*refusal+machine, "%v", worst(visits, during))
	require.Less(s.t, middle(visits, shelves), soon)
	require.Less(s.t, slowest(visits, shelves), refusal+machine)
	tr.requireHonest(visits)
	tr.requireOnce(visits)
	s.settles()
}
