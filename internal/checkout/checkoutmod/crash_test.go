package checkoutmod_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
)

var steps = []string{"freeze", "reserve", "authorize", "place"}

// assertOneOfEach is what must hold however the way there was: one order, one payment held, one hold, one attempt.
func (w *world) assertOneOfEach(got answer) {
	w.t.Helper()
	require.Equal(w.t, 201, got.status, got.raw)
	require.Len(w.t, w.orders.placed, 1)
	reference := got.body["id"].(string)
	assert.Contains(w.t, w.orders.placed, reference)
	paid, err := w.payments.Attempt(w.t.Context(), payments.AttemptRequest{Reference: reference})
	require.NoError(w.t, err)
	assert.Equal(w.t, payments.StatusAuthorized, paid.Status)
	assert.EqualValues(w.t, 4, w.available("TEE-M"))
	assert.Equal(w.t, 1, w.count(`SELECT count(*) FROM checkout.attempts`))
	assert.Equal(w.t, 1, w.count(`SELECT count(*) FROM checkout.attempts WHERE status = 'completed'`))
	w.verify()
}

func TestC09ACrashAnywhereIsResumedByTheSameKey(t *testing.T) {
	shared := newWorld(t)
	for _, method := range []string{"manual", "card"} {
		for _, step := range steps {
			for _, when := range []string{"before", "after"} {
				t.Run(method+" "+when+" "+step, func(t *testing.T) {
					w := shared.again(t)
					w.putStock("TEE-M", 5)
					_, publicID := w.putCart(line("TEE-M", 1))
					body := byCart(publicID)
					if method == "card" {
						body = byCart(publicID, byCard("tok_success"))
					}
					if when == "before" {
						w.calls.on(w.calls.before, step, crashes)
					} else {
						w.calls.on(w.calls.after, step, crashes)
					}
					w.crash("key-1", body)

					w.assertOneOfEach(w.post("key-1", body))
				})
			}
		}
	}
}

func TestACrashOfLinesSentAtOnceDoesNotPriceThemAgain(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	w.quotesLines()
	w.calls.on(w.calls.after, "authorize", crashes)
	w.crash("key-1", atOnce("TEE-M", 1))
	w.carts.Quotes(func(cart.QuoteRequest) (cart.Snapshot, error) { return cart.Snapshot{}, cart.ErrVariantUnavailable })

	got := w.post("key-1", atOnce("TEE-M", 1))

	w.assertOneOfEach(got)
	assert.Equal(t, eur(1000), w.orders.requests[0].Totals.Total)
}

func TestAnOutageDecidesNothingAndTheSameKeyGoesOn(t *testing.T) {
	shared := newWorld(t)
	for _, step := range steps {
		for _, when := range []string{"before", "after"} {
			t.Run(when+" "+step, func(t *testing.T) {
				w := shared.again(t)
				w.putStock("TEE-M", 5)
				_, publicID := w.putCart(line("TEE-M", 1))
				at := w.calls.before
				if when == "after" {
					at = w.calls.after
				}
				w.calls.on(at, step, outage)
				got := w.post("key-1", byCart(publicID))
				require.Equal(t, 503, got.status, got.raw)
				for _, undo := range []string{"close", "void", "release", "thaw"} {
					assert.NotContains(t, w.calls.writes(), undo, "the call may have worked")
				}
				w.calls.calm()

				w.assertOneOfEach(w.post("key-1", byCart(publicID)))
			})
		}
	}
}

func TestF31AClientThatHangsUpGetsItsOrder(t *testing.T) {
	shared := newWorld(t)
	for _, step := range steps {
		t.Run(step, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			ctx, hangUp := context.WithCancel(t.Context())
			w.calls.on(w.calls.before, step, doing(hangUp))

			w.send(ctx, http.MethodPost, "/store/v1/checkouts",
				map[string]string{"Idempotency-Key": "key-1", "Cart-Token": cartToken}, byCart(publicID))

			w.calls.calm()
			assert.Len(t, w.orders.placed, 1)
			got := w.post("key-1", byCart(publicID))
			assert.Equal(t, "true", got.header.Get("Idempotency-Replayed"))
			w.assertOneOfEach(got)
		})
	}
}

func TestAClientThatHangsUpIsNotLeftHalfUndone(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	id, publicID := w.putCart(line("TEE-M", 1))
	ctx, hangUp := context.WithCancel(t.Context())
	w.calls.on(w.calls.before, "authorize", doing(hangUp))

	w.send(ctx, http.MethodPost, "/store/v1/checkouts",
		map[string]string{"Idempotency-Key": "key-1", "Cart-Token": cartToken}, byCart(publicID, byCard("tok_declined")))

	assert.EqualValues(t, 5, w.available("TEE-M"))
	assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
	assert.Equal(t, 1, w.count(`SELECT count(*) FROM checkout.attempts WHERE status = 'canceled'`))
}

