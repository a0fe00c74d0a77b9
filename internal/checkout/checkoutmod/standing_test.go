package checkoutmod_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func (w *world) get(id string, header map[string]string) answer {
	w.t.Helper()
	return w.send(w.t.Context(), http.MethodGet, "/store/v1/checkouts/"+id, header, nil)
}

func (w *world) cancel(id string, header map[string]string) answer {
	w.t.Helper()
	return w.send(w.t.Context(), http.MethodPost, "/store/v1/checkouts/"+id+"/cancellation", header, nil)
}

func (w *world) giveUp(id, scope string) answer {
	w.t.Helper()
	return w.send(w.t.Context(), http.MethodPost, "/admin/v1/checkouts/"+id+"/cancellation", map[string]string{"Authorization": scope}, nil)
}

func checkoutToken(token string) map[string]string { return map[string]string{"Checkout-Token": token} }

func byCartToken(token string) map[string]string { return map[string]string{"Cart-Token": token} }

func TestACompletedCheckoutShowsItsOrderAsItIsNow(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	_, publicID := w.putCart(line("TEE-M", 1))
	made := w.post("key-1", byCart(publicID))
	require.Equal(t, 201, made.status, made.raw)
	id := made.body["id"].(string)
	w.orders.pay()

	for _, header := range []map[string]string{checkoutToken(w.checkoutToken(id)), byCartToken(cartToken)} {
		got := w.get(id, header)

		require.Equal(t, 200, got.status, got.raw)
		assert.Equal(t, "completed", got.body["status"])
		assert.Equal(t, publicID, got.body["cart_id"])
		assert.Equal(t, "paid", got.body["order"].(map[string]any)["payment_status"])
		assert.NotContains(t, got.body, "token")
		assert.Empty(t, got.header.Get("Retry-After"))
	}
}

func TestACheckoutIsShownAndCanceledByItsHolderOnly(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	w.quotesLines()
	_, publicID := w.putCart(line("TEE-M", 1))
	other := ids.New()
	w.carts.Put(snapshot(other, line("TEE-M", 1)), "the token of another cart")
	byCartID := w.post("key-1", byCart(publicID)).body["id"].(string)
	atOnceID := w.post("key-2", atOnce("TEE-M", 1)).body["id"].(string)

	for _, c := range []struct {
		name, id string
		header   map[string]string
		status   int
	}{
		{"no token", byCartID, nil, 401},
		{"empty token", byCartID, checkoutToken(""), 401},
		{"no token, no such checkout", "co_1", nil, 401},
		{"another checkout's token", byCartID, checkoutToken(w.checkoutToken(atOnceID)), 404},
		{"another cart's token", byCartID, byCartToken("the token of another cart"), 404},
		{"a cart's token for one without a cart", atOnceID, byCartToken(cartToken), 404},
		{"malformed id", "co_1", checkoutToken("x"), 404},
		{"absent id", "co_00000000000000000000000000", checkoutToken("x"), 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			shown, canceled := w.get(c.id, c.header), w.cancel(c.id, c.header)

			assert.Equal(t, c.status, shown.status, shown.raw)
			assert.Equal(t, c.status, canceled.status, canceled.raw)
			if c.status == 404 {
				assert.Equal(t, "there is no such checkout", shown.body["detail"])
				assert.Equal(t, "there is no such checkout", canceled.body["detail"])
			}
		})
	}
}

func TestAnUndecidedPaymentKeepsEverythingHeld(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	id, publicID := w.putCart(line("TEE-M", 1))
	w.calls.answer(payments.StatusUnknown)

	got := w.post("key-1", byCart(publicID))

	require.Equal(t, 202, got.status, got.raw)
	assert.Equal(t, "payment_unknown", got.body["status"])
	assert.Equal(t, "2", got.header.Get("Retry-After"))
	assert.Equal(t, "/store/v1/checkouts/"+got.body["id"].(string), got.header.Get("Location"))
	assert.EqualValues(t, 4, w.available("TEE-M"))
	assert.Equal(t, cart.StatusCheckingOut, w.cartStatus(id))
	shown := w.get(got.body["id"].(string), checkoutToken(got.body["token"].(string)))
	assert.Equal(t, 200, shown.status)
	assert.Equal(t, "payment_unknown", shown.body["status"])
	assert.Equal(t, "2", shown.header.Get("Retry-After"))
	assert.NotEmpty(t, shown.body["expires_at"])
	assert.Equal(t, "checkout_in_progress", w.post("key-2", byCart(publicID)).body["code"])

	again := w.post("key-1", byCart(publicID))
	assert.Equal(t, 202, again.status, "a 202 is no final answer: %s", again.raw)
	assert.Empty(t, again.header.Get("Idempotency-Replayed"))

	w.calls.answer("")
	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}

