//go:build faults

package faults

import (
	"net/http"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const commit = "sqldb.committing"

// cut is a way to lose a line while a server waits for the answer to its COMMIT.
type cut struct {
	name string
	cut  func(line *shop.Proxy)
	// takesEffect tells whether PostgreSQL hears the COMMIT.
	takesEffect bool
}

func cuts() []cut {
	return []cut{
		{"before it arrives", func(line *shop.Proxy) { line.Cut() }, false},
		{"when its answer is on the way", func(line *shop.Proxy) { line.LoseAnswer() }, true},
		{"by a reset at its answer", func(line *shop.Proxy) { line.ResetPeer() }, true},
	}
}

// statements are places of a checkout after which the next thing is a statement that is a transaction of its own. The one
// transaction of several statements, which records what the provider said, has the place before COMMIT.
func statements() []string {
	return []string{"checkout.beginning", "checkout.leased", "inventory.reserved", "checkout.authorized", "checkout.placed"}
}

// committing cuts the line at the commits of shoppers' requests, in each way.
func committing(s stage) {
	s.Settle()
	server := s.Replicas[0]
	// Nobody asks the database but shoppers.
	server.Plan(claiming, "pause")
	s.Provider.Script(fakeprovider.Rule{Op: "authorize", NoEvents: true})
	s.t.Cleanup(func() {
		server.Release(claiming)
		s.Provider.ClearScript()
	})
	var all, orders []visit
	for _, c := range cuts() {
		all = append(all, s.cutsCollecting(c))
		bought, _ := s.interrupted(commit, c, buy)
		orders = append(orders, bought)
	}
	for _, place := range statements() {
		bought, _ := s.interrupted(place, cuts()[1], buy)
		orders = append(orders, bought)
	}
	server.Release(claiming)

	tr := &traffic{stage: s}
	tr.requireHonest(append(all, orders...))
	tr.requireOnce(append(all, orders...))
	s.Quiesce(within)
	for _, v := range orders {
		s.requireOrder(s.reference(v.wish))
	}
	s.CheckAll()
}

// cutsCollecting cuts the line at the one commit of a request that makes a cart, and asks again with the same key.
func (s stage) cutsCollecting(c cut) visit {
	s.t.Helper()
	const query = `SELECT count(*) FROM cart.carts`
	before, made := s.Int(query), int64(0)
	if c.takesEffect {
		made = 1
	}
	v, spared := s.interrupted(commit, c, collect)
	before += spared
	require.Equal(s.t, before+made, s.Int(query), "cut %s: carts", c.name)
	first := s.Must(http.StatusCreated, http.MethodPost, carts, v.wish.body, shop.Once(v.wish.key))
	again := s.Must(http.StatusCreated, http.MethodPost, carts, v.wish.body, shop.Once(v.wish.key))
	require.Equal(s.t, string(first.Raw), string(again.Raw))
	require.Equal(s.t, before+1, s.Int(query), "cut %s and asked for again: carts", c.name)
	return v
}

// interrupted cuts the line when a shopper's request has come to a place. The shopper is told to come back, or what the
// server finds when it looks what has become of the request. Should somebody else have been cut, it tries again with another
// shopper; spared counts those who noticed nothing.
func (s stage) interrupted(place string, c cut, kind string) (v visit, spared int64) {
	s.t.Helper()
	const tries = 5
	server := s.Replicas[0]
	defer server.Proxy.Clear()
	for ; spared < tries; spared++ {
		v = s.cutAt(server, place, c, kind)
		server.Proxy.Clear()
		require.NoError(s.t, v.err)
		require.Eventually(s.t, server.Ready, recovery, often)
		s.t.Logf("%s at %s cut %s: %d %s after %s", kind, place, c.name, v.said.Status, v.said.Code(), v.took)
		if !v.done() {
			require.Contains(s.t, []int{http.StatusServiceUnavailable, http.StatusAccepted}, v.said.Status, "%s", v.said.Raw)
			return v, spared
		}
		if v.said.Header.Get("Idempotency-Replayed") == "true" {
			require.True(s.t, c.takesEffect)
			return v, spared
		}
	}
	require.Fail(s.t, "nobody notices", "%s at %s cut %s", kind, place, c.name)
	return v, spared
}

func (s stage) cutAt(server *shop.Replica, place string, c cut, kind string) visit {
	s.t.Helper()
	server.Plan(place, "pause", shop.Times(1))
	defer server.Release(place)
	answered := make(chan visit, 1)
	go func() {
		tr := &traffic{stage: s}
		tr.come(kind)
		answered <- tr.visits[0]
	}()
	server.WaitFor(place)
	c.cut(server.Proxy)
	server.Release(place)
	return <-answered
}
