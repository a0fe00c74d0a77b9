package checkoutmod_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/checkout/checkoutmod"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
)

// another is the same module in a second process.
func (w *world) another() *checkoutmod.Module {
	w.t.Helper()
	pool, err := sqldb.Open(w.t.Context(), sqldb.Config{DSN: w.db.ModuleDSN("checkout"), MaxOpen: poolSize})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = pool.Close() })
	return w.process(pool)
}

// due makes everything that waits for recovery due.
func (w *world) due() {
	w.exec(`UPDATE checkout.attempts SET next_run_at = now() - interval '1 second'`)
}

func (w *world) pause() time.Duration {
	w.t.Helper()
	var seconds float64
	require.NoError(w.t, w.db.Admin().Get(w.t.Context(), &seconds,
		`SELECT extract(epoch FROM next_run_at - now())::float8 FROM checkout.attempts`))
	return time.Duration(seconds * float64(time.Second))
}

func TestF01ACrashAnywhereIsRecoveredWithoutTheClient(t *testing.T) {
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
					at := w.calls.before
					if when == "after" {
						at = w.calls.after
					}
					w.calls.on(at, step, crashes)
					w.crash("key-1", body)

					w.recover()

					assert.Equal(t, "completed", w.status(w.reference()))
					got := w.post("key-1", body)
					assert.Equal(t, "true", got.header.Get("Idempotency-Replayed"))
					w.assertOneOfEach(got)
				})
			}
		}
	}
}

func TestF01ACrashHalfWayThroughAnUndoIsRecovered(t *testing.T) {
	shared := newWorld(t)
	for _, late := range []bool{false, true} {
		for _, when := range []string{"before", "after"} {
			for _, step := range []string{"void", "release", "thaw"} {
				t.Run(fmt.Sprintf("%s %s, late %t", when, step, late), func(t *testing.T) {
					w := shared.again(t)
					w.putStock("TEE-M", 5)
					id, publicID := w.putCart(line("TEE-M", 1))
					w.calls.on(w.calls.after, "authorize", crashes)
					w.crash("key-1", byCart(publicID, byCard("tok_success")))
					w.pass(time.Hour)
					at := w.calls.before
					if when == "after" {
						at = w.calls.after
					}
					w.calls.on(at, step, crashes)
					require.Panics(t, w.recover)
					w.calls.calm()
					w.lapse()
					w.due()
					if late {
						w.pass(23 * time.Hour)
					}

					w.recover()

					w.assertNothingHeld(id)
					paid, err := w.payments.Attempt(t.Context(), payments.AttemptRequest{Reference: w.reference()})
					require.NoError(t, err)
					assert.Equal(t, payments.StatusVoided, paid.Status)
				})
			}
		}
	}
}

func TestRecoveryGoesForwardUntilTheDeadlineAndUndoesAfterIt(t *testing.T) {
	shared := newWorld(t)
	for _, c := range []struct {
		name  string
		after time.Duration
		want  string
	}{{"before", 19 * time.Minute, "completed"}, {"after", 21 * time.Minute, "canceled"}} {
		t.Run(c.name, func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			id, publicID := w.putCart(line("TEE-M", 1))
			w.calls.on(w.calls.after, "reserve", crashes)
			w.crash("key-1", byCart(publicID))
			w.pass(c.after)

			w.recover()

			assert.Equal(t, c.want, w.status(w.reference()))
			if c.want == "canceled" {
				w.assertNothingHeld(id)
			}
			w.verify()
		})
	}
}

func TestAStepThatCannotBeTakenIsTriedAgainAfterGrowingPauses(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.before, "place", outage)
	require.Equal(t, 503, w.post("key-1", byCart(publicID)).status)
	require.InDelta(t, time.Second, w.pause(), float64(time.Second)/2, "a request that failed leaves it to recovery")

	for _, want := range []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 30 * time.Second, 30 * time.Second} {
		w.recover()
		require.Equal(t, "started", w.status(w.reference()), "it is not due yet")
		w.due()
		w.recover()
		assert.InDelta(t, want, w.pause(), float64(want)/2)
	}
	w.calls.calm()
	w.due()
	w.recover()

	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}

func TestABackgroundThatRunsContinuesASecondOrTwoAfterTheLease(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.after, "reserve", crashes)
	require.Panics(t, func() { w.post("key-1", byCart(publicID)) })
	w.calls.calm()
	w.exec(`UPDATE checkout.attempts SET lease_until = now() + interval '1 second', next_run_at = now() + interval '1 second'`)
	stop := periodictest.Run(t, w.module.Run)

	require.Eventually(t, func() bool { return w.status(w.reference()) == "completed" }, 3*time.Second, 20*time.Millisecond)
	stop()

	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}
