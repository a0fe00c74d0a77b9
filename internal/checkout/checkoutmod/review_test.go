package checkoutmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
)

// placedUnheard is a checkout with an open payment whose order was placed by somebody who did not live to hear of it.
func (w *world) placedUnheard() (reference string, body map[string]any) {
	w.t.Helper()
	_, _, reference, body = w.waiting(payments.StatusUnknown)
	w.calls.answer("")
	w.calls.on(w.calls.after, "place", outage)
	w.due()
	w.recover()
	w.calls.calm()
	require.Equal(w.t, "payment_unknown", w.status(reference))
	require.Len(w.t, w.orders.placed, 1)
	return reference, body
}

func TestAnOrderThatExistsCompletesItsCheckoutThoughNobodyKnowsOfThePaymentInTime(t *testing.T) {
	shared := newWorld(t)
	for name, silence := range map[string]func(w *world){
		"payments do not know":     func(w *world) { w.calls.answer(payments.StatusUnknown) },
		"payments cannot be asked": func(w *world) { w.calls.on(w.calls.before, "attempt", outage) },
	} {
		t.Run(name, func(t *testing.T) {
			w := shared.again(t)
			reference, body := w.placedUnheard()
			silence(w)
			w.pass(24*time.Hour + time.Minute)

			w.recover()

			require.Equal(t, "completed", w.status(reference))
			w.calls.calm()
			w.calls.answer("")
			w.assertOneOfEach(w.post("key-1", body))
		})
	}
}

func TestAnOrderThatIsPlacedAtTheLastMomentAndNotAnsweredCompletesItsCheckout(t *testing.T) {
	w := newWorld(t)
	_, _, reference, body := w.waiting(payments.StatusUnknown)
	w.calls.answer("")
	w.calls.on(w.calls.after, "place", outage)
	w.pass(24*time.Hour + time.Minute)

	w.recover()

	assert.Equal(t, "completed", w.status(reference))
	w.assertOneOfEach(w.post("key-1", body))
}

func TestACheckoutIsNotLeftToAPersonBeforeItsOrderWasLookedFor(t *testing.T) {
	w := newWorld(t)
	_, _, reference, _ := w.waiting(payments.StatusUnknown)
	w.calls.on(w.calls.before, "by_reference", outage)
	w.pass(24*time.Hour + time.Minute)

	w.recover()
	require.Equal(t, "payment_unknown", w.status(reference))
	assert.Less(t, w.pause(), time.Minute)
	w.calls.calm()
	w.due()
	w.recover()

	assert.Equal(t, "review", w.status(reference))
}

// An older version of the program knows no ends of statuses: what it left open ends with its deadline.
func TestAnOpenPaymentOfAnOlderVersionDoesNotStayForEver(t *testing.T) {
	shared := newWorld(t)
	for standing, want := range map[string]string{
		payments.StatusAuthorized: "completed", payments.StatusDeclined: "canceled", payments.StatusUnknown: "review",
	} {
		t.Run(standing, func(t *testing.T) {
			w := shared.again(t)
			_, _, reference, _ := w.waiting(payments.StatusUnknown)
			w.exec(`UPDATE checkout.attempts SET ends_at = NULL, hold_until = NULL, next_run_at = now()`)
			w.recover()
			require.Equal(t, "payment_unknown", w.status(reference))
			w.calls.answer(standing)

			w.pass(21 * time.Minute)
			w.recover()

			assert.Equal(t, want, w.status(reference))
			w.verify()
		})
	}
}