func TestAnUndecidedCheckoutCanBeGivenUp(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	id, publicID := w.putCart(line("TEE-M", 1))
	w.calls.answer(payments.StatusUnknown)
	made := w.post("key-1", byCart(publicID, byCard("tok_success")))
	require.Equal(t, 202, made.status, made.raw)
	reference := made.body["id"].(string)
	w.calls.clear()

	got := w.cancel(reference, byCartToken(cartToken))

	require.Equal(t, 200, got.status, got.raw)
	assert.Equal(t, "canceled", got.body["status"])
	assert.Equal(t, "checkout_canceled", got.body["failure"].(map[string]any)["code"])
	assert.Equal(t, []string{"close", "void", "release", "thaw"}, w.calls.writes())
	assert.EqualValues(t, 5, w.available("TEE-M"))
	assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
	paid, err := w.payments.Attempt(t.Context(), payments.AttemptRequest{Reference: reference})
	require.NoError(t, err)
	assert.Equal(t, payments.StatusVoided, paid.Status)
	assert.Equal(t, got.raw, w.cancel(reference, byCartToken(cartToken)).raw, "canceling twice changes nothing")
	assert.Equal(t, []string{"close", "void", "release", "thaw"}, w.calls.writes())

	w.calls.answer("")
	late := w.post("key-1", byCart(publicID, byCard("tok_success")))
	assert.Equal(t, 409, late.status, "a late retry must not order what was given up: %s", late.raw)
	assert.Equal(t, "checkout_canceled", late.body["code"])
	assert.Empty(t, w.orders.placed)
	assert.Equal(t, 201, w.post("key-2", byCart(publicID)).status)
	w.verify()
}

func TestWhatIsOrderedCannotBeCanceled(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	var reference string
	w.calls.on(w.calls.after, "place", crashes)
	w.crash("key-1", byCart(publicID))
	for placed := range w.orders.placed {
		reference = placed
	}
	w.calls.clear()

	for range 2 {
		got := w.cancel(reference, byCartToken(cartToken))

		assert.Equal(t, 409, got.status, got.raw)
		assert.Equal(t, "checkout_not_cancelable", got.body["code"])
	}
	assert.Equal(t, []string{"close"}, w.calls.writes(), "the order is found, and nothing is undone")
	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}

func TestACheckoutThatIsBeingCarriedOutIsNotCanceledUnderItsHolder(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	var during answer
	w.calls.on(w.calls.before, "authorize", doing(func() {
		var id string
		require.NoError(t, w.db.Admin().Get(context.Background(), &id, `SELECT reference FROM checkout.attempts`))
		during = w.cancel(id, byCartToken(cartToken))
	}))

	got := w.post("key-1", byCart(publicID))

	assert.Equal(t, 409, during.status, during.raw)
	assert.Equal(t, "checkout_in_progress", during.body["code"])
	w.assertOneOfEach(got)
}

func TestMoneyTakenWithoutAnOrderIsLeftToAPerson(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.answer(payments.StatusUnknown)
	made := w.post("key-1", byCart(publicID))
	reference := made.body["id"].(string)
	w.calls.on(w.calls.before, "void", fails(payments.ErrIllegalTransition))

	got := w.cancel(reference, byCartToken(cartToken))

	assert.Equal(t, 409, got.status, got.raw)
	assert.Equal(t, "checkout_not_cancelable", got.body["code"])
	assert.Equal(t, "review", w.get(reference, byCartToken(cartToken)).body["status"])
	assert.EqualValues(t, 4, w.available("TEE-M"), "the stock stays with the money")
	assert.Equal(t, 202, w.post("key-1", byCart(publicID)).status)
	w.verify()
}

func TestVerifyFindsBrokenPromises(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	require.Equal(t, 201, w.post("key-1", byCart(publicID)).status)
	_, stalledID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.after, "freeze", crashes)
	w.crash("key-1", byCart(stalledID))
	w.verify()
	w.exec(`ALTER TABLE checkout.attempts DROP CONSTRAINT attempts_completed_by_order,
		DROP CONSTRAINT attempts_secrets_erased, DROP CONSTRAINT attempts_one_per_key`)
	w.exec(`DROP INDEX checkout.attempts_one_per_cart, checkout.attempts_one_per_order`)

	for _, c := range []struct{ name, plant, heal string }{
		{"INV-O1", `UPDATE checkout.attempts SET cart_id = (SELECT cart_id FROM checkout.attempts WHERE status = 'completed')`,
			`UPDATE checkout.attempts SET cart_id = NULL WHERE status = 'started'`},
		{"INV-O2", `UPDATE checkout.attempts SET order_id = gen_random_uuid() WHERE status = 'started'`,
			`UPDATE checkout.attempts SET order_id = NULL WHERE status = 'started'`},
		{"INV-O5", `UPDATE checkout.attempts SET deadline = now() - interval '25 hours'`, `UPDATE checkout.attempts SET deadline = now()`},
		{"INV-I2", `UPDATE checkout.attempts SET scope = 'same', idempotency_key = 'same'`, `UPDATE checkout.attempts SET scope = id::text`},
		{"checkout.ended_keeps_no_secret", `UPDATE checkout.attempts SET payment_token = 'tok' WHERE status = 'completed'`,
			`UPDATE checkout.attempts SET payment_token = NULL`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.exec(c.plant)

			found, err := w.module.Verify(t.Context())

			require.NoError(t, err)
			require.Len(t, found, 1, found)
			assert.Equal(t, c.name, found[0].Invariant)
			w.exec(c.heal)
		})
	}
	w.verify()
}
