package ordersmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func standing(o placed, seq, captured int64) orders.PaymentStanding {
	return orders.PaymentStanding{Reference: o.reference, Status: payments.StatusAuthorized, Authorized: eur(3389),
		Captured: eur(captured), Refunded: eur(0), Seq: seq}
}

func (s shop) apply(standings ...orders.PaymentStanding) {
	s.Helper()
	_, err := s.module.Service().ApplyPayment(s.Context(), orders.ApplyPaymentRequest{Payments: standings})
	require.NoError(s, err)
}

func TestTheNewestStandingWinsInWhateverOrderTheyCome(t *testing.T) {
	s := open(t)
	o, other := s.place(), s.place()
	unknown := standing(o, 9, 1)
	unknown.Reference = "co_unknown"

	s.apply(standing(o, 2, 2000), unknown, standing(o, 3, 3389), standing(other, 1, 500), standing(o, 1, 1000))
	s.apply(standing(o, 1, 1000), standing(o, 3, 0))

	got := s.admin(o)
	require.Equal(t, eur(3389), got.Payment.Captured)
	require.Equal(t, httpapi.PaymentStatusPaid, got.PaymentStatus)
	require.Equal(t, int64(2), got.Version, "one change is one version")
	require.Equal(t, httpapi.PaymentStatusPartiallyPaid, s.admin(other).PaymentStatus)
}

func TestAStandingThatChangesAStatusIsAnnouncedOnce(t *testing.T) {
	s := open(t)
	o := s.place()

	s.apply(standing(o, 1, 1000))
	s.apply(standing(o, 2, 2000))
	s.apply(standing(o, 2, 2000))

	var events []string
	require.NoError(t, s.db.Admin().Select(t.Context(), &events, `
		SELECT format('%s %s', seq, payload->>'payment_status') FROM orders.outbox_events
		WHERE name = 'orders.order_changed.v1' ORDER BY seq`))
	require.Equal(t, []string{"2 partially_paid"}, events)
	require.Equal(t, int64(3), s.admin(o).Version)
}

func TestCapturingInPartsEndsPaid(t *testing.T) {
	s := open(t)
	o := s.place()

	s.refused(s.post(o.path+"/captures", "0", httpapi.CaptureCreate{Amount: money.MustNew(1, "CHF")}),
		http.StatusUnprocessableEntity, "currency_mismatch")
	part := created[httpapi.Capture](s, s.post(o.path+"/captures", "1", httpapi.CaptureCreate{Amount: eur(1000)}))
	after := s.admin(o)
	created[httpapi.Capture](s, s.post(o.path+"/captures", "2", httpapi.CaptureCreate{}))

	require.Equal(t, eur(1000), part.Amount)
	require.Equal(t, o.Order.ID, part.OrderID)
	require.Equal(t, httpapi.PaymentStatusPartiallyPaid, after.PaymentStatus)
	got := s.admin(o)
	require.Equal(t, httpapi.PaymentStatusPaid, got.PaymentStatus)
	require.Len(t, *got.Captures, 2)
	require.Equal(t, part, (*got.Captures)[0])
	s.refused(s.post(o.path+"/captures", "3", httpapi.CaptureCreate{}), http.StatusConflict, "capture_exceeds_authorized")
}

func TestTheKeyOfACommandWorksOnce(t *testing.T) {
	s := open(t)
	o, other := s.place(), s.place()
	body := httpapi.CaptureCreate{Amount: eur(1000)}
	first := s.post(o.path+"/captures", "k", body)
	require.Equal(t, http.StatusCreated, first.Code, first.Body.String())

	again, quoted := s.post(o.path+"/captures", "k", body), s.post(o.path+"/captures", `"k"`, body)

	for _, replay := range []answer{again, quoted} {
		require.Equal(t, http.StatusCreated, replay.Code)
		require.Equal(t, first.Body.String(), replay.Body.String())
		require.Equal(t, "true", replay.Header().Get("Idempotency-Replayed"))
	}
	require.Empty(t, first.Header().Get("Idempotency-Replayed"))
	require.Equal(t, eur(1000), s.attempt(o).Captured)
	s.refused(s.post(o.path+"/captures", "k", httpapi.CaptureCreate{Amount: eur(1)}), http.StatusUnprocessableEntity, "idempotency_key_reused")
	s.refused(s.post(other.path+"/captures", "k", body), http.StatusUnprocessableEntity, "idempotency_key_reused")
	s.refused(s.post(o.path+"/refunds", "k", body), http.StatusUnprocessableEntity, "idempotency_key_reused")
	s.refused(s.post(o.path+"/captures", "", body), http.StatusBadRequest, "idempotency_key_required")
}

func TestTheKeyOfARefusedCommandCanBeUsedAgain(t *testing.T) {
	s := open(t)
	o := s.place()

	s.refused(s.post(o.path+"/refunds", "k", httpapi.RefundCreate{Amount: eur(1)}), http.StatusConflict, "refund_exceeds_captured")
	s.apply(standing(o, 1, 0))
	created[httpapi.Capture](s, s.post(o.path+"/captures", "k", httpapi.CaptureCreate{}))
}

