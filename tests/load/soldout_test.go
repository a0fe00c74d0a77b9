//go:build faults

package load

import (
	"net/http"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
)

// tooLate is L03: whoever comes when nothing is left is refused at least five times as quickly, and neither writes nor locks
// anything.
func (c crowd) tooLate(pace float64) {
	require.Positive(c.t, pace, "L01 has not sold out")
	c.Settle()
	watch := c.watchLocks()
	before := c.writes()
	began := time.Now()

	told := c.come(late, 0)

	took := time.Since(began)
	written := c.writes() - before
	seen := watch()
	rate := late / took.Seconds()
	c.t.Logf("L03: %d refused in %.1f s, %.0f/s, %.1f times as fast as L01; %d transactions wrote, %d of %d looks at pg_locks saw a row lock",
		late, took.Seconds(), rate, rate/pace, written, seen.locked, seen.looks)
	for _, s := range told {
		require.NoError(c.t, s.err)
		require.Equal(c.t, []any{http.StatusConflict, "insufficient_stock"}, []any{s.answer.Status, s.answer.Code()}, "%s", s.answer.Raw)
	}
	// A transaction gets a number when it writes or locks a row. What servers do in the background is a handful a second.
	require.Less(c.t, written, int64(late/100))
	require.LessOrEqual(c.t, int64(seen.locked), written)
	require.GreaterOrEqual(c.t, rate, sooner*pace)
	c.CheckAll()
}

// writes counts the transactions that have written or locked something, in all databases of the server, which this test
// shares with nobody.
func (c crowd) writes() int64 {
	c.t.Helper()
	return c.Int(`SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint`)
}

// locks is how often somebody looked, and how often one of the servers had locked a row or was about to.
type locks struct{ looks, locked int }

// watchLocks looks at pg_locks again and again until it is told to stop.
func (c crowd) watchLocks() (stop func() locks) {
	const often = 10 * time.Millisecond
	const query = `SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype IN ('transactionid', 'tuple') AND a.application_name = 'rialto-served'`
	var seen locks
	var watching sync.WaitGroup
	ended := make(chan struct{})
	watching.Go(func() {
		tick := time.NewTicker(often)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
			}
			var n int64
			if err := c.Admin().Get(c.t.Context(), &n, query); err == nil {
				seen.looks++
				if n > 0 {
					seen.locked++
				}
			}
		}
	})
	return func() locks {
		close(ended)
		watching.Wait()
		return seen
	}
}
