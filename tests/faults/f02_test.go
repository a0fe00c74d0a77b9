//go:build faults

package faults

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// recovery is how long a shop may take to be there again when its database is.
	recovery = 10 * time.Second
	// outage is longer than anybody waits for a database: a statement and its slack take 7 s.
	outage = 8 * time.Second
	// crowding is long enough to see who is served: nobody waits for a connection that is refused.
	crowding = 4 * time.Second
)

// TestAPostgreSQLOfItsOwn does to a whole server what tests that share one must not.
func TestAPostgreSQLOfItsOwn(t *testing.T) {
	const connections = "60"
	p := shop.StartPostgres(t, map[string]string{"max_connections": connections})
	s := open(t, shop.Setup{Server: p.DSN()})

	t.Run("F02 PostgreSQL crashes and comes back", func(t *testing.T) { crashes(s.in(t), p) })
	t.Run("F25 the disk is full", func(t *testing.T) { full(s.in(t), p) })
	t.Run("F10 others take every connection", func(t *testing.T) { crowded(s.in(t)) })
	t.Run("F10 a server starts while others have every connection", func(t *testing.T) { startsCrowded(s.in(t)) })
}

func crashes(s stage, p *shop.Postgres) {
	p.In(s.t)
	server, pid := s.Replicas[0], s.Replicas[0].PID()
	tr := s.visitors(50, browse, buy, look, collect, alive)
	s.served(tr, 5)

	down := time.Now()
	p.Crash()
	require.Eventually(s.t, func() bool { return !server.Ready() }, recovery, often)
	require.True(s.t, server.Live())
	s.refused(tr, 50)
	p.Start()
	up := time.Now()
	require.Eventually(s.t, server.Ready, recovery, often, "not ready %s after the database", recovery)
	ready := time.Since(up)
	s.served(tr, 5)
	visits := tr.end()

	require.Equal(s.t, pid, server.PID(), "the server is the same")
	during := func(v visit) bool { return v.kind != alive && v.ended().After(down) && v.began.Before(up) }
	machine := slowest(visits, of(alive))
	require.Less(s.t, slowest(visits, during), 2*time.Second+machine, "%v; the machine alone took up to %s", worst(visits, during), machine)
	s.t.Logf("away for %s, ready %s after; slowest answer during %s, of the machine %s", up.Sub(down), ready, slowest(visits, during), machine)
	tr.requireHonest(visits)
	tr.requireOnce(visits)
	s.settles()
}

// full has no room for another order, while there is some for carts. A file of PostgreSQL's log has 16 MiB, so the table
// that may not grow is made larger than that, and full of what is no larger than what comes.
func full(s stage, p *shop.Postgres) {
	p.In(s.t)
	server, pid := s.Replicas[0], s.Replicas[0].PID()
	s.exec(`INSERT INTO orders.decided_references (reference) SELECT 'filler-' || g FROM generate_series(1, 400000) AS g`)
	size := s.text(`SELECT pg_relation_size('orders.decided_references')::text`)
	tr := s.visitors(50, buy, browse, buy, look, buy, collect, buy, alive)
	s.served(tr, 1)

	limitFiles(s.t, p, size, s.sessions())
	s.refused(tr, 20)
	require.True(s.t, server.Ready(), "there is no room for orders, and everything else")
	limitFiles(s.t, p, "unlimited", s.sessions())
	s.served(tr, 5)
	visits := tr.end()

	require.Equal(s.t, pid, server.PID(), "the server is the same")
	tr.requireHonest(visits)
	for _, v := range visits {
		require.True(s.t, v.kind == buy || v.done(), "%s", v)
	}
	tr.requireOnce(visits)
	s.exec(`DELETE FROM orders.decided_references WHERE reference LIKE 'filler-%'`)
	s.settles()
}

// sessions are the processes that work for somebody.
func (s stage) sessions() (pids []int64) {
	s.t.Helper()
	require.NoError(s.t, s.Admin().Select(s.t.Context(), &pids, `SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'`))
	return pids
}

// crowd is others who take connections of PostgreSQL.
type crowd struct {
	db   *sql.DB
	held []*sql.Conn
}

func (s stage) crowd() *crowd {
	s.t.Helper()
	db, err := sqldb.OpenAdmin(s.Database.DSN())
	require.NoError(s.t, err)
	db.SetMaxIdleConns(0)
	others := &crowd{db: db}
	s.t.Cleanup(others.leave)
	return others
}

