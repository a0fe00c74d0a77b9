//go:build faults

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

func TestF23RelaysDieAndTransactionsLast(t *testing.T) {
	s := open(t, shop.Setup{Replicas: 2})
	t.Run("F24 an event whose transaction lasts is delivered after its commit, and others before", func(t *testing.T) { lasts(s.in(t)) })
	t.Run("F01 the shop is down for a day and a half before anybody heard of an order", func(t *testing.T) { downForLong(s.in(t)) })
	t.Run("F23 relays that die in the middle of a batch lose nothing", func(t *testing.T) { relaysDie(s.in(t)) })
}

// lasts keeps a transaction of the first server open that has written events, while both servers commit later ones.
func lasts(s stage) {
	const committing = "sqldb.committing"
	product := func(sku string) shop.Object {
		return shop.Object{"title": "Product " + sku, "status": "active", "variants": []shop.Object{{"sku": sku}}}
	}
	known := func(sku string) bool {
		return s.Int(`SELECT count(*) FROM inventory.stock_items WHERE sku = $1 AND variant_id IS NOT NULL`, sku) == 1
	}
	create := func(i int, sku string) (shop.Answer, error) {
		return s.At(i).Try(http.MethodPost, "/admin/v1/products", product(sku), shop.Key(s.Owner))
	}
	const writing = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%catalog.%'`
	s.Replicas[0].Plan(committing, "pause", shop.Times(1))
	created := make(chan shop.Answer, 1)
	go func() {
		answer, _ := create(0, "LASTING")
		created <- answer
	}()
	require.Eventually(s.t, func() bool { return s.Int(writing) == 1 }, within, often, "the transaction is not open")
	require.Empty(s.t, created)

	// A server wakes its own relay first, so both relays have delivered what is later.
	for i := range 8 {
		sku := fmt.Sprintf("LATER-%d", i)
		answer, err := create(i%2, sku)
		require.NoError(s.t, err)
		require.Equal(s.t, http.StatusCreated, answer.Status, "%s", answer.Raw)
		require.Eventually(s.t, func() bool { return known(sku) }, within, often, "the others wait for it")
	}
	require.False(s.t, known("LASTING"), "nobody is told before the commit")
	require.EqualValues(s.t, 1, s.Int(writing), "the transaction is still open")
	s.Replicas[0].Release(committing)

	require.Equal(s.t, http.StatusCreated, (<-created).Status)
	require.Eventually(s.t, func() bool { return known("LASTING") }, within, often, "its event was passed over")
	s.Settle()
}

// downForLong ends both servers before the events of orders are delivered, and starts them again when the checkouts would long
// be over: the time is taken from the ends of what is held.
func downForLong(s stage) {
	const passed = 36 * time.Hour
	s.Plan(claiming, "error")
	var bought []casualty
	for i := range s.Replicas {
		for _, w := range []wish{s.byCart(), s.atOnce()} {
			answer, err := s.ask(i, w)
			require.NoError(s.t, err)
			require.Equal(s.t, http.StatusCreated, answer.Status, "%s", answer.Raw)
			bought = append(bought, casualty{wish: w, reference: answer.Body.Text("id")})
		}
	}
	for _, r := range s.Replicas {
		r.Kill()
	}
	s.exec(`UPDATE inventory.holds SET hold_until = hold_until - make_interval(secs => $1)`, passed.Seconds())
	s.exec(`UPDATE cart.freezes SET until = until - make_interval(secs => $1)`, passed.Seconds())
	s.exec(`UPDATE checkout.attempts SET deadline = deadline - make_interval(secs => $1), hold_until = hold_until - make_interval(secs => $1)`, passed.Seconds())
	for _, r := range s.Replicas {
		r.Start()
	}

	s.Quiesce(within)
	for _, c := range bought {
		s.requireBought(c)
	}
	require.Zero(s.t, s.Int(`SELECT count(*) FROM inventory.reviews`), "every hold was still there")
	s.CheckAll()
}

// deaths is how often a relay dies.
const deaths = 20

// relaysDie kills one relay after the other, before it claims and between handling a batch and saying so, while shoppers
// buy.
func relaysDie(s stage) {
	random := shop.Seed(s.t)
	closed, shut := context.WithCancel(context.Background())
	var (
		buyers sync.WaitGroup
		mu     sync.Mutex
		bought []string
	)
	for i := range 4 {
		buyers.Go(func() {
			for closed.Err() == nil {
				w := s.atOnce()
				answer, err := s.Decide(w.body, w.key, within)
				mu.Lock()
				if err != nil || answer.Status != http.StatusCreated {
					s.t.Errorf("buyer %d: %d %s %v", i, answer.Status, answer.Raw, err)
				}
				bought = append(bought, answer.Body.Text("id"))
				mu.Unlock()
			}
		})
	}
	for n := range deaths {
		s.relayDies(s.Replicas[n%2], random)
	}
	shut()
	buyers.Wait()
	s.Quiesce(within)

	require.EqualValues(s.t, len(bought), s.Int(`SELECT count(*) FROM orders.orders WHERE reference = ANY($1)`, bought))
	require.EqualValues(s.t, len(bought), s.Int(`SELECT count(*) FROM orders.orders o JOIN inventory.holds h USING (reference) JOIN payments.attempts p USING (reference)
		WHERE reference = ANY($1) AND h.state = 'confirmed' AND p.status = 'captured' AND o.payment_status = 'paid'`, bought), "everybody who had to know knows")
	require.Zero(s.t, s.Int(`SELECT (SELECT count(*) FROM orders.outbox_deliveries) + (SELECT count(*) FROM payments.outbox_deliveries)`), "none is dead")
	require.Equal(s.t, s.Provider.Count("authorize", ""), s.Provider.Count("capture", ""))
	s.t.Logf("%d relays died, %d orders", deaths, len(bought))
	s.CheckAll()
}

func (s stage) relayDies(victim *shop.Replica, random *rand.Rand) {
	s.t.Helper()
	places := []string{"outbox.handled", "outbox.handled", claiming, "payments.moved"}
	victim.Plan(places[random.IntN(len(places))], "kill", shop.Skip(random.IntN(4)))
	victim.WaitForDeath()
	victim.Start()
}
