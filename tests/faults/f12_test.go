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

// TestF12ClocksThatAreWrong runs a server whose clock is 10 minutes ahead and one whose is 10 minutes behind. Everything
// lasts as long as it would by one clock, that of the database.
func TestF12ClocksThatAreWrong(t *testing.T) {
	s := open(t, shop.Setup{Replicas: 2, Settings: []string{"RIALTO_PROVIDER_TIMEOUT=1s"},
		Each: func(i int) []string { return []string{"RIALTO_CLOCK_OFFSET=" + []string{"10m", "-10m"}[i]} }})
	t.Run("F12 checkouts, holds and freezes end when they should", func(t *testing.T) { lastAsLong(s.in(t)) })
	t.Run("F12 events of the provider are believed", func(t *testing.T) { believed(s.in(t)) })
	t.Run("F12 a payment that is unknown is asked for after a few seconds", func(t *testing.T) { askedInTime(s.in(t)) })
	for i, clock := range []string{"ahead", "behind"} {
		t.Run("F12 a hold is swept at its end by a server that is "+clock, func(t *testing.T) { sweptAtItsEnd(s.in(t), i) })
	}
	for _, clocks := range []string{"behind takes over from ahead", "ahead takes over from behind"} {
		t.Run("F12 a lease ends after 10 seconds, "+clocks, func(t *testing.T) { leaseEnds(s.in(t)) })
		s.Replicas[0], s.Replicas[1] = s.Replicas[1], s.Replicas[0]
	}
}

// seconds is a span in the database.
func (s stage) seconds(query string, args ...any) time.Duration {
	s.t.Helper()
	return time.Duration(s.Int(`SELECT extract(epoch FROM (`+query+`))::bigint`, args...)) * time.Second
}

func lastAsLong(s stage) {
	const slack = 20 * time.Second
	for i := range s.Replicas {
		w := s.byCart().paying("tok_action")
		pending, err := s.ask(i, w)
		require.NoError(s.t, err)
		require.Equal(s.t, http.StatusAccepted, pending.Status, "%s", pending.Raw)
		reference := pending.Body.Text("id")

		require.InDelta(s.t, 30*time.Minute, s.seconds(`SELECT deadline - now() FROM checkout.attempts WHERE reference = $1`, reference), float64(slack))
		require.InDelta(s.t, 72*time.Hour+30*time.Minute, s.seconds(`SELECT hold_until - now() FROM inventory.holds WHERE reference = $1`, reference), float64(slack))
		require.InDelta(s.t, 30*time.Minute, s.seconds(`SELECT until - now() FROM cart.freezes WHERE reference = $1`, reference), float64(slack))
		told, err := time.Parse(time.RFC3339, pending.Body.Text("expires_at"))
		require.NoError(s.t, err)
		require.WithinDuration(s.t, time.Now().Add(30*time.Minute), told, slack)

		s.cancel(reference, pending.Body.Text("token"))
		s.requireNothing(reference)
	}
}

// believed has shoppers act at the provider, whose events go to the servers in turn.
func believed(s stage) {
	var references []string
	for range 4 {
		_, reference, _ := s.waiting()
		references = append(references, reference)
	}
	before := s.Int(`SELECT count(*) FROM payments.provider_events WHERE outcome = 'applied'`)
	for _, reference := range references {
		held, found := s.Provider.Find(s.text(`SELECT id::text FROM payments.attempts WHERE reference = $1`, reference))
		require.True(s.t, found)
		s.Provider.Decide(held.ID, "authorized")
	}
	for _, reference := range references {
		s.becomes(reference, "completed")
	}
	s.Settle()
	for _, reference := range references {
		s.requireOrder(reference)
	}
	require.EqualValues(s.t, len(references), s.Int(`SELECT count(*) FROM payments.provider_events WHERE outcome = 'applied'`)-before)
	for _, d := range s.Provider.Deliveries() {
		require.Equal(s.t, http.StatusNoContent, d.Status, "%v", d)
	}
}

// askedInTime loses the answer about two payments, one at each server.
func askedInTime(s stage) {
	s.Provider.Script(fakeprovider.Rule{Op: "authorize", Times: 2, AnswerDelayMS: 30_000, NoEvents: true})
	var references []string
	began := time.Now()
	for i := range s.Replicas {
		pending, err := s.ask(i, s.atOnce())
		require.NoError(s.t, err)
		require.Equal(s.t, http.StatusAccepted, pending.Status, "%s", pending.Raw)
		references = append(references, pending.Body.Text("id"))
	}
	for _, reference := range references {
		s.becomes(reference, "completed")
	}
	require.Greater(s.t, time.Since(began), 4*time.Second)
	require.Less(s.t, time.Since(began), 30*time.Second)
	s.Provider.ClearScript()
	s.Settle()
	for _, reference := range references {
		s.requireOrder(reference)
	}
}

// sweptAtItsEnd has one server look for holds that have ended, when one of two has.
func sweptAtItsEnd(s stage, i int) {
	_, over, token := s.waiting()
	_, lasting, other := s.waiting()
	state := func(reference string) string {
		return s.text(`SELECT state FROM inventory.holds WHERE reference = $1`, reference)
	}
	for _, r := range s.Replicas {
		r.Kill()
	}
	s.exec(`UPDATE inventory.holds SET hold_until = now() - interval '1 second' WHERE reference = $1`, over)
	s.exec(`UPDATE inventory.holds SET hold_until = now() + interval '5 minutes' WHERE reference = $1`, lasting)

	s.Replicas[i].Start()
	require.Eventually(s.t, func() bool { return state(over) == "expired" }, within, often)

	require.Equal(s.t, "open", state(lasting))
	s.Replicas[1-i].Start()
	s.cancel(over, token)
	s.cancel(lasting, other)
}

// leaseEnds has the first server die with a lease, which the other one waits for.
func leaseEnds(s stage) {
	s.Settle()
	reserved := points()[1]
	began := time.Now()
	c := s.insist(s.falls(reserved, s.atOnce()))

	s.becomes(c.reference, "completed")
	took := time.Since(began)
	require.Greater(s.t, took, 7*time.Second, "the lease was not respected")
	require.Less(s.t, took, 25*time.Second)
	s.Replicas[0].Start()
	s.requireBought(c)
}
