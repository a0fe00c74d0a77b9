package inventorymod_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/inventory"
	"github.com/rialto-commerce/rialto/internal/inventory/inventorymod"
)

// around is how far from the end of a hold everybody acts.
const around = 5 * time.Millisecond

// ending is a hold that is about to end while it is paid for.
type ending struct {
	race
	reference string
	end       time.Time
	// extended and confirmed say what the payment achieved, canceled that somebody gave up meanwhile.
	extended, confirmed, canceled bool
}

// at waits for a moment near the end.
func (e *ending) at(offset time.Duration) { <-time.After(time.Until(e.end.Add(offset))) }

// pay is what a checkout does that hears of a success: it makes sure of the stock and places the order, or gives it up.
func (e *ending) pay(ctx context.Context, service inventory.Service) {
	_, err := service.Extend(ctx, inventory.ExtendRequest{Reference: e.reference, HoldUntil: e.end.Add(time.Hour)})
	if err != nil {
		assert.ErrorIs(e.t, err, inventory.ErrHoldExpired)
		_, err := service.Release(ctx, inventory.ReleaseRequest{Reference: e.reference})
		assert.NoError(e.t, err)
		return
	}
	e.extended = true
	answer, err := service.Confirm(ctx, inventory.ConfirmRequest{References: []string{e.reference}})
	assert.NoError(e.t, err)
	e.confirmed = len(answer.Expired) == 0
}

// TestC25AHoldAtItsEndIsPaidForOrGivenBackNeverBothAndNeverNeither has two processes sweep all the time, while the payment
// succeeds at the end of the hold, give or take a few milliseconds, and, in every other round, somebody cancels as well.
func TestC25AHoldAtItsEndIsPaidForOrGivenBackNeverBothAndNeverNeither(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 1_000_000)
	processes := []*inventorymod.Module{r.Module, r.another()}
	sold, lost := int64(0), 0
	for round := range rounds(t, 2) * 20 {
		e := r.meet(processes, round)
		switch {
		case !e.extended:
			lost++
			require.False(t, e.confirmed)
		case !e.canceled:
			require.True(t, e.confirmed, "what was extended is not swept")
		}
		if e.confirmed {
			sold++
		}
		level := r.level("TEE")
		require.Equal(t, []int64{0, sold}, []int64{level.Reserved, level.Allocated}, "round %d: %+v", round, e)
	}

	t.Logf("%d sold, %d too late", sold, lost)
	assert.Positive(t, sold)
	assert.Positive(t, lost)
	r.calm()
}

func (r race) meet(processes []*inventorymod.Module, round int) *ending {
	r.t.Helper()
	ctx := r.t.Context()
	e := &ending{race: r, reference: reference(round), end: time.Now().Add(4 * around), canceled: round%2 == 1}
	_, err := r.Service().Reserve(ctx, inventory.ReserveRequest{Reference: e.reference, Lines: []inventory.Demand{of("TEE", 1)}, HoldUntil: e.end})
	require.NoError(r.t, err)
	paid := time.Duration(rand.Int64N(int64(3*around))) - 2*around
	together(4, func(i int) {
		switch i {
		case 0:
			e.at(paid)
			e.pay(ctx, processes[round%2].Service())
		case 1:
			if e.canceled {
				e.at(-paid)
				_, err := processes[0].Service().Release(ctx, inventory.ReleaseRequest{Reference: e.reference})
				assert.NoError(r.t, err)
			}
		default:
			for time.Now().Before(e.end.Add(2 * around)) {
				_, err := processes[i%2].Sweep(ctx)
				assert.NoError(r.t, err)
			}
		}
	})
	return e
}

func TestEveryoneWhoEndsAHoldEndsItOnce(t *testing.T) {
	r := openRace(t)
	r.stock("TEE", 100)
	other := r.another()

	for round := range rounds(t, 2) * 10 {
		_, err := r.Service().Reserve(t.Context(), inventory.ReserveRequest{Reference: reference(round), Lines: []inventory.Demand{of("TEE", 10)},
			HoldUntil: time.Now().Add(-time.Second)})
		require.NoError(t, err)
		together(8, func(i int) {
			var err error
			switch i % 4 {
			case 0:
				_, err = r.Sweep(t.Context())
			case 1:
				_, err = other.Service().Release(t.Context(), inventory.ReleaseRequest{Reference: reference(round)})
			case 2:
				_, err = other.Service().Extend(t.Context(), inventory.ExtendRequest{Reference: reference(round), HoldUntil: time.Now().Add(time.Hour)})
			default:
				_, err = other.Sweep(t.Context())
			}
			if !errors.Is(err, inventory.ErrHoldExpired) {
				assert.NoError(t, err)
			}
		})
		require.Equal(t, int64(100), r.status("TEE").Available)
	}
	r.calm()
}
