//go:build faults

package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	// due is how many checkouts nobody works on any more at once.
	due = 1000
	// lapse ends every lease now, as if its holder had not been heard of for long.
	lapse = `UPDATE checkout.attempts SET lease_until = now(), next_run_at = now() WHERE status NOT IN ('completed', 'canceled', 'review')`
)

func TestC27LeasesAndEpochs(t *testing.T) {
	s := open(t, shop.Setup{Replicas: 2})
	s.Provider.Script(fakeprovider.Rule{NoEvents: true})
	t.Run("C27 each of many due checkouts is carried on by one worker", func(t *testing.T) { manyDue(s.in(t)) })
	for _, place := range []string{"checkout.leased", "inventory.reserved", "checkout.authorized", "orders.placing", "checkout.placed"} {
		t.Run("C27 who lost the lease at "+place+" writes nothing", func(t *testing.T) { losesLease(s.in(t), place) })
	}
	for _, place := range []string{"payments.submitted", "payments.answered"} {
		t.Run("C27 who lost the lease at "+place+" asks nobody twice", func(t *testing.T) { losesLeaseAsking(s.in(t), place) })
	}
	t.Run("C27 who places an order that another one gave up places none", func(t *testing.T) { placesTooLate(s.in(t)) })
	t.Run("C27 a worker that sleeps through its lease writes nothing", func(t *testing.T) { workerSleeps(s.in(t)) })
	t.Run("F32 a server that sleeps in the middle of checkouts writes nothing when it wakes", func(t *testing.T) { serverSleeps(s.in(t)) })
	t.Run("F31 a shopper who hangs up has ordered", func(t *testing.T) { hangsUp(s.in(t)) })
}

// manyDue has requests fail after their first step, so that only the workers of both servers are left to carry on.
func manyDue(s stage) {
	const begun = "checkout.begun"
	s.Plan(begun, "error")
	shop.Barrier(8, func(i int) {
		for range due / 8 {
			_, _ = s.ask(i%2, s.atOnce())
		}
	})
	s.Release(begun)
	require.EqualValues(s.t, due, s.Int(`SELECT count(*) FROM checkout.attempts WHERE status = 'started' AND lease_epoch = 1`))

	s.exec(lapse)
	s.Quiesce(2 * within)

	require.EqualValues(s.t, due, s.Int(`SELECT count(*) FROM checkout.attempts WHERE status = 'completed' AND lease_epoch = 2 AND tries = 0`),
		"one worker took each, once")
	asked := s.Provider.Requests().Operations
	require.Equal(s.t, []int{due, due}, []int{asked["authorize"].Requests, asked["capture"].Requests}, "nobody asked a second time")
	working := 0
	for _, r := range s.Replicas {
		if r.Hits("checkout.leased") > due/10 {
			working++
		}
	}
	require.Equal(s.t, 2, working, "both servers took their part")
}

// rows is what there is of a checkout, and whether any of it was written again since. Other modules know no epoch: what
// they are told twice must come to the same.
func (s stage) rows(reference string) string {
	s.t.Helper()
	const query = `SELECT string_agg(row, E'\n' ORDER BY row) FROM (
		SELECT 'checkout ' || xmin || ' ' || a::text AS row FROM checkout.attempts a WHERE reference = $1
		UNION ALL SELECT 'order ' || xmin || ' ' || o::text FROM orders.orders o WHERE reference = $1
		UNION ALL SELECT 'decided ' || xmin || ' ' || d::text FROM orders.decided_references d WHERE reference = $1
		UNION ALL SELECT 'hold ' || concat_ws(' ', state, closed, hold_until) FROM inventory.holds WHERE reference = $1
		UNION ALL SELECT 'kept ' || xmin || ' ' || r::text FROM inventory.reservations r WHERE reference = $1
		UNION ALL SELECT 'payment ' || concat_ws(' ', status, authorized, capturing, captured, refunding, refunded, event_seq) FROM payments.attempts WHERE reference = $1
		) AS found`
	return s.text(query, reference)
}

// sleeper is a shopper whose request waits at a place of the first server.
type sleeper struct {
	wish
	reference string
	answer    <-chan shop.Answer
}

// sleeps sends a shopper to a place of the first server, where the request waits.
func (s stage) sleeps(place string, w wish) sleeper {
	s.t.Helper()
	s.Replicas[0].Plan(place, "pause", shop.Times(1))
	answers := s.asks(w)
	s.Replicas[0].WaitFor(place)
	return sleeper{wish: w, reference: s.reference(w), answer: answers}
}

