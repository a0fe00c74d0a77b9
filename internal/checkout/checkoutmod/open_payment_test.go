package checkoutmod_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/payments"
)

func (w *world) held() time.Duration {
	w.t.Helper()
	var seconds float64
	require.NoError(w.t, w.db.Admin().Get(w.t.Context(), &seconds,
		`SELECT extract(epoch FROM hold_until - now())::float8 FROM checkout.attempts`))
	return time.Duration(seconds * float64(time.Second))
}

func TestAnOpenPaymentHoldsStockAndCartForADay(t *testing.T) {
	w := newWorld(t)
	cartID, _, reference, body := w.waiting(payments.StatusUnknown)

	assert.Greater(t, w.held(), 25*time.Hour)
	shown := w.get(reference, byCartToken(cartToken))
	ends, err := time.Parse(time.RFC3339, shown.body["expires_at"].(string))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(24*time.Hour), ends, time.Minute)

	w.pass(23 * time.Hour)
	w.recover()
	assert.Equal(t, "payment_unknown", w.status(reference), "long past the deadline of the checkout")
	assert.EqualValues(t, 4, w.available("TEE-M"))
	assert.Equal(t, cart.StatusCheckingOut, w.cartStatus(cartID))
	w.verify()

	w.calls.answer("")
	w.tell(reference)
	w.assertOneOfEach(w.post("key-1", body))
}

