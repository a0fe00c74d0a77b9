//go:build faults

package faults

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	checkouts = "/store/v1/checkouts"
	// within is how long a shopper may feel that a server died.
	within = 60 * time.Second
	often  = 20 * time.Millisecond
	// basketLines is how many SKUs a shopper buys.
	basketLines = 5
)

// stage is a house on whose servers things go wrong, with what a case asks of it.
type stage struct {
	*shop.House
	t *testing.T
}

// open opens a house that sells a basket of goods.
func open(t *testing.T, setup shop.Setup) stage {
	t.Helper()
	setup.Failpoints, setup.Provider = true, true
	// All servers tell of one address, as behind a load balancer, so that all give the same answers.
	setup.Settings = append(setup.Settings, "RIALTO_BASE_URL=https://shop.example")
	h := shop.StartHouse(t, setup)
	for i := range basketLines {
		h.Offer(sku(i), 1000+int64(i))
		h.Restock(sku(i), 100_000)
	}
	h.Settle()
	return stage{House: h, t: t}
}

func (s stage) in(t *testing.T) stage { return stage{House: s.In(t), t: t} }

func sku(i int) string { return fmt.Sprintf("GOODS-%d", i) }

// basket is five lines.
func basket() []shop.Object {
	lines := make([]shop.Object, basketLines)
	for i := range lines {
		lines[i] = shop.Line(sku(i), 1+int64(i%2))
	}
	return lines
}

// wish is an order that a shopper asks for with one key, however often.
type wish struct {
	key     string
	body    shop.Object
	headers []shop.Header
}

func (s stage) byCart() wish {
	s.t.Helper()
	cart := s.Fill(basket()...)
	return wish{key: shop.NewKey(), body: shop.Object{"cart_id": cart.ID, "payment": shop.Pays()}, headers: []shop.Header{shop.CartToken(cart.Token)}}
}

func (s stage) atOnce() wish {
	return wish{key: shop.NewKey(), body: shop.AtOnce(basket()...)}
}

// paying is the same wish, paid for in another way.
func (w wish) paying(token string) wish {
	w.body["payment"] = shop.Object{"method": "fake", "token": token}
	return w
}

// ask asks once, at replica i.
func (s stage) ask(i int, w wish) (shop.Answer, error) {
	return s.At(i).Try(http.MethodPost, checkouts, w.body, append(w.headers[:len(w.headers):len(w.headers)], shop.Once(w.key))...)
}

// text is one text from the database.
func (s stage) text(query string, args ...any) string {
	s.t.Helper()
	return s.textOf("checkout", query, args...)
}

// textOf is one text from the database that holds a module.
func (s stage) textOf(module, query string, args ...any) string {
	s.t.Helper()
	var found string
	require.NoError(s.t, s.Of(module).Get(s.t.Context(), &found, query, args...))
	return found
}

func (s stage) exec(query string, args ...any) {
	s.t.Helper()
	_, err := s.Admin().Exec(s.t.Context(), query, args...)
	require.NoError(s.t, err)
}

// reference is what other modules know the checkout by that a key made; empty when there is none.
func (s stage) reference(w wish) string {
	s.t.Helper()
	return s.text(`SELECT coalesce((SELECT reference FROM checkout.attempts WHERE idempotency_key = $1), '')`, w.key)
}

// status is where a checkout stands.
func (s stage) status(reference string) string {
	s.t.Helper()
	return s.text(`SELECT status FROM checkout.attempts WHERE reference = $1`, reference)
}

// becomes waits until a checkout is where it is wanted.
func (s stage) becomes(reference, status string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.status(reference) == status }, within, often, "%s is %s", reference, s.status(reference))
}

// requireOrder wants one order of a checkout, told of once, with its goods kept and its money taken once.
func (s stage) requireOrder(reference string) {
	s.t.Helper()
	require.Equal(s.t, "completed confirmed captured, 5 lines kept, 1 orders told 1 times", s.world(reference))
	require.Equal(s.t, []int{1, 1, 0}, s.money(reference), "%s: authorizations, captures and voids", reference)
}

// requireNothing wants a checkout that ended without an order, with nothing kept and no money taken.
func (s stage) requireNothing(reference string) {
	s.t.Helper()
	require.Regexp(s.t, `^canceled (released|expired) (voided|expired), 0 lines kept, 0 orders told 0 times$`, s.world(reference))
	require.Zero(s.t, s.Provider.Count("capture", reference))
}

// world is what all modules say of a checkout.
func (s stage) world(reference string) string {
	s.t.Helper()
	return fmt.Sprintf("%s, %d lines kept, %d orders told %d times", s.standings(reference),
		s.IntOf("inventory", `SELECT count(*) FROM inventory.reservations WHERE reference = $1 AND state IN ('open', 'allocated')`, reference),
		s.IntOf("orders", `SELECT count(*) FROM orders.orders WHERE reference = $1`, reference),
		s.IntOf("orders", `SELECT count(*) FROM orders.outbox_events WHERE name = 'orders.order_placed.v1' AND payload->>'reference' = $1`, reference))
}

// standings are those of a checkout, its hold and its payment.
func (s stage) standings(reference string) string {
	s.t.Helper()
	of := func(module, query, otherwise string) string {
		found := s.textOf(module, `SELECT coalesce((`+query+`), '')`, reference)
		if found == "" {
			return otherwise
		}
		return found
	}
	return of("checkout", `SELECT status FROM checkout.attempts WHERE reference = $1`, "unknown") + " " +
		of("inventory", `SELECT state FROM inventory.holds WHERE reference = $1`, "unheld") + " " +
		of("payments", `SELECT status FROM payments.attempts WHERE reference = $1`, "unasked")
}

// money counts what the provider did for a checkout.
func (s stage) money(reference string) []int {
	s.t.Helper()
	return []int{s.Provider.Count("authorize", reference), s.Provider.Count("capture", reference), s.Provider.Count("void", reference)}
}
