package ordersmod_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestOneReferencePlacedAtOnceIsOneOrder(t *testing.T) {
	s := open(t)
	for range 10 {
		req := snapshot(newReference())
		const callers = 4
		got := make([]orders.Placed, callers)
		errs := make([]error, callers)
		start := make(chan struct{})
		var running sync.WaitGroup
		for i := range callers {
			running.Go(func() {
				<-start
				got[i], errs[i] = s.module.Service().Place(t.Context(), req)
			})
		}
		close(start)
		running.Wait()

		for i := range callers {
			require.NoError(t, errs[i])
			require.Equal(t, got[0], got[i])
		}
	}
	var rows []int
	require.NoError(t, s.db.Admin().Select(t.Context(), &rows, `
		SELECT count(*) FROM orders.orders UNION ALL SELECT count(*) FROM orders.outbox_events UNION ALL
		SELECT count(*) / 2 FROM orders.order_lines`))
	require.Equal(t, []int{10, 10, 10}, rows)
}

// Orders that are placed at the same moment are written by one statement, which may be refused because of one of them.
func TestOrdersOfOneMomentHaveEachItsOwnAnswer(t *testing.T) {
	s := open(t)
	const fresh = 6
	for range 5 {
		reqs := make([]orders.PlaceRequest, fresh+2)
		for i := range reqs {
			reqs[i] = snapshot(newReference())
			reqs[i].Email = reqs[i].Reference + "@example.com"
		}
		taken, closed := fresh, fresh+1
		other := snapshot(newReference())
		reqs[taken].CartID = other.CartID
		_, err := s.module.Service().Place(t.Context(), other)
		require.NoError(t, err)
		_, err = s.module.Service().Close(t.Context(), orders.CloseRequest{Reference: reqs[closed].Reference})
		require.NoError(t, err)

		got, errs := make([]orders.Placed, len(reqs)), make([]error, len(reqs))
		start := make(chan struct{})
		var running sync.WaitGroup
		for i := range reqs {
			running.Go(func() {
				<-start
				got[i], errs[i] = s.module.Service().Place(t.Context(), reqs[i])
			})
		}
		close(start)
		running.Wait()

		for i := range fresh {
			require.NoError(t, errs[i])
			found, err := s.module.Service().ByReference(t.Context(), orders.ByReferenceRequest{Reference: reqs[i].Reference})
			require.NoError(t, err)
			require.Equal(t, found, got[i])
			require.Equal(t, reqs[i].Email, found.Order.Email)
		}
		require.ErrorIs(t, errs[taken], orders.ErrCartTaken)
		require.ErrorIs(t, errs[closed], orders.ErrReferenceClosed)
	}
	var whole int
	require.NoError(t, s.db.Admin().Get(t.Context(), &whole, `SELECT count(*) FROM orders.orders o
		JOIN orders.outbox_events e ON e.aggregate_id = o.id::text AND e.payload->>'number' = o.number AND e.payload->>'reference' = o.reference
		WHERE (SELECT count(*) FROM orders.order_lines l WHERE l.order_id = o.id) = 2`))
	require.Equal(t, 5*(fresh+1), whole)
}

func TestAnOrderOfNothingToSendHasNoAddress(t *testing.T) {
	s := open(t)
	req := snapshot(newReference())
	req.ShippingAddress, req.BillingAddress, req.Shipping = nil, nil, nil
	req.Totals.Shipping, req.Totals.Tax, req.Totals.Total = eur(0), eur(463), eur(2899)
	o := s.placeSnapshot(req)

	a := s.buyer(o, o.Order.Token)

	require.Equal(t, http.StatusOK, a.Code, a.Body.String())
	require.Nil(t, read[orders.View](s, a).Shipping)
}

func TestAPlacedOrderIsAnnounced(t *testing.T) {
	s := open(t)
	o := s.place()

	var events []string
	require.NoError(t, s.db.Admin().Select(t.Context(), &events, `
		SELECT format('%s %s %s: %s, capture %s', name, aggregate_type, seq, payload->>'reference', payload->>'capture_payment')
		FROM orders.outbox_events WHERE aggregate_id = $1`, o.OrderID))

	require.Equal(t, []string{"orders.order_placed.v1 order 1: " + o.reference + ", capture true"}, events)
}

func TestTheBuyerReadsTheOrderWithItsToken(t *testing.T) {
	s := open(t)
	mine, other := s.place(), s.place()

	a := s.buyer(mine, mine.Order.Token)

	require.Equal(t, http.StatusOK, a.Code, a.Body.String())
	require.Equal(t, mine.Order, read[orders.View](s, a))
	s.refused(s.buyer(mine, ""), http.StatusUnauthorized, "token_required")
	absent := placed{Placed: orders.Placed{Order: orders.View{ID: ids.Encode(orders.OrderPrefix, ids.New())}}}
	want := s.buyer(absent, mine.Order.Token)
	s.refused(want, http.StatusNotFound, "not_found")
	for _, token := range []string{other.Order.Token, "null", mine.Order.Token[1:]} {
		wrong := s.buyer(mine, token)
		require.Equal(t, want.Code, wrong.Code)
		require.Equal(t, want.Body.String(), wrong.Body.String(), "a wrong token looks like no order")
	}
}
