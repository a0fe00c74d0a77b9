package ordersmod_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders/internal/httpapi"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/periodic/periodictest"
)

// recoverAll makes unfinished commands due and waits for the background to finish them.
func (s shop) recoverAll() {
	s.Helper()
	for {
		_, err := s.db.Admin().Exec(s.Context(), `UPDATE orders.commands SET next_run_at = now() WHERE NOT done`)
		require.NoError(s, err)
		finished, err := s.module.Recover(s.Context())
		require.NoError(s, err)
		if finished == 0 {
			break
		}
	}
	var left int
	require.NoError(s, s.db.Admin().Get(s.Context(), &left, `SELECT count(*) FROM orders.commands WHERE NOT done`))
	require.Zero(s, left)
}

// story is a command that breaks off at one of its steps, and what must be true when it was finished.
type story struct {
	action string
	body   func(o placed) any
	steps  []string
	check  func(s shop, o placed)
}

func stories() map[string]story {
	return map[string]story{
		"a fulfillment": {"/fulfillments", func(o placed) any { return httpapi.FulfillmentCreate{Lines: o.lines(1, 1)} },
			[]string{"before ship", "after ship", "before shipment", "after shipment"},
			func(s shop, o placed) {
				require.Len(s, s.parcels.list, 1)
				require.Equal(s, int64(1), s.admin(o).Lines[0].Quantity.Fulfilled)
				require.Equal(s, httpapi.FulfillmentStatusPartiallyFulfilled, s.admin(o).FulfillmentStatus)
			}},
		"a refund": {"/refunds", func(o placed) any { return httpapi.RefundCreate{Lines: o.lines(1)} },
			[]string{"before refund", "after refund"},
			func(s shop, o placed) {
				require.Equal(s, eur(1000), s.attempt(o).Refunded)
				require.Equal(s, eur(1000), s.admin(o).Payment.Refunded)
			}},
		"a cancellation": {"/cancellation", func(placed) any { return httpapi.CancellationCreate{} },
			[]string{"before void", "after void", "before refund", "after refund", "before deallocate", "after deallocate"},
			func(s shop, o placed) {
				require.Equal(s, eur(3389), s.attempt(o).Refunded)
				require.Equal(s, int64(stocked), s.available("TEE"))
				require.Equal(s, httpapi.PaymentStatusRefunded, s.admin(o).PaymentStatus)
			}},
	}
}

func TestACommandThatBrokeOffIsFinishedByItsRepetition(t *testing.T) {
	for name, story := range stories() {
		for _, step := range story.steps {
			t.Run(name+" "+step, func(t *testing.T) {
				s := open(t)
				o := s.paid()
				s.fuse.set(step)
				broken := s.post(o.path+story.action, "k", story.body(o))
				require.Equal(t, http.StatusInternalServerError, broken.Code)

				again := s.post(o.path+story.action, "k", story.body(o))

				require.Less(t, again.Code, 300, again.Body.String())
				story.check(s, o)
			})
		}
	}
}

func TestACommandThatBrokeOffIsFinishedInTheBackground(t *testing.T) {
	for name, story := range stories() {
		for _, step := range story.steps {
			t.Run(name+" "+step, func(t *testing.T) {
				s := open(t)
				o := s.paid()
				s.fuse.set(step)
				broken := s.post(o.path+story.action, "k", story.body(o))
				require.Equal(t, http.StatusInternalServerError, broken.Code)

				s.recoverAll()

				story.check(s, o)
			})
		}
	}
}

func TestACaptureThatBrokeOffIsFinished(t *testing.T) {
	for _, step := range []string{"before capture", "after capture"} {
		s := open(t)
		o := s.place()
		s.fuse.set(step)
		require.Equal(t, http.StatusInternalServerError, s.post(o.path+"/captures", "k", httpapi.CaptureCreate{}).Code)

		s.recoverAll()

		require.Equal(t, httpapi.PaymentStatusPaid, s.admin(o).PaymentStatus)
		again := s.post(o.path+"/captures", "k", httpapi.CaptureCreate{})
		require.Equal(t, "true", again.Header().Get("Idempotency-Replayed"), again.Body.String())
	}
}

func TestWhatIsOnItsWayOutIsNeitherSentTwiceNorCanceled(t *testing.T) {
	s := open(t)
	o := s.place()
	s.fuse.set("after ship")
	s.post(o.path+"/fulfillments", "k", httpapi.FulfillmentCreate{})

	s.refused(s.post(o.path+"/cancellation", "", httpapi.CancellationCreate{}), http.StatusConflict, "order_not_cancelable")
	s.refused(s.post(o.path+"/fulfillments", "", httpapi.FulfillmentCreate{}), http.StatusConflict, "line_not_fulfillable")

	s.recoverAll()
	require.Equal(t, httpapi.FulfillmentStatusFulfilled, s.admin(o).FulfillmentStatus)
}

func TestACommandOfARunningRequestIsLeftAlone(t *testing.T) {
	s := open(t)
	o := s.place()
	s.fuse.set("before capture")
	s.post(o.path+"/captures", "k", httpapi.CaptureCreate{})

	finished, err := s.module.Recover(t.Context())

	require.NoError(t, err)
	require.Zero(t, finished)
	require.Equal(t, payments.StatusAuthorized, s.attempt(o).Status)
}

func TestTheBackgroundStopsWithItsContext(t *testing.T) {
	s := open(t)
	periodictest.Run(t, s.module.Run)()
}
