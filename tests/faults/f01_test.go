//go:build faults

package faults

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// point is a place of the kill matrix, and what a server that dies there leaves behind.
type point struct {
	kp, place string
	// left is a pattern for stage.left.
	left string
}

// inserting is KP02: nothing is left, so whoever comes back need not wait for a lease.
func inserting() point { return point{"KP02", "checkout.beginning", "nothing, 0 0 0"} }

// points are those of a checkout that leave a lease behind, which ends after 10 s.
func points() []point {
	return []point{
		{"KP01", "checkout.begun", "started unheld unasked, 0 0 0"},
		{"KP03", "inventory.reserved", "started open unasked, 0 0 0"},
		{"KP04", "payments.submitted", "authorizing open submitted, 0 0 0"},
		{"KP05", "payments.answered_unread", "authorizing open submitted, 1 0 0"},
		{"KP06", "payments.answered", "authorizing open submitted, 1 0 0"},
		{"KP07", "checkout.authorized", "authorizing open authorized, 1 0 0"},
		{"KP08", "orders.placing", "authorizing open authorized, 1 0 0"},
		{"KP09", "checkout.placed", "authorizing (open|confirmed) (authorized|captured), 1 [01] 1"},
	}
}

// left tells what there is of a checkout: attempt, hold and payment, and how many authorizations, captures and orders.
func (s stage) left(w wish) string {
	s.t.Helper()
	reference := s.reference(w)
	if reference == "" {
		return "nothing, 0 0 0"
	}
	return s.standings(reference) + ", " + s.done(reference)
}

// casualty is a checkout during which a server died.
type casualty struct {
	point
	wish
	reference string
	victim    *shop.Replica
	// decided is what its shopper was told in the end; nil when the shopper did not come back.
	decided <-chan shop.Answer
}

// falls has the process of a place die there while the first server serves a shopper.
func (s stage) falls(p point, w wish) casualty {
	s.t.Helper()
	victim, told := s.Home(p.place, 0), make(chan struct{})
	victim.Plan(p.place, "kill")
	go func() {
		defer close(told)
		_, _ = s.ask(0, w)
	}()
	victim.WaitForDeath()
	<-told
	require.Regexp(s.t, "^"+p.left+"$", s.left(w), "%s: what the dead server left", p.kp)
	return casualty{point: p, wish: w, reference: s.reference(w), victim: victim}
}

// insist lets the shopper ask again and again until the answer is final.
func (s stage) insist(c casualty) casualty {
	decided := make(chan shop.Answer, 1)
	go func() {
		answer, _ := s.Decide(c.body, c.key, within, c.headers...)
		decided <- answer
	}()
	c.decided = decided
	return c
}

// recovers is falls with a server that is started again while its shopper insists.
func (s stage) recovers(p point, w wish) casualty {
	s.t.Helper()
	c := s.insist(s.falls(p, w))
	c.victim.Start()
	return c
}

// requireBought wants a casualty to have come to its one order, and its shopper to be told of it in the same words always.
func (s stage) requireBought(c casualty) {
	s.t.Helper()
	if c.reference == "" {
		s.becomesKnown(&c)
	}
	s.becomes(c.reference, "completed")
	s.Settle()
	s.requireOrder(c.reference)
	again, err := s.ask(0, c.wish)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusCreated, again.Status, "%s", again.Raw)
	require.Equal(s.t, c.reference, again.Body.Text("id"))
	if c.decided != nil {
		answer := <-c.decided
		require.Equal(s.t, http.StatusCreated, answer.Status, "%s", answer.Raw)
		require.Equal(s.t, string(answer.Raw), string(again.Raw))
	}
}

func (s stage) becomesKnown(c *casualty) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		c.reference = s.reference(c.wish)
		return c.reference != ""
	}, within, often, "nobody came back")
}

// matrix has the first server die at one place after the other; the leases that it leaves end meanwhile.
func matrix(t *testing.T, s stage, shopper string, wishes func(i int) wish, die func(i int, c casualty) casualty) {
	name := func(p point) string { return "F01 " + p.kp + " " + p.place + ", " + shopper }
	t.Run(name(inserting()), func(t *testing.T) {
		s := s.in(t)
		s.requireBought(s.recovers(inserting(), wishes(0)))
	})
	var fallen []casualty
	for i, p := range points() {
		c := die(i, s.falls(p, wishes(i)))
		c.victim.Start()
		fallen = append(fallen, c)
	}
	for _, c := range fallen {
		t.Run(name(c.point), func(t *testing.T) { s.in(t).requireBought(c) })
	}
}

