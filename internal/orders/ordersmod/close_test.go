package ordersmod_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders"
)

func (s shop) close(reference string) orders.CloseAnswer {
	s.Helper()
	answer, err := s.module.Service().Close(s.Context(), orders.CloseRequest{Reference: reference})
	require.NoError(s, err)
	return answer
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