func TestC20CapturesOfAnOrderAtOnceStayWithinTheAuthorization(t *testing.T) {
	s := open(t)
	o := s.place()

	answers := atOnce(2, func(i int) answer {
		return s.post(o.path+"/captures", fmt.Sprint(i), httpapi.CaptureCreate{Amount: eur(2000)})
	})

	require.Equal(t, map[int]int{201: 1, 409: 1}, count(answers))
	require.Equal(t, eur(2000), s.admin(o).Payment.Captured)
}

func TestC19RefundsOfAnOrderAtOnceStayWithinWhatWasCaptured(t *testing.T) {
	s := open(t)
	o := s.paid()

	answers := atOnce(20, func(i int) answer {
		return s.post(o.path+"/refunds", fmt.Sprint(i), httpapi.RefundCreate{Amount: eur(1000)})
	})

	require.Equal(t, map[int]int{201: 3, 409: 17}, count(answers))
	require.Equal(t, eur(3000), s.admin(o).Payment.Refunded)
	require.Equal(t, httpapi.PaymentStatusPartiallyRefunded, s.admin(o).PaymentStatus)
}

func TestB09RefundingALineUnitByUnitGivesItsTotalBack(t *testing.T) {
	s := open(t)
	o := s.paid()
	var sum int64

	for i := range 3 {
		got := created[httpapi.Refund](s, s.post(o.path+"/refunds", fmt.Sprint(i), httpapi.RefundCreate{Lines: o.lines(0, 1), Reason: "chipped"}))
		require.Equal(t, []httpapi.OrderLineAmount{{LineID: o.Order.Lines[1].ID, Quantity: 1}}, got.Lines)
		sum += got.Amount.Minor()
	}

	require.Equal(t, int64(899), sum)
	s.refused(s.post(o.path+"/refunds", "4", httpapi.RefundCreate{Lines: o.lines(0, 1)}), http.StatusConflict, "refund_exceeds_captured")
	refunds := *s.admin(o).Refunds
	require.Len(t, refunds, 3)
	require.Equal(t, "chipped", refunds[0].Reason)
	require.Equal(t, o.Order.Lines[1].ID, refunds[0].Lines[0].LineID)
}

func TestTheSameUnitRefundedAtOnceIsRefundedOnce(t *testing.T) {
	s := open(t)
	o := s.paid()

	answers := atOnce(5, func(i int) answer {
		return s.post(o.path+"/refunds", fmt.Sprint(i), httpapi.RefundCreate{Lines: o.lines(0, 2)})
	})

	require.Equal(t, map[int]int{201: 1, 409: 4}, count(answers))
	require.Equal(t, eur(599), s.admin(o).Payment.Refunded)
}

func TestARefundWithAnAmountSaysWhatItIsFor(t *testing.T) {
	s := open(t)
	o := s.paid()

	got := created[httpapi.Refund](s, s.post(o.path+"/refunds", "1", httpapi.RefundCreate{Amount: eur(5), Lines: o.lines(1)}))
	whole := created[httpapi.Refund](s, s.post(o.path+"/refunds", "2", httpapi.RefundCreate{Lines: o.lines(2)}))

	require.Equal(t, eur(5), got.Amount)
	require.Len(t, got.Lines, 1)
	require.Equal(t, eur(2000), whole.Amount, "the worth of the line is untouched")
}

func TestRefundingAllOfItEndsRefunded(t *testing.T) {
	s := open(t)
	o := s.paid()

	got := created[httpapi.Refund](s, s.post(o.path+"/refunds", "1", httpapi.RefundCreate{}))

	require.Equal(t, eur(3389), got.Amount)
	require.Equal(t, httpapi.PaymentStatusRefunded, s.admin(o).PaymentStatus)
}

func TestARefundThatPaymentsRefuseGivesTheUnitsBack(t *testing.T) {
	s := open(t)
	o := s.place()
	created[httpapi.Capture](s, s.post(o.path+"/captures", "1", httpapi.CaptureCreate{Amount: eur(1000)}))

	s.refused(s.post(o.path+"/refunds", "2", httpapi.RefundCreate{Lines: o.lines(2)}), http.StatusConflict, "refund_exceeds_captured")

	got := created[httpapi.Refund](s, s.post(o.path+"/refunds", "2", httpapi.RefundCreate{Lines: o.lines(1)}))
	require.Equal(t, eur(1000), got.Amount)
}

func TestALineThatIsNotTheOrdersCannotBeRefunded(t *testing.T) {
	s := open(t)
	o, other := s.paid(), s.place()
	for _, id := range []string{other.Order.Lines[0].ID, ids.Encode(orders.LinePrefix, ids.New()), "nonsense"} {
		a := s.post(o.path+"/refunds", "k", httpapi.RefundCreate{Lines: []httpapi.OrderLineRef{{LineID: id, Quantity: 1}}})

		s.refused(a, http.StatusUnprocessableEntity, "validation_failed")
		require.Contains(t, a.Body.String(), `"/lines/0/line_id"`)
	}
}

func TestCommandsOnAnOrderThatDoesNotExistAreNotFound(t *testing.T) {
	s := open(t)
	for _, id := range []string{ids.Encode(orders.OrderPrefix, ids.New()), "ord_x", ids.Encode("cart", ids.New())} {
		path := "/admin/v1/orders/" + id
		for _, action := range []string{"/captures", "/refunds", "/fulfillments", "/cancellation"} {
			s.refused(s.post(path+action, "k", struct{}{}), http.StatusNotFound, "not_found")
		}
		s.refused(s.get(path), http.StatusNotFound, "not_found")
	}
}