// elsewhere has servers die outside of a checkout's steps.
func elsewhere(t *testing.T, s stage, which string) {
	t.Run("F01 KP10 outbox.claiming, "+which, func(t *testing.T) { diesBeforeTheRelayClaims(s.in(t)) })
	t.Run("F01 KP12 payments.moved, "+which, func(t *testing.T) { diesCapturing(s.in(t)) })
	t.Run("F01 KP13 checkout.voided, "+which, func(t *testing.T) { diesUndoing(s.in(t)) })
	t.Run("F01 KP15 inventory.sweeping, "+which, func(t *testing.T) { diesSweeping(s.in(t)) })
	t.Run("F01 KP14 payments.event_stored, "+which, func(t *testing.T) { diesWithAnEvent(s.in(t)) })
	s.Redeliver() // because the house waits for what the dead were delivering when it ends
}

func TestF01OneOfTwoServersDies(t *testing.T) {
	s := open(t, shop.Setup{Replicas: 2})
	// Without events, only the server that asked the provider knows the answer.
	s.Provider.Script(fakeprovider.Rule{Op: "authorize", NoEvents: true})

	everyoneInsists := func(_ int, c casualty) casualty { return s.insist(c) }
	matrix(t, s, "a cart", func(int) wish { return s.byCart() }, everyoneInsists)
	matrix(t, s, "lines at once", func(int) wish { return s.atOnce() }, everyoneInsists)
	elsewhere(t, s, "one of two")
}

// TestF01TheOnlyServerDies has every other shopper leave for good, so that nobody but the server itself finishes.
func TestF01TheOnlyServerDies(t *testing.T) {
	s := open(t, shop.Setup{})

	shapes := []func() wish{s.byCart, s.atOnce}
	matrix(t, s, "the only server", func(i int) wish { return shapes[i%2]() }, func(i int, c casualty) casualty {
		if i%2 == 0 {
			return s.insist(c)
		}
		return c
	})
	elsewhere(t, s, "the only server")
}

// TestF01AModulesProcessDies has inventory and payments in processes of their own: whoever a place is in dies there, and the
// others go on.
func TestF01AModulesProcessDies(t *testing.T) {
	s := open(t, shop.Setup{Apart: [][]string{{"inventory"}, {"payments"}}})
	shapes := []func() wish{s.byCart, s.atOnce}
	for i, p := range append(points(), inserting()) {
		t.Run("F01 "+p.kp+" "+p.place+", two modules apart", func(t *testing.T) {
			s := s.in(t)
			s.requireBought(s.recovers(p, shapes[i%2]()))
		})
	}
}

// TestF01BothServersDie leaves nobody for longer than a lease lasts. The second time the leases are ended by hand.
func TestF01BothServersDie(t *testing.T) {
	s := open(t, shop.Setup{Replicas: 2})
	// Without events, the server that dies last cannot be told what the first one was told.
	s.Provider.Script(fakeprovider.Rule{Op: "authorize", NoEvents: true})
	byPlace := map[string]point{}
	for _, p := range points() {
		byPlace[p.kp] = p
	}
	t.Run("F01 KP03 and KP09 at once", func(t *testing.T) { bothDie(s.in(t), byPlace["KP03"], byPlace["KP09"], func() {}) })
	t.Run("F01 KP05 and KP08 at once", func(t *testing.T) { bothDie(s.in(t), byPlace["KP05"], byPlace["KP08"], func() { s.exec(lapse) }) })
}

func bothDie(s stage, first, second point, passTime func()) {
	s.Settle()
	// The other server, on which the second shopper's server dies, has to see nothing of the first shopper.
	one := s.insist(s.falls(first, s.byCart()))
	swapped := s
	house := *s.House
	house.Replicas = []*shop.Replica{s.Replicas[1], s.Replicas[0]}
	swapped.House = &house
	other := s.insist(swapped.falls(second, s.atOnce()))
	passTime()
	require.Eventually(s.t, func() bool {
		return s.Int(`SELECT count(*) FROM checkout.attempts WHERE lease_until > now()`) == 0
	}, within, often)

	for _, r := range s.Replicas {
		r.Launch()
	}
	for _, r := range s.Replicas {
		r.AwaitReady()
	}

	s.requireBought(one)
	s.requireBought(other)
}
