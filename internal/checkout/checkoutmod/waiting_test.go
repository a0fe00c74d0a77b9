package checkoutmod_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// waiting is a checkout by card that waits, with payments standing at a status.
func (w *world) waiting(standing string) (cartID, publicID, reference string, body map[string]any) {
	w.t.Helper()
	w.putStock("TEE-M", 5)
	cartID, publicID = w.putCart(line("TEE-M", 1))
	body = byCart(publicID, byCard("tok_success"))
	w.calls.answer(standing)
	got := w.post("key-1", body)
	require.Equal(w.t, 202, got.status, got.raw)
	return cartID, publicID, got.body["id"].(string), body
}

func TestAShopperWhoHasToActIsToldWhatToDo(t *testing.T) {
	w := newWorld(t)
	_, publicID, reference, body := w.waiting(payments.StatusActionRequired)

	shown := w.get(reference, checkoutToken(w.checkoutToken(reference)))
	again := w.post("key-1", body)

	for _, got := range []answer{shown, again} {
		assert.Equal(t, "action_required", got.body["status"])
		action := got.body["action"].(map[string]any)
		assert.Equal(t, "redirect", action["type"])
		assert.Equal(t, "https://pay.example/41", action["url"])
		assert.NotEmpty(t, action["expires_at"])
		assert.Equal(t, w.checkoutToken(reference), got.body["token"])
		assert.Equal(t, "2", got.header.Get("Retry-After"))
	}
	assert.Equal(t, 202, again.status)
	assert.Equal(t, "/store/v1/checkouts/"+reference, again.header.Get("Location"))
	assert.Empty(t, again.header.Get("Idempotency-Replayed"), "a 202 is never stored")
	assert.Equal(t, 409, w.post("key-2", byCart(publicID)).status)
	assert.NotContains(t, w.calls.writes(), "extend", "everything is held for as long as the checkout lasts")

	w.calls.answer("")
	w.tell(reference)

	done := w.post("key-1", body)
	assert.Equal(t, "true", done.header.Get("Idempotency-Replayed"))
	assert.NotContains(t, done.body, "action")
	assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts WHERE action IS NOT NULL`))
	w.assertOneOfEach(done)
}

func TestAShopperWhoComesBackGetsTheOrderAtOnce(t *testing.T) {
	w := newWorld(t)
	_, _, _, body := w.waiting(payments.StatusActionRequired)

	w.calls.answer("")

	w.assertOneOfEach(w.post("key-1", body))
}

func TestAnActionThatIsNotTakenEndsWithTheCheckout(t *testing.T) {
	w := newWorld(t)
	cartID, publicID, reference, body := w.waiting(payments.StatusActionRequired)
	w.pass(19 * time.Minute)
	w.recover()
	require.Equal(t, "action_required", w.status(reference))
	assert.Less(t, w.pause(), time.Minute+time.Second, "recovery does not sleep through the deadline")

	w.pass(61 * time.Second)
	w.recover()

	w.assertNothingHeld(cartID)
	w.calls.answer("")
	w.tell(reference)
	assert.Equal(t, "canceled", w.status(reference), "a late success resurrects nothing")
	assert.Empty(t, w.orders.placed)
	assert.Equal(t, "checkout_canceled", w.post("key-1", body).body["code"])
	assert.Equal(t, 201, w.post("key-2", byCart(publicID)).status)
}

func TestAnOrderIsPlacedOnlyWithTimeLeftOfItsHold(t *testing.T) {
	shared := newWorld(t)
	for _, c := range []struct {
		name    string
		left    string
		refuses bool
		status  int
		extends bool
	}{
		{"more than two days", "49 hours", false, 201, false},
		{"less than two days", "47 hours", false, 201, true},
		{"less than two days, and the hold has ended meanwhile", "47 hours", true, 409, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := shared.again(t)
			cartID, _, reference, body := w.waiting(payments.StatusUnknown)
			w.exec(`UPDATE checkout.attempts SET hold_until = now() + interval '` + c.left + `'`)
			w.calls.answer("")
			w.calls.clear()
			if c.refuses {
				w.calls.on(w.calls.before, "extend", fails(inventory.ErrHoldExpired))
			}

			w.tell(reference)

			got := w.post("key-1", body)
			assert.Equal(t, c.status, got.status, got.raw)
			if c.extends {
				assert.Contains(t, w.calls.writes(), "extend")
			} else {
				assert.NotContains(t, w.calls.writes(), "extend")
			}
			if c.refuses {
				assert.NotContains(t, w.calls.writes(), "place")
				w.assertNothingHeld(cartID)
				return
			}
			w.assertOneOfEach(got)
		})
	}
}

func TestC25StockThatIsGoneWhenThePaymentComesVoidsIt(t *testing.T) {
	w := newWorld(t)
	cartID, _, reference, _ := w.waiting(payments.StatusUnknown)
	_, err := w.stock.Release(t.Context(), inventory.ReleaseRequest{Reference: reference})
	require.NoError(t, err)
	w.calls.answer("")

	w.tell(reference)

	w.assertNothingHeld(cartID)
	paid, err := w.payments.Attempt(t.Context(), payments.AttemptRequest{Reference: reference})
	require.NoError(t, err)
	assert.Equal(t, payments.StatusVoided, paid.Status)
}

// The change may arrive while the request still holds the lease: it comes again, and recovery finds it as well.
func TestC22AnEventThatComesDuringTheRequestIsNotLost(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	body := byCart(publicID, byCard("tok_success"))
	w.calls.answer(payments.StatusUnknown)
	w.calls.on(w.calls.after, "authorize", doing(func() {
		w.calls.answer("")
		w.mustComeAgain(w.reference())
	}))

	got := w.post("key-1", body)

	require.Equal(t, 202, got.status, got.raw)
	w.calls.calm()
	assert.Less(t, w.pause(), 2*time.Second)
	w.due()
	w.recover()
	w.assertOneOfEach(w.post("key-1", body))
}

// Whoever holds the lease may have asked payments just before, and then not look again for long.
func TestC22AnEventThatMeetsRecoveryComesAgain(t *testing.T) {
	w := newWorld(t)
	_, _, reference, body := w.waiting(payments.StatusUnknown)
	w.exec(`UPDATE checkout.attempts SET tries = 20`)
	w.calls.on(w.calls.after, "attempt", doing(func() {
		w.calls.calm()
		w.calls.answer("")
		w.mustComeAgain(reference)
	}))
	w.due()
	w.recover()
	require.Equal(t, "payment_unknown", w.status(reference))
	require.Greater(t, w.pause(), time.Minute, "recovery comes back late")

	w.tell(reference)

	w.assertOneOfEach(w.post("key-1", body))
}

func TestAnEventThatMeetsAnOutageComesAgain(t *testing.T) {
	w := newWorld(t)
	_, _, reference, body := w.waiting(payments.StatusUnknown)
	w.exec(`UPDATE checkout.attempts SET tries = 20`)
	w.calls.answer("")
	w.calls.on(w.calls.before, "place", outage)
	w.mustComeAgain(reference)
	require.Greater(t, w.pause(), time.Minute, "recovery comes back late")
	w.calls.calm()

	w.tell(reference)

	w.assertOneOfEach(w.post("key-1", body))
}

func TestACheckoutThatIsHeldDoesNotKeepOthersFromBeingCarriedOn(t *testing.T) {
	w := newWorld(t)
	_, _, held, _ := w.waiting(payments.StatusUnknown)
	w.exec(`UPDATE checkout.attempts SET lease_until = now() + interval '10 seconds'`)
	_, publicID := w.putCart(line("TEE-M", 1))
	free := w.post("key-2", byCart(publicID, byCard("tok_success"))).body["id"].(string)
	w.calls.answer("")

	w.mustComeAgain(held, free)

	assert.Equal(t, "payment_unknown", w.status(held))
	assert.Equal(t, "completed", w.status(free))
}

func TestAnActionThatWasNotHeardOfIsShownOnceItIsKnown(t *testing.T) {
	shared := newWorld(t)
	for _, by := range []string{"recovery", "event", "request"} {
		t.Run(by, func(t *testing.T) {
			w := shared.again(t)
			cartID, _, reference, body := w.waiting(payments.StatusUnknown)
			w.calls.answer(payments.StatusActionRequired)

			switch by {
			case "recovery":
				w.due()
				w.recover()
			case "event":
				w.tell(reference)
			default:
				w.post("key-1", body)
			}

			shown := w.get(reference, byCartToken(cartToken))
			require.Equal(t, "action_required", shown.body["status"])
			require.Equal(t, "https://pay.example/41", shown.body["action"].(map[string]any)["url"])
			again := w.post("key-1", body)
			require.Equal(t, 202, again.status)
			require.NotEmpty(t, again.body["action"])
			w.pass(21 * time.Minute)
			w.recover()
			w.assertNothingHeld(cartID)
		})
	}
}

// What the shopper had to do was not heard of in time, and there is no time left to do it.
func TestAnActionThatIsLearnedOfAfterTheDeadlineIsVoidedAndCanceled(t *testing.T) {
	shared := newWorld(t)
	for _, by := range []string{"recovery", "event", "request"} {
		t.Run(by, func(t *testing.T) {
			w := shared.again(t)
			cartID, _, reference, body := w.waiting(payments.StatusUnknown)
			w.calls.answer(payments.StatusActionRequired)
			w.pass(21 * time.Minute)

			switch by {
			case "recovery":
				w.recover()
			case "event":
				w.tell(reference)
			default:
				assert.Equal(t, "checkout_canceled", w.post("key-1", body).body["code"])
			}

			assert.Contains(t, w.calls.writes(), "void")
			w.assertNothingHeld(cartID)
		})
	}
}

func TestEventsOfWhatHasEndedOrIsUnknownChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	got := w.post("key-1", byCart(publicID))
	require.Equal(t, 201, got.status, got.raw)
	w.calls.clear()

	w.tell(got.body["id"].(string), "co_00000000000000000000000000", "")
	w.tell()

	assert.Empty(t, w.calls.writes())
	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}

func TestARetryThatMeetsRecoveryIsToldWhereTheCheckoutStands(t *testing.T) {
	w := newWorld(t)
	_, _, _, body := w.waiting(payments.StatusActionRequired)
	var during answer
	w.calls.on(w.calls.before, "attempt", doing(func() {
		w.calls.calm()
		during = w.post("key-1", body)
	}))
	w.due()

	w.recover()

	assert.Equal(t, 202, during.status, during.raw)
	assert.Equal(t, "action_required", during.body["status"])
	assert.NotEmpty(t, during.body["action"])
}

func TestMoneyThatCannotBeGivenBackForADayIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	_, _, reference, _ := w.waiting(payments.StatusUnknown)
	w.calls.on(w.calls.before, "void", outage)
	require.Equal(t, 503, w.cancel(reference, byCartToken(cartToken)).status)
	w.due()
	w.recover()
	require.Equal(t, "canceling", w.status(reference))

	w.pass(24*time.Hour + time.Minute)
	w.recover()

	assert.Equal(t, "review", w.status(reference))
	assert.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts WHERE review_reason = 'not_undone'`))
	w.verify()
}
