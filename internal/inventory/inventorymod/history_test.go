package inventorymod_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorymod"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

// rounds is how often a race is run: TEST_ROUNDS times, or as often as a quick run allows.
func rounds(t *testing.T, quick int) int {
	t.Helper()
	given := os.Getenv("TEST_ROUNDS")
	if given == "" {
		return quick
	}
	n, err := strconv.Atoi(given)
	require.NoError(t, err)
	return n
}

// happened is what became of one SKU in a call: taken and brought units, or a number that was seen to be free, with
// wanted being more than that when it was refused.
type happened struct{ taken, brought, free, wanted int64 }

// looked is the free of calls that learned nothing of it.
const looked = -1

func shelf(onHand int64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return onHand },
		Step: func(state, _, output any) (bool, any) {
			free, h := state.(int64), output.(happened)
			switch {
			case h.free != looked && (h.free != free || h.wanted > 0 && h.wanted <= free):
				return false, state
			case h.taken > free:
				return false, state
			}
			return true, free - h.taken + h.brought
		},
		DescribeOperation: func(_, output any) string { return fmt.Sprintf("%+v", output) },
	}
}

// history is what many clients did to some SKUs, and when.
type history struct {
	began time.Time
	mu    sync.Mutex
	bySKU map[string][]porcupine.Operation
	// refused are the references that got nothing, busy how many of them were told to come back.
	refused []string
	busy    int
}

// note records what do learns about SKUs, as having happened at one moment of the call.
func (h *history) note(client int, do func() map[string]happened) {
	call := int64(time.Since(h.began))
	outcome := do()
	end := int64(time.Since(h.began))
	h.mu.Lock()
	defer h.mu.Unlock()
	for sku, what := range outcome {
		h.bySKU[sku] = append(h.bySKU[sku], porcupine.Operation{ClientId: client, Call: call, Output: what, Return: end})
	}
}

// client buys, gives back and looks, by one of two processes that share a database.
type client struct {
	race
	*history
	n       int
	random  *rand.Rand
	service inventory.Service
	skus    []string
	held    map[string]map[string]int64
}

func (c client) step(n int) {
	switch turn := c.random.IntN(10); {
	case turn < 6 || len(c.held) == 0 && turn < 9:
		c.buy(fmt.Sprintf("co_%d_%d_%s", c.n, n, c.skus[0]))
	case turn < 9:
		for reference := range c.held {
			c.giveBack(reference)
			return
		}
	default:
		c.look(c.skus[c.random.IntN(len(c.skus))])
	}
}

// buy wants one to three lines, of which some may name one SKU, in any order.
func (c client) buy(reference string) {
	var lines []inventory.Demand
	wanted := map[string]int64{}
	for range c.random.IntN(3) + 1 {
		line := of(c.skus[c.random.IntN(len(c.skus))], int64(c.random.IntN(2)+1))
		lines = append(lines, line)
		wanted[line.SKU] += line.Quantity
	}
	c.note(c.n, func() map[string]happened {
		_, err := c.service.Reserve(c.t.Context(), inventory.ReserveRequest{Reference: reference, Lines: lines, HoldUntil: time.Now().Add(time.Hour)})
		outcome := map[string]happened{}
		if err == nil {
			c.held[reference] = wanted
			for sku, quantity := range wanted {
				outcome[sku] = happened{taken: quantity, free: looked}
			}
			return outcome
		}
		for sku, available := range c.shortages(reference, err) {
			outcome[sku] = happened{free: available, wanted: wanted[sku]}
		}
		return outcome
	})
}

