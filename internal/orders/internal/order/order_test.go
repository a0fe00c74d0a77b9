package order_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/orders/internal/order"
)

func TestEachStateAllowsItsVerbsOnly(t *testing.T) {
	verbs := []order.Verb{order.Pay, order.Capture, order.Refund, order.Fulfill, order.Cancel}
	illegal, final := orders.ErrIllegalTransition, orders.ErrNotCancelable
	for status, want := range map[string][5]error{
		"placed":    {nil, nil, nil, nil, nil},
		"completed": {nil, illegal, nil, illegal, final},
		"canceled":  {nil, illegal, nil, illegal, final},
	} {
		for i, verb := range verbs {
			t.Run(fmt.Sprint(status, " ", verb), func(t *testing.T) {
				err := order.May(status, verb)

				if want[i] == nil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, want[i])
			})
		}
	}
}

func TestThePaymentStatusFollowsTheMoney(t *testing.T) {
	for _, c := range []struct {
		authorized, captured, refunded int64
		voided                         bool
		want                           string
	}{
		{0, 0, 0, false, "unpaid"},
		{100, 0, 0, false, "authorized"},
		{100, 0, 0, true, "voided"},
		{100, 60, 0, false, "partially_paid"},
		{100, 100, 0, false, "paid"},
		{100, 100, 1, false, "partially_refunded"},
		{100, 60, 30, false, "partially_refunded"},
		{100, 60, 60, false, "refunded"},
		{100, 100, 100, false, "refunded"},
		{130, 130, 0, false, "overpaid"},
		{130, 130, 20, false, "overpaid"},
		{130, 130, 40, false, "partially_refunded"},
	} {
		got := order.PaymentStatus(100, order.Payment{Authorized: c.authorized, Captured: c.captured, Refunded: c.refunded, Voided: c.voided})

		require.Equal(t, c.want, got, "%+v", c)
	}
	require.Equal(t, "paid", order.PaymentStatus(0, order.Payment{}))
	require.Equal(t, "voided", order.PaymentStatus(0, order.Payment{Voided: true}))
}

func line(ordered, fulfilled, canceled int64) order.Line {
	return order.Line{PlaceLine: orders.PlaceLine{Quantity: ordered}, Fulfilled: fulfilled, Canceled: canceled}
}

func TestTheFulfillmentStatusFollowsTheCounters(t *testing.T) {
	for _, c := range []struct {
		lines []order.Line
		want  string
	}{
		{[]order.Line{line(2, 0, 0)}, "unfulfilled"},
		{[]order.Line{line(2, 1, 0)}, "partially_fulfilled"},
		{[]order.Line{line(2, 2, 0), line(1, 0, 0)}, "partially_fulfilled"},
		{[]order.Line{line(2, 2, 0), line(1, 1, 0)}, "fulfilled"},
		{[]order.Line{line(2, 1, 1)}, "fulfilled"},
		{[]order.Line{line(2, 0, 2)}, "unfulfilled"},
	} {
		require.Equal(t, c.want, order.FulfillmentStatus(c.lines), "%+v", c.lines)
	}
}

func TestAnOrderIsCompletedWhenAllWasSentAndTaken(t *testing.T) {
	for _, c := range []struct {
		canceled    bool
		captured    int64
		fulfillment string
		want        string
	}{
		{false, 100, orders.Fulfilled, "completed"},
		{false, 99, orders.Fulfilled, "placed"},
		{false, 100, orders.PartiallyFulfilled, "placed"},
		{false, 0, orders.Unfulfilled, "placed"},
		{true, 100, orders.Unfulfilled, "canceled"},
	} {
		require.Equal(t, c.want, order.Status(c.canceled, 100, order.Payment{Captured: c.captured}, c.fulfillment), "%+v", c)
	}
}

func TestAGivenBackOrderStaysCompleted(t *testing.T) {
	require.Equal(t, "completed", order.Status(false, 100, order.Payment{Captured: 100, Refunded: 100}, orders.Fulfilled))
}

func placed() order.State {
	return order.State{ID: "o1", Currency: "EUR", Total: 100, Version: 1, Seq: 1, Status: "placed", PaymentStatus: "authorized",
		FulfillmentStatus: "unfulfilled", Payment: order.Payment{Authorized: 100, Seq: 3}}
}

func standing(seq, captured int64) orders.PaymentStanding {
	return orders.PaymentStanding{Authorized: money.MustNew(100, "EUR"), Captured: money.MustNew(captured, "EUR"),
		Refunded: money.MustNew(0, "EUR"), Seq: seq}
}

func TestAnOlderStandingChangesNothing(t *testing.T) {
	for _, seq := range []int64{2, 3} {
		same, err := placed().ApplyPayment(standing(seq, 100))

		require.NoError(t, err)
		require.Equal(t, placed(), same)
	}
}

func TestANewerStandingIsCountedAndAnnounced(t *testing.T) {
	paid, err := placed().ApplyPayment(standing(4, 100))
	require.NoError(t, err)
	again, err := paid.ApplyPayment(standing(5, 100))
	require.NoError(t, err)

	require.Equal(t, "paid", paid.PaymentStatus)
	require.Equal(t, 2, paid.Version)
	require.Equal(t, int64(2), paid.Seq)
	require.True(t, paid.Announce)
	require.Equal(t, 3, again.Version)
	require.Equal(t, int64(2), again.Seq)
	require.False(t, again.Announce, "no status changed")
}

func TestAStandingInAnotherCurrencyIsRefused(t *testing.T) {
	_, err := placed().ApplyPayment(orders.PaymentStanding{Authorized: money.MustNew(100, "CHF"), Seq: 9})

	require.ErrorIs(t, err, money.ErrCurrencyMismatch)
}

func TestCancelingRefusesWhatWasSentOrIsOnItsWay(t *testing.T) {
	sent, going := line(2, 1, 0), line(2, 0, 0)
	going.Fulfilling = 1
	now := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)

	for _, l := range []order.Line{sent, going} {
		_, err := placed().Cancel([]order.Line{line(1, 0, 0), l}, "", now)
		require.ErrorIs(t, err, orders.ErrNotCancelable)
	}
	canceled, err := placed().Cancel([]order.Line{line(2, 0, 0)}, "changed mind", now)
	require.NoError(t, err)
	_, err = canceled.Cancel([]order.Line{line(2, 0, 2)}, "", now)

	require.ErrorIs(t, err, orders.ErrNotCancelable)
	require.Equal(t, "canceled", canceled.Status)
	require.Equal(t, "changed mind", canceled.CancelReason)
	require.Equal(t, &now, canceled.CanceledAt)
	require.True(t, canceled.Announce)
}

func TestSendingTheLastOfAPaidOrderCompletesIt(t *testing.T) {
	paid, err := placed().ApplyPayment(standing(4, 100))
	require.NoError(t, err)

	done := paid.ApplyFulfillment([]order.Line{line(2, 2, 0)})

	require.Equal(t, "fulfilled", done.FulfillmentStatus)
	require.Equal(t, "completed", done.Status)
}
