package checkoutmod_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/checkout/checkoutmod"
	"github.com/rialto-commerce/rialto/internal/payments"
)

func TestWhatSomebodyWorksOnIsNotRecovered(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.before, "authorize", doing(func() {
		w.due()
		w.recover()
		w.mustComeAgain(w.reference())
	}))

	got := w.post("key-1", byCart(publicID))

	assert.Equal(t, []string{"freeze", "reserve", "authorize", "place"}, w.calls.writes())
	w.assertOneOfEach(got)
}

func TestF32APausedProcessIsOvertakenWithinTheLease(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.before, "authorize", doing(func() {
		w.calls.calm()
		w.pass(10 * time.Second)
		w.recover()
	}))

	zombie := w.post("key-1", byCart(publicID))

	assert.Equal(t, "completed", w.status(w.reference()))
	w.assertOneOfEach(zombie)
}

func TestC27ManyDueCheckoutsAndTwoProcesses(t *testing.T) {
	const due = 60
	w := newWorld(t)
	w.putStock("TEE-M", due)
	w.calls.on(w.calls.after, "reserve", crashes)
	for range due {
		_, publicID := w.putCart(line("TEE-M", 1))
		require.Panics(t, func() { w.post("key-1", byCart(publicID)) })
	}
	w.calls.calm()
	w.lapse()
	w.due()
	w.calls.clear()
	processes := []*checkoutmod.Module{w.module, w.another()}
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			<-start
			assert.NoError(t, processes[i%2].Recover(t.Context()))
		})
	}
	close(start)
	running.Wait()

	counts := map[string]int{}
	for _, call := range w.calls.writes() {
		counts[call]++
	}
	assert.Equal(t, map[string]int{"freeze": due, "reserve": due, "authorize": due, "place": due}, counts, "each by one")
	assert.Len(t, w.orders.placed, due)
	assert.Equal(t, due, w.count(`SELECT count(*) FROM checkout.attempts WHERE status = 'completed' AND lease_epoch = 2`))
	w.verify()
}

func TestRequestsRecoveryAndEventsTogetherMakeOneOrder(t *testing.T) {
	shared := newWorld(t)
	for round := range 6 {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			body := byCart(publicID, byCard("tok_success"))
			w.calls.answer(payments.StatusUnknown)
			require.Equal(t, 202, w.post("key-1", body).status)
			reference := w.reference()
			w.calls.answer("")
			w.due()
			other := w.another()
			start := make(chan struct{})
			var running sync.WaitGroup
			for i := range 4 {
				running.Go(func() {
					<-start
					w.post("key-1", body)
				})
				running.Go(func() {
					<-start
					assert.NoError(t, []*checkoutmod.Module{w.module, other}[i%2].Recover(t.Context()))
				})
				running.Go(func() {
					<-start
					_ = w.tries(reference)
				})
			}
			close(start)
			running.Wait()

			w.recover()
			w.assertOneOfEach(w.post("key-1", body))
		})
	}
}

func TestALongRunKeepsItsLeaseAndOneThatLostItStops(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	interrupted := make(chan error, 1)
	w.calls.on(w.calls.before, "authorize", func(ctx context.Context) error {
		w.exec(`UPDATE checkout.attempts SET lease_until = now() + interval '4 seconds'`)
		assert.Eventually(t, func() bool {
			return w.count(`SELECT count(*) FROM checkout.attempts WHERE lease_until > now() + interval '9 seconds'`) == 1
		}, 4*time.Second, 50*time.Millisecond, "renewed after 3 seconds")
		w.calls.calm()
		w.lapse()
		w.due()
		w.recover()
		<-ctx.Done()
		interrupted <- context.Cause(ctx)
		return ctx.Err()
	})

	got := w.post("key-1", byCart(publicID))

	assert.ErrorContains(t, <-interrupted, "the lease on the checkout was lost")
	w.assertOneOfEach(got)
}

// Whoever was about to place an order when everything stopped must not place it after the checkout was given up.
func TestF32AZombieBeforeThePivotPlacesNothing(t *testing.T) {
	shared := newWorld(t)
	for name, giveUp := range map[string]func(w *world){
		"the deadline passed": func(w *world) { w.pass(time.Hour); w.recover() },
		"the shopper gave up": func(w *world) {
			w.lapse()
			require.Equal(w.t, 200, w.cancel(w.reference(), byCartToken(cartToken)).status)
		},
	} {
		for _, step := range steps {
			t.Run(name+", at "+step, func(t *testing.T) {
				w := shared.again(t)
				w.putStock("TEE-M", 5)
				id, publicID := w.putCart(line("TEE-M", 1))
				w.calls.on(w.calls.before, step, doing(func() {
					w.calls.calm()
					giveUp(w)
				}))

				zombie := w.post("key-1", byCart(publicID, byCard("tok_success")))

				assert.Equal(t, 409, zombie.status, zombie.raw)
				assert.Equal(t, "checkout_canceled", zombie.body["code"])
				w.assertNothingHeld(id)
				paid, err := w.payments.Attempt(t.Context(), payments.AttemptRequest{Reference: w.reference()})
				require.NoError(t, err)
				assert.Equal(t, payments.StatusVoided, paid.Status)
			})
		}
	}
}

// And one that was about to give up when everything stopped leaves alone what another has made of it.
func TestF32AZombieThatWouldGiveUpLeavesTheOrderAlone(t *testing.T) {
	shared := newWorld(t)
	for _, again := range []bool{false, true} {
		t.Run(fmt.Sprintf("resumed %t", again), func(t *testing.T) {
			w := shared.again(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			if again {
				w.calls.on(w.calls.after, "freeze", crashes)
				w.crash("key-1", byCart(publicID))
				w.calls.clear()
			}
			w.calls.on(w.calls.before, "authorize", func(context.Context) error {
				w.calls.calm()
				w.lapse()
				w.due()
				w.recover()
				return payments.ErrMethodUnavailable
			})

			zombie := w.post("key-1", byCart(publicID))

			for _, undo := range []string{"close", "void", "release", "thaw"} {
				assert.NotContains(t, w.calls.writes(), undo)
			}
			w.assertOneOfEach(zombie)
		})
	}
}