// grow takes every connection there is.
func (c *crowd) grow(ctx context.Context) error {
	for {
		conn, err := c.db.Conn(ctx)
		if pq.As(err, pqerror.TooManyConnections) != nil {
			return nil
		}
		if err != nil {
			return err
		}
		c.held = append(c.held, conn)
	}
}

func (c *crowd) leave() {
	for _, conn := range c.held {
		_ = conn.Close()
	}
	_ = c.db.Close()
}

// disconnect ends every connection of the shop.
func (s stage) disconnect() {
	s.t.Helper()
	s.exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rialto-served'`)
}

// takeAll has others take the connections of the shop.
func (s stage) takeAll() *crowd {
	s.t.Helper()
	others := s.crowd()
	require.Eventually(s.t, func() bool {
		require.NoError(s.t, others.grow(s.t.Context()))
		s.disconnect()
		require.NoError(s.t, others.grow(s.t.Context()))
		return s.Int(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rialto-served'`) == 0
	}, recovery, time.Millisecond)
	return others
}

func crowded(s stage) {
	server, pid := s.Replicas[0], s.Replicas[0].PID()
	tr := s.visitors(10, browse, buy, look, collect, alive)
	s.served(tr, 1)
	others := s.takeAll()
	require.Eventually(s.t, func() bool { return !server.Ready() }, recovery, often)
	began, said := time.Now(), len(server.Log())
	require.Eventually(s.t, func() bool { return time.Since(began) > crowding || server.Ready() }, 2*crowding, often)
	require.False(s.t, server.Ready(), "there are connections")
	require.True(s.t, server.Live())
	s.requireQuiet(server.Log()[said:], time.Since(began))
	visits := tr.end()
	others.leave()

	require.Eventually(s.t, server.Ready, recovery, often)
	require.Equal(s.t, pid, server.PID())
	tr.requireHonest(visits)
	require.Zero(s.t, tr.count(func(v visit) bool { return v.kind == buy && v.done() && v.began.After(began) }))
	tr.requireOnce(visits)
	s.settles()
}

func startsCrowded(s stage) {
	server := s.Replicas[0]
	s.Settle()
	server.Stop()
	others := s.crowd()
	require.NoError(s.t, others.grow(s.t.Context()))
	said, began := len(server.Log()), time.Now()
	server.Launch()
	pid := server.PID()
	waits := func() int { return strings.Count(server.Log()[said:], "waiting for the database") }
	require.Eventually(s.t, func() bool { return waits() >= 3 }, within, often)
	s.requireQuiet(server.Log()[said:], time.Since(began))
	require.False(s.t, server.Ready())
	others.leave()

	server.AwaitReady()
	require.Equal(s.t, pid, server.PID(), "it waited, and did not die")
	s.requireBoughtBy(s.atOnce())
	s.CheckAll()
}

// requireQuiet wants less than one line a second of each thing that a server says, beside its line for each request.
func (s stage) requireQuiet(log string, span time.Duration) {
	s.t.Helper()
	said := map[string]int{}
	for line := range bytes.Lines([]byte(log)) {
		var record struct {
			Message string `json:"msg"`
		}
		require.NoError(s.t, json.Unmarshal(line, &record), "%s", line)
		if record.Message != "request" {
			said[record.Message]++
		}
	}
	for message, times := range said {
		require.LessOrEqual(s.t, times, 1+int(span/time.Second), "%q in %s", message, span)
	}
	s.t.Logf("said in %s: %v", span, said)
}

// requireBoughtBy wants a shopper to be able to buy.
func (s stage) requireBoughtBy(w wish) {
	s.t.Helper()
	said := s.CompleteUntilDecided(w.body, w.key, within, w.headers...)
	require.Equal(s.t, http.StatusCreated, said.Status, "%s", said.Raw)
}

// served waits until n shoppers more have bought something.
func (s stage) served(tr *traffic, n int) {
	s.t.Helper()
	bought := func() int { return tr.count(func(v visit) bool { return v.kind == buy && v.done() }) }
	before := bought()
	require.Eventually(s.t, func() bool { return bought() >= before+n }, within, often, "nobody is served")
}

// refused waits until n visitors more were told to come back.
func (s stage) refused(tr *traffic, n int) {
	s.t.Helper()
	told := func() int {
		return tr.count(func(v visit) bool { return v.said.Status == http.StatusServiceUnavailable })
	}
	before := told()
	require.Eventually(s.t, func() bool { return told() >= before+n }, within, often, "nobody is refused")
}
