package ordersmod_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func (s shop) close(reference string) orders.CloseAnswer {
	s.Helper()
	answer, err := s.module.Service().Close(s.Context(), orders.CloseRequest{Reference: reference})
	require.NoError(s, err)
	return answer
}

func TestAClosedReferenceGetsNoOrder(t *testing.T) {
	s := open(t)
	req := snapshot(newReference())

	for range 2 {
		require.Nil(t, s.close(req.Reference).Placed)
	}
	_, err := s.module.Service().Place(t.Context(), req)

	require.ErrorIs(t, err, orders.ErrReferenceClosed)
	_, err = s.module.Service().ByReference(t.Context(), orders.ByReferenceRequest{Reference: req.Reference})
	require.ErrorIs(t, err, orders.ErrNotFound)
	again := snapshot(newReference())
	again.CartID = req.CartID
	_, err = s.module.Service().Place(t.Context(), again)
	require.NoError(t, err, "its cart is free for another checkout")
}

func TestClosingAReferenceThatHasItsOrderAnswersTheOrder(t *testing.T) {
	s := open(t)
	req := snapshot(newReference())
	placed, err := s.module.Service().Place(t.Context(), req)
	require.NoError(t, err)

	require.Equal(t, &placed, s.close(req.Reference).Placed)

	again, err := s.module.Service().Place(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, placed, again)
}

// A program from before the table of decided references may still be placing orders during a deployment.
func TestAnOrderWithoutADecidedReferenceIsFound(t *testing.T) {
	s := open(t)
	req := snapshot(newReference())
	placed, err := s.module.Service().Place(t.Context(), req)
	require.NoError(t, err)
	_, err = s.db.Admin().Exec(t.Context(), `DELETE FROM orders.decided_references`)
	require.NoError(t, err)

	again, err := s.module.Service().Place(t.Context(), req)

	require.NoError(t, err)
	require.Equal(t, placed, again)
	require.Equal(t, &placed, s.close(req.Reference).Placed)
}

func TestOfPlaceAndCloseAtOnceOneDecides(t *testing.T) {
	s := open(t)
	for range 40 {
		req := snapshot(newReference())
		const each = 3
		var placing, closing [each]error
		closed := make([]orders.CloseAnswer, each)
		start := make(chan struct{})
		var running sync.WaitGroup
		for i := range each {
			running.Go(func() {
				<-start
				_, placing[i] = s.module.Service().Place(t.Context(), req)
			})
			running.Go(func() {
				<-start
				closed[i], closing[i] = s.module.Service().Close(t.Context(), orders.CloseRequest{Reference: req.Reference})
			})
		}
		close(start)
		running.Wait()

		isPlaced := placing[0] == nil
		for i := range each {
			require.NoError(t, closing[i])
			require.Equal(t, isPlaced, closed[i].Placed != nil)
			if isPlaced {
				require.NoError(t, placing[i])
			} else {
				require.ErrorIs(t, placing[i], orders.ErrReferenceClosed)
			}
		}
	}
}

func TestAnOrderOfATakenCartLeavesNothing(t *testing.T) {
	s := open(t)
	first, second := snapshot(newReference()), snapshot(newReference())
	second.CartID = first.CartID
	_, err := s.module.Service().Place(t.Context(), first)
	require.NoError(t, err)

	_, err = s.module.Service().Place(t.Context(), second)

	require.ErrorIs(t, err, orders.ErrCartTaken)
	second.CartID = ids.New()
	_, err = s.module.Service().Place(t.Context(), second)
	require.NoError(t, err, "its reference is not decided")
}
