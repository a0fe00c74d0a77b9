package checkoutmod_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atTheSameTime posts each request from a goroutine of its own behind one barrier.
func (w *world) atTheSameTime(n int, request func(i int) (key string, body map[string]any)) []answer {
	start := make(chan struct{})
	answers := make([]answer, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			key, body := request(i)
			<-start
			answers[i] = w.post(key, body)
		})
	}
	close(start)
	wg.Wait()
	return answers
}

func TestC03FiftyCheckoutsOfOneCartMakeOneOrder(t *testing.T) {
	shared := newWorld(t)
	const shoppers = 50
	for round := range 2 {
		t.Run(fmt.Sprintf("round %d", round), func(t *testing.T) {
			w := shared.crowded(t)
			w.putStock("TEE-M", 5)
			_, publicID := w.putCart(line("TEE-M", 1))
			body := byCart(publicID, byCard("tok_success"))

			answers := w.atTheSameTime(shoppers, func(i int) (string, map[string]any) { return fmt.Sprintf("key-%d", i), body })

			var won answer
			byStatus := map[int]int{}
			for _, a := range answers {
				byStatus[a.status]++
				if a.status == 201 {
					won = a
				}
			}
			require.Equal(t, 1, byStatus[201], byStatus)
			require.Equal(t, shoppers, byStatus[200]+byStatus[201]+byStatus[409], byStatus)
			for _, a := range answers {
				switch a.status {
				case 200:
					assert.Equal(t, won.raw, a.raw)
				case 409:
					assert.Equal(t, "checkout_in_progress", a.body["code"])
					assert.Equal(t, won.body["id"], a.body["checkout_id"])
				}
			}
			w.assertOneOfEach(won)
			assert.Equal(t, won.raw, w.post("key-after", body).raw)
		})
	}
}

func TestFiftyRequestsWithOneKeyMakeOneOrder(t *testing.T) {
	const requests = 50
	w := newWorld(t).crowded(t)
	w.putStock("TEE-M", 5)
	w.quotesLines()

	answers := w.atTheSameTime(requests, func(int) (string, map[string]any) { return "key-1", atOnce("TEE-M", 1) })

	for _, a := range answers {
		if a.status != 201 {
			assert.Equal(t, 409, a.status, a.raw)
			assert.Equal(t, "idempotency_in_progress", a.body["code"])
		}
	}
	w.assertOneOfEach(w.post("key-1", atOnce("TEE-M", 1)))
}

func TestARequestSentTwiceIsNotRefusedForWhatItTookItself(t *testing.T) {
	w := newWorld(t)
	w.putStock("TEE-M", 1)
	w.quotesLines()
	var first answer
	w.calls.on(w.calls.before, "availability", doing(func() {
		w.calls.calm()
		first = w.post("key-1", atOnce("TEE-M", 1))
	}))

	second := w.post("key-1", atOnce("TEE-M", 1))

	require.Equal(t, 201, second.status, second.raw)
	assert.Equal(t, first.raw, second.raw)
	assert.Len(t, w.orders.placed, 1)
	w.verify()
}

func TestC01TwoHundredShoppersAndTenUnits(t *testing.T) {
	shared := newWorld(t)
	const shoppers, units = 200, 10
	for name, request := range map[string]func(w *world) func(int) (string, map[string]any){
		"by cart": func(w *world) func(int) (string, map[string]any) {
			carts := make([]string, shoppers)
			for i := range carts {
				_, carts[i] = w.putCart(line("TEE-M", 1))
			}
			return func(i int) (string, map[string]any) { return "key", byCart(carts[i], byCard("tok_success")) }
		},
		"all at once": func(w *world) func(int) (string, map[string]any) {
			w.quotesLines()
			return func(i int) (string, map[string]any) { return fmt.Sprintf("key-%d", i), atOnce("TEE-M", 1) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := shared.crowded(t)
			w.putStock("TEE-M", units)

			answers := w.atTheSameTime(shoppers, request(w))

			byStatus := map[int]int{}
			for _, a := range answers {
				byStatus[a.status]++
			}
			assert.Equal(t, map[int]int{201: units, 409: shoppers - units}, byStatus)
			assert.Len(t, w.orders.placed, units)
			assert.Zero(t, w.available("TEE-M"))
			assert.Equal(t, units, w.count(`SELECT count(*) FROM checkout.attempts WHERE status = 'completed'`))
			assert.Zero(t, w.count(`SELECT count(*) FROM checkout.attempts WHERE status NOT IN ('completed', 'canceled')`))
			w.verify()
		})
	}
}

func TestAStalledAttemptIsResumedByOneOnly(t *testing.T) {
	const requests = 20
	w := newWorld(t)
	w.putStock("TEE-M", 5)
	_, publicID := w.putCart(line("TEE-M", 1))
	w.calls.on(w.calls.after, "reserve", crashes)
	w.crash("key-1", byCart(publicID))
	w.calls.clear()
	refused := make(chan struct{}, requests)
	w.calls.on(w.calls.before, "authorize", doing(func() { // the one goes on when all others have been refused
		patience := time.After(5 * time.Second)
		for range requests - 1 {
			select {
			case <-refused:
			case <-patience:
				return
			}
		}
	}))

	var wg sync.WaitGroup
	for range requests {
		wg.Go(func() {
			if got := w.post("key-1", byCart(publicID)); got.status == 409 {
				refused <- struct{}{}
			}
		})
	}
	wg.Wait()

	assert.Equal(t, []string{"freeze", "reserve", "authorize", "place"}, w.calls.writes())
	w.assertOneOfEach(w.post("key-1", byCart(publicID)))
}
