package checkoutmod_test

import (
	"context"
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

func TestStaffGiveUpWhatNobodyCouldSayOfInTime(t *testing.T) {
	w := newWorld(t)
	_, publicID, reference, body := w.waiting(payments.StatusUnknown)
	w.pass(25 * time.Hour)
	w.recover()
	require.Equal(t, "review", w.status(reference))
	require.Equal(t, 403, w.giveUp(reference, "orders:read").status)
	require.Equal(t, 404, w.giveUp("co_lost", "orders:write").status)

	got := w.giveUp(reference, "orders:write")

	require.Equal(t, 200, got.status, got.raw)
	assert.Equal(t, "canceled", got.body["status"])
	assert.Equal(t, "checkout_canceled", got.body["failure_code"])
	assert.NotContains(t, got.body, "review_reason")
	assert.Contains(t, w.calls.writes(), "void")
	assert.EqualValues(t, 5, w.available("TEE-M"))
	assert.Equal(t, "checkout_canceled", w.post("key-1", body).body["code"], "a late retry orders nothing")
	w.calls.answer("")
	assert.Equal(t, 201, w.post("key-2", byCart(publicID)).status, "the cart can be ordered")
	w.verify()
}

func TestWhatStaffGiveUpGoesOnByItselfWhenAProviderIsAway(t *testing.T) {
	w := newWorld(t)
	_, _, reference, _ := w.waiting(payments.StatusUnknown)
	w.pass(25 * time.Hour)
	w.recover()
	w.calls.on(w.calls.before, "void", outage)

	away := w.giveUp(reference, "orders:write")
	require.Equal(t, 200, away.status, away.raw)
	assert.Equal(t, "canceling", away.body["status"])
	w.calls.calm()
	w.due()
	w.recover()

	assert.Equal(t, "canceled", w.status(reference))
	w.verify()
}

// Whoever has to send the money back, or the goods on, has to know what was agreed to.
func TestWhatWasPaidAfterStaffGaveItUpIsStillKnown(t *testing.T) {
	w := newWorld(t)
	_, _, reference, _ := w.waiting(payments.StatusUnknown)
	w.pass(25 * time.Hour)
	w.recover()
	w.calls.on(w.calls.before, "void", func(context.Context) error { return payments.ErrIllegalTransition })

	got := w.giveUp(reference, "orders:write")

	require.Equal(t, "review", got.body["status"], got.raw)
	require.Equal(t, "paid_without_an_order", got.body["review_reason"])
	assert.EqualValues(t, 1, w.count(`SELECT count(*) FROM checkout.attempts WHERE snapshot IS NOT NULL AND payment_token IS NULL`))
	w.calls.calm()
	require.Equal(t, "canceled", w.giveUp(reference, "orders:write").body["status"])
	assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts WHERE snapshot IS NOT NULL`), "nobody needs it any more")
}

// A refusal that came to a person, because not everything could be given back, stays the answer to its key.
func TestWhatWasDeclinedStaysDeclinedWhenStaffGiveItUp(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	body := byCart(publicID, byCard("tok_declined"))
	w.calls.on(w.calls.before, "thaw", outage)
	require.Equal(t, 503, w.post("key-1", body).status)
	reference := w.reference()
	w.pass(25 * time.Hour)
	w.recover()
	require.Equal(t, "review", w.status(reference))
	w.calls.calm()

	require.Equal(t, "canceled", w.giveUp(reference, "orders:write").body["status"])

	again := w.post("key-1", body)
	assert.Equal(t, 402, again.status, again.raw)
	w.verify()
}

// Somebody else has taken the checkout over, while who gave it up first was away for longer than a lease lasts.
func TestGivingUpWhatSomebodyElseHasTakenOverSaysSo(t *testing.T) {
	w := newWorld(t)
	_, _, reference, _ := w.waiting(payments.StatusUnknown)
	w.pass(25 * time.Hour)
	w.recover()
	w.calls.on(w.calls.after, "close", func(context.Context) error {
		w.exec(`UPDATE checkout.attempts SET lease_epoch = lease_epoch + 1, lease_until = now() + interval '10 seconds'`)
		return nil
	})

	got := w.giveUp(reference, "orders:write")

	assert.Equal(t, 409, got.status, got.raw)
	assert.Equal(t, "checkout_in_progress", got.body["code"])
}

func TestWhatStaffGiveUpCompletesWhenItsOrderExists(t *testing.T) {
	w := newWorld(t)
	reference, body := w.placedUnheard()
	w.exec(`UPDATE checkout.attempts SET status = 'review', review_reason = 'payment_unknown', payment_token = NULL, ends_at = NULL`)

	got := w.giveUp(reference, "orders:write")

	assert.Equal(t, "completed", got.body["status"], got.raw)
	assert.NotEmpty(t, got.body["order_id"])
	assert.NotContains(t, w.calls.writes(), "void")
	w.assertOneOfEach(w.post("key-1", body))
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