// shortages says what is free of SKUs that are short. Who was told to come back, because the machine was too slow for the
// queue, learned nothing and must not hold anything either.
func (c client) shortages(reference string, err error) map[string]int64 {
	var coded *fault.Error
	if !errors.As(err, &coded) || !errors.Is(err, inventory.ErrInsufficientStock) && !errors.Is(err, inventory.ErrBusy) {
		assert.NoError(c.t, err)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = append(c.refused, reference)
	if errors.Is(err, inventory.ErrBusy) {
		c.busy++
	}
	available := map[string]int64{}
	for _, field := range coded.Fields {
		available[field.Members["sku"].(string)] = field.Members["available"].(int64)
	}
	return available
}

func (c client) giveBack(reference string) {
	c.note(c.n, func() map[string]happened {
		answer, err := c.service.Release(c.t.Context(), inventory.ReleaseRequest{Reference: reference})
		assert.NoError(c.t, err)
		outcome, units := map[string]happened{}, int64(0)
		for sku, quantity := range c.held[reference] {
			outcome[sku] = happened{brought: quantity, free: looked}
			units += quantity
		}
		assert.Equal(c.t, units, answer.Units)
		return outcome
	})
	delete(c.held, reference)
}

func (c client) look(sku string) {
	c.note(c.n, func() map[string]happened {
		answer, err := c.service.Availability(c.t.Context(), inventory.AvailabilityRequest{SKUs: []string{sku}})
		if !assert.NoError(c.t, err) {
			return nil
		}
		return map[string]happened{sku: {free: answer.Statuses[0].Available}}
	})
}

// onShelf is how much of each SKU there is before a history begins.
const onShelf = 12

// TestEveryHistoryOfASKUCouldHaveHappenedOneCallAfterTheOther has two processes on one database, and clients who buy, give
// back and look. Whatever they were told must be explained by some order of their calls, each at a moment between its
// beginning and its end: nobody gets what is not there, and nobody is told "sold out" when it was not.
//
// They come in bursts, each followed by a look: many clients with one call each, or few with several. Then the orders to
// be tried are few enough that the answer is always yes or no; where hundreds of calls overlap, it would often be that
// none was found in time, which may hide a history that has none.
func TestEveryHistoryOfASKUCouldHaveHappenedOneCallAfterTheOther(t *testing.T) {
	for _, shape := range []struct {
		name                   string
		clients, bursts, steps int
	}{
		{"32 clients at once", clients, 8, 1},
		{"8 clients in a row", 8, 6, 4},
	} {
		t.Run(shape.name, func(t *testing.T) {
			r := openRace(t)
			processes := []*inventorymod.Module{r.Module, r.another()}
			for round := range rounds(t, 2) {
				seed := rand.Uint64()
				h, all := r.newHistory(processes, round, shape.clients, seed)
				for burst := range shape.bursts {
					together(shape.clients, func(n int) {
						for step := range shape.steps {
							all[n].step(burst*shape.steps + step)
						}
					})
					for _, sku := range all[0].skus {
						all[0].look(sku)
					}
				}
				for sku, operations := range h.bySKU {
					result := porcupine.CheckOperationsTimeout(shelf(onShelf), operations, time.Minute)
					assert.Equal(t, porcupine.Ok, result, "%s in round %d with seed %d", sku, round, seed)
				}
				r.holdNothing(h.refused)
				assert.LessOrEqual(t, h.busy, len(h.refused)/10, "told to come back, which tells nothing about stock")
			}
			r.calm()
		})
	}
}

// newHistory makes three SKUs and the clients who want them, who take turns at the processes.
func (r race) newHistory(processes []*inventorymod.Module, round, count int, seed uint64) (*history, []client) {
	r.t.Helper()
	h := &history{began: time.Now(), bySKU: map[string][]porcupine.Operation{}}
	skus := []string{fmt.Sprintf("A-%d", round), fmt.Sprintf("B-%d", round), fmt.Sprintf("C-%d", round)}
	for _, sku := range skus {
		r.stock(sku, onShelf)
	}
	all := make([]client, count)
	for n := range all {
		all[n] = client{race: r, history: h, n: n, random: rand.New(rand.NewPCG(seed, uint64(n))), skus: skus,
			service: processes[n%len(processes)].Service(), held: map[string]map[string]int64{}}
	}
	return h, all
}

// another is the module in another process on the same database.
func (r race) another() *inventorymod.Module {
	r.t.Helper()
	return build(r.t, r.pool)
}

func (r race) holdNothing(references []string) {
	r.t.Helper()
	var held int
	const query = `SELECT count(*) FROM inventory.reservations WHERE reference = ANY($1)`
	require.NoError(r.t, r.database.Admin().Get(r.t.Context(), &held, query, references))
	assert.Zero(r.t, held, "reservations of references that were refused")
}
