package checkoutmod_test

import (
	"context"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
)

// crash posts and loses the process at the place where the journal panics.
func (w *world) crash(key string, body map[string]any) {
	w.t.Helper()
	require.Panics(w.t, func() { w.post(key, body) }, "the crash did not happen")
	w.calls.calm()
	w.lapse()
}

// lapse lets the leases of dead processes end.
func (w *world) lapse() {
	w.exec(`UPDATE checkout.attempts SET lease_until = now() - interval '1 second', next_run_at = now() - interval '1 second'
		WHERE status NOT IN ('completed', 'canceled', 'review')`)
}

// pass lets time go by, for everybody: what was to happen later than now is so much nearer.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.ahead.Add(int64(d))
	_, err := w.db.Admin().Exec(w.t.Context(), `UPDATE checkout.attempts SET deadline = deadline - $1 * interval '1 second',
		ends_at = ends_at - $1 * interval '1 second', hold_until = hold_until - $1 * interval '1 second',
		next_run_at = next_run_at - $1 * interval '1 second', lease_until = lease_until - $1 * interval '1 second'`, d.Seconds())
	require.NoError(w.t, err)
}

// recover lets recovery do what is due now.
func (w *world) recover() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	require.NoError(w.t, w.module.Recover(ctx))
	require.NoError(w.t, ctx.Err(), "recovery found something to do all the time")
}

// tell announces that the payment of a checkout has changed.
func (w *world) tell(references ...string) {
	w.t.Helper()
	require.NoError(w.t, w.tries(references...))
}

// tries is tell that may be in vain, and then has to be repeated.
func (w *world) tries(references ...string) error {
	_, err := w.module.Service().Advance(w.t.Context(), checkout.AdvanceRequest{References: references})
	return err
}

// mustComeAgain is tell that has to be repeated.
func (w *world) mustComeAgain(references ...string) {
	w.t.Helper()
	assert.Error(w.t, w.tries(references...), "the event comes again")
}

func (w *world) status(reference string) string {
	w.t.Helper()
	var status string
	require.NoError(w.t, w.db.Admin().Get(w.t.Context(), &status, `SELECT status FROM checkout.attempts WHERE reference = $1`, reference))
	return status
}

// reference is that of the only attempt.
func (w *world) reference() string {
	w.t.Helper()
	var reference string
	require.NoError(w.t, w.db.Admin().Get(context.Background(), &reference, `SELECT reference FROM checkout.attempts`))
	return reference
}

// assertNothingHeld is what must hold of a checkout that ended without an order.
func (w *world) assertNothingHeld(cartID string) {
	w.t.Helper()
	assert.EqualValues(w.t, 5, w.available("TEE-M"))
	assert.Equal(w.t, cart.StatusOpen, w.cartStatus(cartID))
	assert.Empty(w.t, w.orders.placed)
	assert.Zero(w.t, w.count(`SELECT count(*) FROM checkout.attempts WHERE status <> 'canceled'`))
	w.verify()
}
