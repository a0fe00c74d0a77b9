package ordersmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/payments"
)

func TestCancelingVoidsWhatIsAuthorizedAndGivesTheStockBack(t *testing.T) {
	s := open(t)
	o := s.place()
	require.Equal(t, int64(stocked-2), s.available("TEE"))

	a := s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{Reason: "changed mind"})

	require.Equal(t, http.StatusOK, a.Code, a.Body.String())
	got := read[httpapi.AdminOrder](s, a)
	require.Equal(t, httpapi.OrderStatusCanceled, got.Status)
	require.Equal(t, httpapi.PaymentStatusVoided, got.PaymentStatus)
	require.Equal(t, "changed mind", got.CancelReason)
	require.False(t, got.CanceledAt.IsZero())
	require.Zero(t, got.Lines[0].Quantity.Current)
	require.Equal(t, payments.StatusVoided, s.attempt(o).Status)
	require.Equal(t, int64(stocked), s.available("TEE"))
	for _, action := range []string{"/captures", "/fulfillments"} {
		s.refused(s.post(o.path+action, "k", struct{}{}), http.StatusConflict, "order_state")
	}
}

func TestCancelingRefundsWhatWasCaptured(t *testing.T) {
	s := open(t)
	o := s.paid()
	created[httpapi.Refund](s, s.post(o.path+"/refunds", "1", httpapi.RefundCreate{Amount: eur(89)}))

	got := read[httpapi.AdminOrder](s, s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{}))

	require.Equal(t, httpapi.OrderStatusCanceled, got.Status)
	require.Equal(t, httpapi.PaymentStatusRefunded, got.PaymentStatus)
	require.Equal(t, eur(3389), s.attempt(o).Refunded)
	require.Equal(t, int64(stocked), s.available("MUG"))
}

func TestCancelingAnOrderThatWasRefundedMovesNoMoney(t *testing.T) {
	s := open(t)
	o := s.paid()
	created[httpapi.Refund](s, s.post(o.path+"/refunds", "1", httpapi.RefundCreate{}))

	a := s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{})

	require.Equal(t, http.StatusOK, a.Code, a.Body.String())
	require.Equal(t, eur(3389), s.attempt(o).Refunded)
}

func TestAnOrderOfWhichSomethingWasSentCannotBeCanceled(t *testing.T) {
	s := open(t)
	o := s.place()
	created[httpapi.Fulfillment](s, s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{Lines: o.lines(1)}))

	s.refused(s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{}), http.StatusConflict, "order_not_cancelable")

	require.Equal(t, payments.StatusAuthorized, s.attempt(o).Status)
	require.Equal(t, httpapi.OrderStatusPlaced, s.admin(o).Status)
}

func TestRepeatingACancellation(t *testing.T) {
	s := open(t)
	o := s.place()
	first := s.post(o.path+"/cancellation", "k", httpapi.CancellationCreate{})

	again := s.post(o.path+"/cancellation", "k", httpapi.CancellationCreate{})

	require.Equal(t, first.Body.String(), again.Body.String())
	require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"))
	s.refused(s.post(o.path+"/cancellation", "other", httpapi.CancellationCreate{}), http.StatusConflict, "order_not_cancelable")
	s.refused(s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{}), http.StatusConflict, "order_not_cancelable")
}

func TestC16CancelingAtOnceWithARefundHasOneEffect(t *testing.T) {
	s := open(t)
	for range 10 {
		o := s.paid()
		before := s.available("MUG")

		answers := atOnce(11, func(i int) answer {
			if i == 0 {
				return s.post(o.path+"/refunds", "r"+o.reference, httpapi.RefundCreate{Amount: eur(1000)})
			}
			return s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{})
		})

		require.Equal(t, 1, count(answers[1:])[http.StatusOK])
		require.Equal(t, 9, count(answers[1:])[http.StatusConflict])
		require.Equal(t, eur(3389), s.attempt(o).Refunded)
		require.Equal(t, before+3, s.available("MUG"))
		require.Equal(t, httpapi.PaymentStatusRefunded, s.admin(o).PaymentStatus)
	}
}

func TestACaptureAndACancellationAtOnceLeaveNoMoney(t *testing.T) {
	s := open(t)
	for range 10 {
		o := s.place()

		answers := atOnce(2, func(i int) answer {
			if i == 0 {
				return s.post(o.path+"/captures", "c"+o.reference, httpapi.CaptureCreate{})
			}
			return s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{})
		})

		if answers[1].Code == http.StatusServiceUnavailable {
			s.recoverAll()
		}
		attempt := s.attempt(o)
		require.Equal(t, attempt.Captured, attempt.Refunded)
		require.Equal(t, httpapi.OrderStatusCanceled, s.admin(o).Status)
	}
}

func TestASendingAndACancellationAtOnceExcludeEachOther(t *testing.T) {
	s := open(t)
	for range 10 {
		o := s.place()

		answers := atOnce(2, func(i int) answer {
			if i == 0 {
				return s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{})
			}
			return s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{})
		})

		require.Equal(t, 1, count(answers)[http.StatusConflict], "%d %d", answers[0].Code, answers[1].Code)
	}
}