func TestAPaymentThatStaysOpenForADayIsLeftToAPerson(t *testing.T) {
	for _, by := range []string{"recovery", "event", "request"} {
		t.Run(by, func(t *testing.T) {
			w := newWorld(t)
			_, publicID, reference, body := w.waiting(payments.StatusUnknown)
			w.calls.clear()
			w.pass(24*time.Hour + time.Minute)

			switch by {
			case "recovery":
				w.recover()
			case "event":
				w.tell(reference)
			default:
				w.post("key-1", body)
			}

			assert.Equal(t, "review", w.status(reference))
			assert.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts
				WHERE review_reason = 'payment_unknown' AND snapshot IS NOT NULL AND payment_token IS NULL`))
			for _, undo := range []string{"close", "void", "release", "thaw"} {
				assert.NotContains(t, w.calls.writes(), undo, "stock and money wait for the person")
			}
			assert.Equal(t, 202, w.post("key-1", body).status)
			assert.Equal(t, "checkout_in_progress", w.post("key-2", byCart(publicID)).body["code"])
			w.verify()
		})
	}
}

func TestF13AProviderThatDoesNotAnswerInTimeLeavesThePaymentOpen(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	body := byCart(publicID, byCard("tok_success"))
	w.calls.on(w.calls.after, "authorize", hangs)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()

	got := w.send(ctx, http.MethodPost, "/store/v1/checkouts",
		map[string]string{"Idempotency-Key": "key-1", "Cart-Token": cartToken}, body)

	require.Equal(t, 202, got.status, got.raw)
	assert.Equal(t, "payment_unknown", got.body["status"])
	assert.NoError(t, ctx.Err(), "in time")
	assert.EqualValues(t, 4, w.available("TEE-M"), "the hold is kept")
	assert.Greater(t, w.held(), 25*time.Hour)
	w.calls.calm()

	w.tell(w.reference())

	w.assertOneOfEach(w.post("key-1", body))
}

func TestF14APaymentThatTurnsOutDeclinedIsUndoneAndAnsweredAsOne(t *testing.T) {
	w := newWorld(t)
	cartID, publicID, reference, body := w.waiting(payments.StatusUnknown)
	w.calls.answer(payments.StatusDeclined)
	w.calls.clear()

	w.tell(reference)

	w.assertNothingHeld(cartID)
	assert.Equal(t, []string{"reserve", "authorize", "close", "void", "release", "thaw"}, w.calls.writes())
	declined := w.post("key-1", body)
	assert.Equal(t, 402, declined.status, declined.raw)
	assert.Equal(t, "do_not_honor", declined.body["decline_code"])
	assert.Equal(t, declined.raw, w.post("key-1", body).raw, "to the byte")
	w.calls.answer("")
	assert.Equal(t, 201, w.post("key-2", byCart(publicID)).status, "the shopper may try again")
}

func TestAnExpiredPaymentIsUndone(t *testing.T) {
	w := newWorld(t)
	cartID, _, reference, body := w.waiting(payments.StatusUnknown)
	w.calls.answer(payments.StatusExpired)

	w.tell(reference)

	w.assertNothingHeld(cartID)
	assert.Equal(t, "checkout_canceled", w.post("key-1", body).body["code"])
}

func TestWhatCannotBeHeldForLongerIsVoidedAndCanceled(t *testing.T) {
	shared := newWorld(t)
	for name, refusal := range map[string]struct {
		call string
		err  error
	}{"the stock": {"extend", inventory.ErrHoldExpired}, "the cart": {"freeze", cart.ErrReferenceClosed}} {
		t.Run(name, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			cartID, publicID := w.putCart(line("TEE-M", 1))
			w.calls.answer(payments.StatusUnknown)
			w.calls.on(w.calls.after, "authorize", doing(func() { w.calls.on(w.calls.before, refusal.call, fails(refusal.err)) }))

			got := w.post("key-1", byCart(publicID, byCard("tok_success")))

			assert.Equal(t, 409, got.status, got.raw)
			assert.Equal(t, "checkout_canceled", got.body["code"])
			assert.Contains(t, w.calls.writes(), "void")
			w.assertNothingHeld(cartID)
		})
	}
}

// An outage after the provider may have heard of the payment: nobody can say for two minutes, so it counts as open.
func TestAPaymentThatNobodyCanAskAboutIsOpenAfterTwoMinutes(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	body := byCart(publicID, byCard("tok_success"))
	w.calls.on(w.calls.after, "authorize", outage)
	require.Equal(t, 503, w.post("key-1", body).status)
	require.Equal(t, "authorizing", w.status(w.reference()))
	w.due()
	w.recover()
	require.Equal(t, "authorizing", w.status(w.reference()))

	w.pass(2*time.Minute + time.Second)
	w.recover()

	assert.Equal(t, "payment_unknown", w.status(w.reference()))
	assert.Greater(t, w.held(), 25*time.Hour)
	w.calls.calm()
	w.due()
	w.recover()
	w.assertOneOfEach(w.post("key-1", body))
}

// After a crash in the middle of it, recovery asks for the payment again for two minutes, before it counts as open.
func TestRecoveryAsksAgainForAPaymentThatBrokeOff(t *testing.T) {
	shared := newWorld(t)
	for _, c := range []struct {
		name, standing string
		after          time.Duration
		want           string
	}{
		{"soon", payments.StatusUnknown, time.Second, "authorizing"},
		{"being asked elsewhere", payments.StatusSubmitted, time.Second, "authorizing"},
		{"after two minutes", payments.StatusUnknown, 2*time.Minute + time.Second, "payment_unknown"},
		{"the shopper has to act", payments.StatusActionRequired, time.Second, "action_required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			body := byCart(publicID, byCard("tok_success"))
			w.calls.on(w.calls.before, "authorize", crashes)
			w.crash("key-1", body)
			w.calls.answer(c.standing)
			w.pass(c.after)
			w.due()

			w.recover()

			assert.Equal(t, c.want, w.status(w.reference()))
			w.calls.answer("")
			w.due()
			w.recover()
			w.assertOneOfEach(w.post("key-1", body))
		})
	}
}

func TestRecoveryDoesNotAskTheProviderAboutAnOpenPayment(t *testing.T) {
	w := newWorld(t)
	_, _, reference, _ := w.waiting(payments.StatusUnknown)
	w.calls.clear()

	for range 3 {
		w.due()
		w.recover()
	}
	w.tell(reference)

	assert.Empty(t, w.calls.writes())
	assert.Greater(t, w.pause(), 4*time.Second)
	assert.Equal(t, "payment_unknown", w.status(reference))
}