// asks asks the first server and goes on; the channel gets the answer.
func (s stage) asks(w wish) <-chan shop.Answer {
	answers := make(chan shop.Answer, 1)
	go func() {
		answer, _ := s.ask(0, w)
		answers <- answer
	}()
	return answers
}

// losesLease lets the other server finish what the first one has in its hands, and then lets the first one go on.
func losesLease(s stage, place string) {
	sleeping := s.sleeps(place, s.byCart())
	s.exec(lapse)
	taken, err := s.Decide(sleeping.body, sleeping.key, within, sleeping.headers...)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, taken.Status, "%s", taken.Raw)
	before := s.settled(sleeping.reference)

	s.Replicas[0].Release(place)

	answer := <-sleeping.answer
	require.Equal(s.t, http.StatusCreated, answer.Status, "%s", answer.Raw)
	require.Equal(s.t, string(taken.Raw), string(answer.Raw))
	s.Settle()
	require.Equal(s.t, before, s.rows(sleeping.reference), "the first server wrote after it had lost the lease")
	s.requireOrder(sleeping.reference)
}

// losesLeaseAsking has the other server find that the first one is asking the provider, and leave it at that.
func losesLeaseAsking(s stage, place string) {
	sleeping := s.sleeps(place, s.byCart())
	s.exec(lapse)
	taken, err := s.ask(1, sleeping.wish)
	require.NoError(s.t, err)
	require.Contains(s.t, []int{http.StatusAccepted, http.StatusConflict}, taken.Status, "%s", taken.Raw)

	s.Replicas[0].Release(place)

	s.becomes(sleeping.reference, "completed")
	answer := <-sleeping.answer
	require.Contains(s.t, []int{http.StatusCreated, http.StatusAccepted}, answer.Status, "%s", answer.Raw)
	require.Greater(s.t, s.Int(`SELECT lease_epoch FROM checkout.attempts WHERE reference = $1`, sleeping.reference), int64(1))
	s.Settle()
	s.requireOrder(sleeping.reference)
	key := s.text(`SELECT id::text FROM payments.attempts WHERE reference = $1`, sleeping.reference)
	require.Equal(s.t, 1, s.Provider.Requests().Keys[key].Requests)
}

// settled is rows once nothing about them is on its way.
func (s stage) settled(reference string) string {
	s.t.Helper()
	s.Settle()
	return s.rows(reference)
}

// placesTooLate has the other server run out of time while the first one is about to place the order.
func placesTooLate(s stage) {
	const placing = "orders.placing"
	sleeping := s.sleeps(placing, s.byCart())
	s.exec(`UPDATE checkout.attempts SET deadline = now() - interval '1 second', lease_until = now() WHERE reference = $1`, sleeping.reference)
	s.becomes(sleeping.reference, "canceled")
	before := s.settled(sleeping.reference)

	s.Replicas[0].Release(placing)

	answer := <-sleeping.answer
	require.Equal(s.t, []any{http.StatusConflict, "checkout_canceled"}, []any{answer.Status, answer.Code()})
	require.Equal(s.t, before, s.rows(sleeping.reference), "the first server wrote after it had lost the lease")
	s.requireNothing(sleeping.reference)
	require.Equal(s.t, []int{1, 0, 1}, s.money(sleeping.reference))
}

// workerSleeps stops the server whose worker has just taken a lease.
func workerSleeps(s stage) {
	const begun, leased = "checkout.begun", "checkout.leased"
	w := s.byCart()
	s.Replicas[0].Plan(begun, "error", shop.Times(1))
	_, err := s.ask(0, w)
	require.NoError(s.t, err)
	reference := s.reference(w)
	s.Plan(leased, "pause")
	s.exec(lapse)
	asleep := s.WaitFor(leased)
	asleep.Pause()
	s.exec(lapse) // F32 sleeps for as long as a lease lasts
	for _, r := range s.Replicas {
		if r.URL != asleep.URL {
			r.Release(leased)
		}
	}
	s.becomes(reference, "completed")
	before := s.settled(reference)

	asleep.Resume()
	asleep.Release(leased)

	shop.Never(s.t, func() bool { return s.rows(reference) != before }, time.Second, often, "it wrote after it had lost the lease")
	s.requireOrder(reference)
}
