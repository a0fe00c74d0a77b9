package concurrency

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/tests/shop"
)

// buy places an order over 100.00 for each 5 units and answers its admin path.
func buy(s *shop.Shop, sku string) string {
	bought := s.Must(http.StatusCreated, http.MethodPost, checkouts, shop.AtOnce(shop.Line(sku, 5)), shop.Once(shop.NewKey()))
	s.Settle()
	return "/admin/v1/orders/" + bought.Body.Text("order.id")
}

// requirePayment compares what was captured and refunded of an order over 100.00.
func requirePayment(t *testing.T, s *shop.Shop, path string, captured, refunded int64) {
	t.Helper()
	s.Settle()
	read := s.Must(http.StatusOK, http.MethodGet, path, nil, shop.Key(s.Owner))
	require.EqualValues(t, 10_000, read.Body.Number(t, "totals.total.amount"))
	require.Equal(t, captured, read.Body.Number(t, "payment.captured.amount"))
	require.Equal(t, refunded, read.Body.Number(t, "payment.refunded.amount"))
}

func canceledTogether(t *testing.T, s *shop.Shop) {
	const cancelers, refunders, rounds = 10, 5, 4
	s.Sell("C16", 2000, 5)
	for range rounds {
		path := buy(s, "C16")
		requirePayment(t, s, path, 10_000, 0)
		requireLevel(t, s, "C16", 5, 0, 5)

		answers := together(t, cancelers+refunders, func(i int) (shop.Answer, error) {
			if i < cancelers {
				return s.Try(http.MethodPost, path+"/cancellation", shop.Object{}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
			}
			return s.Try(http.MethodPost, path+"/refunds", shop.Object{"amount": shop.EUR(700)}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
		})

		require.Equal(t, map[string]int{"200": 1, "409 order_not_cancelable": cancelers - 1}, tally(answers[:cancelers]))
		for _, refund := range answers[cancelers:] {
			require.Contains(t, []int{http.StatusCreated, http.StatusConflict}, refund.Status, "%s", refund.Raw)
		}
		requirePayment(t, s, path, 10_000, 10_000)
		requireLevel(t, s, "C16", 5, 0, 0)
	}
	s.Verify()
}

func refundedTogether(t *testing.T, s *shop.Shop) {
	const clerks = 20
	s.Sell("C19", 2000, 5)
	path := buy(s, "C19")

	answers := together(t, clerks, func(int) (shop.Answer, error) {
		return s.Try(http.MethodPost, path+"/refunds", shop.Object{"amount": shop.EUR(3000)}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	})

	require.Equal(t, map[string]int{"201": 3, "409 refund_exceeds_captured": clerks - 3}, tally(answers))
	requirePayment(t, s, path, 10_000, 9000)
	s.Verify()
}

func capturedTogether(t *testing.T, s *shop.Shop) {
	const paths, clerks = 20, 2
	captureLater(t, s)
	s.Sell("C20", 2000, 5*paths)
	var placed []string
	for range paths {
		placed = append(placed, buy(s, "C20"))
	}
	requirePayment(t, s, placed[0], 0, 0)

	// Captures of other orders keep the database busy, so that those of one order get in each other's way.
	answers := together(t, paths*clerks, func(i int) (shop.Answer, error) {
		return s.Try(http.MethodPost, placed[i/clerks]+"/captures", shop.Object{"amount": shop.EUR(6000)}, shop.Key(s.Owner), shop.Once(shop.NewKey()))
	})

	for i, path := range placed {
		require.Equal(t, map[string]int{"201": 1, "409 capture_exceeds_authorized": 1}, tally(answers[i*clerks:(i+1)*clerks]))
		requirePayment(t, s, path, 6000, 0)
	}
	s.Verify()
}

// captureLater lets the shop's channel leave payments authorized until somebody captures them.
func captureLater(t *testing.T, s *shop.Shop) {
	t.Helper()
	channel := s.Must(http.StatusOK, http.MethodGet, "/admin/v1/channels", nil, shop.Key(s.Owner)).Body
	require.Len(t, channel.List("data"), 1)
	s.Must(http.StatusOK, http.MethodPatch, "/admin/v1/channels/"+channel.Text("data.0.id"), shop.Object{"payment_capture": "manual"},
		shop.Key(s.Owner), shop.IfMatch(fmt.Sprintf("%q", channel.Get("data.0.version"))))
}
