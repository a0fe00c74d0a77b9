package ordersmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// A clerk clicks twice while the money is being captured: the first request asks payments too early and is refused, the
// second in time. The first then drops the command that the second is about to finish.
func TestARefusedRequestDoesNotUndoWhatItsRepetitionDid(t *testing.T) {
	s := open(t)
	o := s.paid()
	refund := func() answer { return s.post(o.path+"/refunds", "k", httpapi.RefundCreate{Lines: o.lines(1)}) }
	refunded, dropped, second := make(chan struct{}), make(chan struct{}), make(chan answer)
	s.fuse.meanwhile = map[string]func() error{
		"before refund": func() error {
			go func() { second <- refund() }()
			<-refunded
			return payments.ErrRefundExceeds
		},
		"after refund": func() error {
			close(refunded)
			<-dropped
			return nil
		},
	}

	first := refund()
	close(dropped)

	s.refused(first, http.StatusConflict, "refund_exceeds_captured")
	require.Equal(t, http.StatusCreated, (<-second).Code)
	third := refund()
	require.Equal(t, "true", third.Header().Get("Idempotency-Replayed"), third.Body.String())
	require.Equal(t, eur(1000), s.attempt(o).Refunded)
	require.Len(t, *s.admin(o).Refunds, 1)
}
