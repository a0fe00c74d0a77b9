package carttest

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
)

func sameReferenceAtOnce(t *testing.T, s scene) {
	for round := range 20 {
		reference := "co_" + string(rune('a'+round))

		snapshots, errs := atOnce(4, func(int) (cart.Snapshot, error) { return s.freeze(t, reference) })

		for i := range errs {
			require.NoError(t, errs[i])
			require.Equal(t, snapshots[0], snapshots[i])
		}
		s.thaw(t, reference)
	}
}

func manyReferencesAtOnce(t *testing.T, s scene) {
	_, errs := atOnce(8, func(i int) (cart.Snapshot, error) { return s.freeze(t, "co_"+string(rune('a'+i))) })

	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		assert.ErrorIs(t, err, cart.ErrCheckoutInProgress)
	}
	assert.Equal(t, 1, won)
}

func freezeAndThawAtOnce(t *testing.T, s scene) {
	for round := range 20 {
		reference := "co_" + string(rune('a'+round))

		_, errs := atOnce(2, func(i int) (cart.Snapshot, error) {
			if i == 0 {
				s.thaw(t, reference)
				return cart.Snapshot{}, nil
			}
			return s.freeze(t, reference)
		})

		if errs[1] != nil {
			require.ErrorIs(t, errs[1], cart.ErrReferenceClosed)
		}
		require.Equal(t, cart.StatusOpen, s.state(t).Status)
		_, err := s.freeze(t, reference)
		require.ErrorIs(t, err, cart.ErrReferenceClosed)
	}
}

// atOnce runs n calls that are released together.
func atOnce(n int, call func(i int) (cart.Snapshot, error)) ([]cart.Snapshot, []error) {
	snapshots, errs := make([]cart.Snapshot, n), make([]error, n)
	barrier := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-barrier
			snapshots[i], errs[i] = call(i)
		})
	}
	close(barrier)
	done.Wait()
	return snapshots, errs
}