func TestAModuleThatHangsIsGivenUpInTime(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.before, "authorize", hangs)
	const server, forUndoing = 3500 * time.Millisecond, 3 * time.Second
	ctx, cancel := context.WithTimeout(t.Context(), server)
	defer cancel()

	got := w.send(ctx, http.MethodPost, "/store/v1/checkouts",
		map[string]string{"Idempotency-Key": "key-1", "Cart-Token": cartToken}, byCart(publicID))

	deadline, _ := ctx.Deadline()
	assert.Greater(t, time.Until(deadline), forUndoing-time.Second, "undoing would still have its time")
	assert.Equal(t, 503, got.status, got.raw)
	assert.Equal(t, "timeout", got.body["code"])
	w.calls.calm()
	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}

func TestARefusalAtTheLastMomentIsStillUndone(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	id, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.before, "authorize", func(ctx context.Context) error {
		<-ctx.Done()
		return payments.ErrMethodUnavailable
	})
	ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
	defer cancel()

	got := w.send(ctx, http.MethodPost, "/store/v1/checkouts",
		map[string]string{"Idempotency-Key": "key-1", "Cart-Token": cartToken}, byCart(publicID))

	assert.Equal(t, 422, got.status, got.raw)
	assert.Equal(t, "payment_method_unavailable", got.body["code"])
	assert.EqualValues(t, 5, w.available("TEE-M"))
	assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
	w.verify()
}

// A process that is stopped for a while wakes up as a zombie: another one has taken its lease over.
func TestF32AZombieWritesNothing(t *testing.T) {
	shared := newWorld(t)
	for _, step := range []string{"freeze", "reserve", "authorize"} {
		t.Run("while another completes, at "+step, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			var other answer
			w.calls.on(w.calls.before, step, doing(func() {
				w.calls.calm()
				w.lapse()
				other = w.post("key-1", byCart(publicID))
			}))

			zombie := w.post("key-1", byCart(publicID))

			assert.Equal(t, 201, other.status, other.raw)
			assert.Equal(t, other.raw, zombie.raw)
			w.assertOneOfEach(zombie)
		})
	}
	t.Run("that was refused while another completed", func(t *testing.T) {
		w := shared.again(t)
		w.putStock("TEE-M", 5)
		_, publicID := w.putCart(line("TEE-M", 1))
		var other answer
		w.calls.on(w.calls.before, "freeze", func(context.Context) error {
			w.calls.calm()
			w.lapse()
			other = w.post("key-1", byCart(publicID))
			return cart.ErrVersionMismatch
		})

		zombie := w.post("key-1", byCart(publicID))

		assert.Equal(t, other.raw, zombie.raw)
		assert.NotContains(t, w.calls.writes(), "thaw")
		w.assertOneOfEach(zombie)
	})
	t.Run("while another gives up", func(t *testing.T) {
		w := shared.again(t)
		w.putStock("TEE-M", 5)
		id, publicID := w.putCart(line("TEE-M", 1))
		w.calls.on(w.calls.before, "reserve", doing(func() {
			w.calls.calm()
			w.lapse()
			w.exec(`UPDATE checkout.attempts SET deadline = now()`)
			require.Equal(t, 409, w.post("key-1", byCart(publicID)).status)
		}))

		zombie := w.post("key-1", byCart(publicID))

		assert.Equal(t, 409, zombie.status, zombie.raw)
		assert.Equal(t, "checkout_canceled", zombie.body["code"])
		assert.EqualValues(t, 5, w.available("TEE-M"))
		assert.Equal(t, cart.StatusOpen, w.cartStatus(id))
		assert.Empty(t, w.orders.placed)
		w.verify()
	})
}

func TestAnAttemptPastItsDeadlineIsUndone(t *testing.T) {
	shared := newWorld(t)
	for _, key := range []string{"key-1", "key-2"} {
		t.Run(key, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			w.calls.on(w.calls.after, "authorize", crashes)
			w.crash("key-1", byCart(publicID))
			w.exec(`UPDATE checkout.attempts SET deadline = now()`)
			w.calls.clear()

			got := w.post(key, byCart(publicID))

			if key == "key-1" {
				assert.Equal(t, 409, got.status, got.raw)
				assert.Equal(t, "checkout_canceled", got.body["code"])
				assert.EqualValues(t, 5, w.available("TEE-M"))
				assert.Equal(t, []string{"close", "void", "release", "thaw"}, w.calls.writes())
				return
			}
			assert.Equal(t, 201, got.status, got.raw)
			assert.EqualValues(t, 4, w.available("TEE-M"))
			assert.Equal(t, []string{"close", "void", "release", "thaw", "freeze", "reserve", "authorize", "place"}, w.calls.writes())
		})
	}
}

func TestAnOrderIsFoundBehindItsDeadline(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.after, "place", crashes)
	w.crash("key-1", byCart(publicID))
	w.exec(`UPDATE checkout.attempts SET deadline = now()`)
	w.orders.pay()

	got := w.post("key-1", byCart(publicID))

	w.assertOneOfEach(got)
	assert.Equal(t, orders.PaymentPaid, got.body["order"].(map[string]any)["payment_status"])
}
