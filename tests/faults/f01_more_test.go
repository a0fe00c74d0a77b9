//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/app/fakeprovider"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const (
	claiming = "outbox.claiming"
	voided   = "checkout.voided"
	sweeping = "inventory.sweeping"
)

// done counts authorizations, captures and orders.
func (s stage) done(reference string) string {
	s.t.Helper()
	return fmt.Sprint(s.Provider.Count("authorize", reference), s.Provider.Count("capture", reference),
		s.IntOf("orders", `SELECT count(*) FROM orders.orders WHERE reference = $1`, reference))
}

// alone has the first server deliver everything while do runs.
func (s stage) alone(do func()) {
	s.t.Helper()
	s.Settle()
	for _, r := range s.Replicas[1:] {
		r.Plan(claiming, "pause")
	}
	do()
	for _, r := range s.Replicas[1:] {
		r.Release(claiming)
	}
}

func diesCapturing(s stage) {
	var c casualty
	s.alone(func() {
		c = s.recovers(point{"KP12", "payments.moved", `\w+ \w+ authorized, 1 1 1`}, s.byCart())
	})
	s.Redeliver()
	s.requireBought(c)
}

func diesBeforeTheRelayClaims(s stage) {
	var c casualty
	s.alone(func() { c = s.recovers(point{"KP10", claiming, `\w+ open authorized, 1 0 1`}, s.atOnce()) })
	s.requireBought(c)
}

// diesUndoing runs out of time when the payment was authorized. Who undoes that dies in the middle, and the next one goes on.
func diesUndoing(s stage) {
	c := s.falls(point{"KP13", "checkout.authorized", "authorizing open authorized, 1 0 0"}, s.byCart())
	const late = `UPDATE checkout.attempts SET deadline = now() - interval '1 minute', lease_until = now(), next_run_at = now() WHERE reference = $1`
	first, last := s.Replicas[0], s.Replicas[len(s.Replicas)-1]
	if last == first {
		s.exec(late, c.reference)
		last.Launch("RIALTO_FAILPOINTS=" + voided + "=kill")
	} else {
		last.Plan(voided, "kill")
		s.exec(late, c.reference)
	}
	last.WaitForDeath()
	require.Equal(s.t, "canceling open voided, 1 0 0", s.left(c.wish), "KP13: what the dead server left")
	require.Equal(s.t, []int{1, 0, 1}, s.money(c.reference))
	c = s.insist(c)
	s.exec(lapse)
	for _, r := range s.Replicas {
		r.Launch()
	}

	s.becomes(c.reference, "canceled")
	for _, r := range s.Replicas {
		r.AwaitReady()
	}
	answer := <-c.decided
	require.Equal(s.t, []any{http.StatusConflict, "checkout_canceled"}, []any{answer.Status, answer.Code()})
	s.requireNothing(c.reference)
	require.Equal(s.t, []int{1, 0, 1}, s.money(c.reference), "each was undone once")
}

// waiting is a checkout whose shopper has to act at the provider.
func (s stage) waiting() (w wish, reference, token string) {
	s.t.Helper()
	w = s.atOnce().paying("tok_action")
	answer, err := s.ask(0, w)
	require.NoError(s.t, err)
	require.Equal(s.t, http.StatusAccepted, answer.Status, "%s", answer.Raw)
	return w, answer.Body.Text("id"), answer.Body.Text("token")
}

func diesWithAnEvent(s stage) {
	w, reference, _ := s.waiting()
	held, found := s.Provider.Find(s.text(`SELECT id::text FROM payments.attempts WHERE reference = $1`, reference))
	require.True(s.t, found)
	s.Provider.Script(fakeprovider.Rule{NoEvents: true})
	s.Provider.Decide(held.ID, "authorized")
	held.Status = "authorized"
	id := shop.NewKey()
	event, err := json.Marshal(fakeprovider.Event{ID: id, Type: "authorization.authorized", Account: held.Account, Mode: held.Mode,
		Data: fakeprovider.EventData{Authorization: held}})
	require.NoError(s.t, err)
	s.Replicas[0].Plan("payments.event_stored", "kill")

	_, err = s.At(0).Try(http.MethodPost, shop.ProviderEvents, string(event), s.Provider.Signed(id, time.Now(), event)...)
	require.Error(s.t, err)
	s.Replicas[0].WaitForDeath()
	require.EqualValues(s.t, 1, s.Int(`SELECT count(*) FROM payments.provider_events WHERE event_id = $1`, id), "KP14: what the dead server left")
	s.Replicas[0].Start()

	s.requireBought(casualty{wish: w, reference: reference})
	require.Equal(s.t, "applied", s.text(`SELECT outcome FROM payments.provider_events WHERE event_id = $1`, id))
}

// diesSweeping ends three holds before their time. Whoever sweeps them first dies in the middle.
func diesSweeping(s stage) {
	tokens := map[string]string{}
	var references []string
	for range 3 {
		_, reference, token := s.waiting()
		tokens[reference] = token
		references = append(references, reference)
	}
	const open = `SELECT count(*) FROM inventory.holds WHERE state = 'open' AND reference = ANY($1)`
	first, others := s.Replicas[0], s.Replicas[1:]
	for _, r := range others {
		r.Plan(sweeping, "kill")
	}
	first.Kill()
	s.exec(`UPDATE inventory.holds SET hold_until = now() WHERE reference = ANY($1)`, references)
	first.Launch("RIALTO_FAILPOINTS=" + sweeping + "=kill")
	first.WaitForDeath()
	require.EqualValues(s.t, 3, s.Int(open, references), "KP15: what the dead server left")
	for _, r := range others {
		r.Restart()
	}
	first.Start()

	require.Eventually(s.t, func() bool { return s.Int(open, references) == 0 }, within, often)
	require.Zero(s.t, s.Int(`SELECT count(*) FROM inventory.reservations WHERE state = 'open' AND reference = ANY($1)`, references))
	for reference, token := range tokens {
		s.cancel(reference, token)
		s.requireNothing(reference)
	}
}

// cancel gives a checkout up as its shopper does, again and again while a lease that a dead server left keeps it.
func (s stage) cancel(reference, token string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		answer, err := s.Try(http.MethodPost, checkouts+"/"+reference+"/cancellation", nil, shop.Header{Name: "Checkout-Token", Value: token})
		return err == nil && answer.Status == http.StatusOK
	}, within, 10*often, "%s cannot be canceled", reference)
}
