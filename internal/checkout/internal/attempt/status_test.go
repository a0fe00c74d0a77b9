package attempt_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/cart"
	"github.com/rialto-commerce/rialto/internal/checkout"
	"github.com/rialto-commerce/rialto/internal/checkout/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/orders"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
)

func TestC21EveryVerbFromEveryStatus(t *testing.T) {
	all := []string{checkout.StatusStarted, checkout.StatusAuthorizing, checkout.StatusActionRequired, checkout.StatusPaymentUnknown,
		checkout.StatusCanceling, checkout.StatusCompleted, checkout.StatusCanceled, checkout.StatusReview}
	waiting := []string{checkout.StatusActionRequired, checkout.StatusPaymentUnknown}
	open := append([]string{checkout.StatusStarted, checkout.StatusAuthorizing, checkout.StatusReview}, waiting...)
	for _, verb := range []struct {
		name string
		do   func(a *attempt.Attempt) error
		from []string
		to   string
	}{
		{"authorize", func(a *attempt.Attempt) error { return a.Authorize(cart.Snapshot{}) }, []string{checkout.StatusStarted}, checkout.StatusAuthorizing},
		{"await payment", (*attempt.Attempt).AwaitPayment, []string{checkout.StatusAuthorizing}, checkout.StatusPaymentUnknown},
		{"await shopper", func(a *attempt.Attempt) error { return a.AwaitShopper(payments.Action{}) },
			[]string{checkout.StatusAuthorizing, checkout.StatusPaymentUnknown}, checkout.StatusActionRequired},
		{"complete", func(a *attempt.Attempt) error { return a.Complete(orders.Placed{}) }, open, checkout.StatusCompleted},
		{"cancel", func(a *attempt.Attempt) error { return a.Cancel(checkout.ErrCanceled) }, open, checkout.StatusCanceling},
		{"undone", (*attempt.Attempt).Undone, []string{checkout.StatusCanceling}, checkout.StatusCanceled},
		{"review", func(a *attempt.Attempt) error { return a.Review(attempt.ReviewNotUndone) }, append([]string{checkout.StatusCanceling}, waiting...), checkout.StatusReview},
	} {
		for _, status := range all {
			t.Run(verb.name+" from "+status, func(t *testing.T) {
				a := attempt.Attempt{Status: status, PaymentToken: "tok", Stale: true}
				before := a

				err := verb.do(&a)

				if slices.Contains(verb.from, status) {
					require.NoError(t, err)
					assert.Equal(t, verb.to, a.Status)
					assert.False(t, a.Stale, "another status has another end")
					return
				}
				require.ErrorIs(t, err, attempt.ErrIllegalTransition)
				assert.Equal(t, before, a, "a refused verb changes nothing")
			})
		}
	}
}

func TestAnEndErasesWhatOnlyTheWayNeeded(t *testing.T) {
	placed := orders.Placed{OrderID: "order", Order: orders.View{ID: "ord_1", Token: "secret",
		Payment: orders.ViewPayment{Authorized: money.MustNew(500, "EUR")}, Totals: orders.Totals{Total: money.MustNew(500, "EUR")}}}
	completed := attempt.Attempt{Status: checkout.StatusStarted, PaymentToken: "tok", Snapshot: &cart.Snapshot{}}
	canceled := completed

	require.NoError(t, completed.Complete(placed))
	require.NoError(t, canceled.Cancel(checkout.ErrCanceled))
	assert.Empty(t, canceled.PaymentToken)
	assert.NotNil(t, canceled.Snapshot, "somebody may have paid for it")
	require.NoError(t, canceled.Undone())

	for _, a := range []attempt.Attempt{completed, canceled} {
		assert.Empty(t, a.PaymentToken)
		assert.Nil(t, a.Snapshot)
	}
	assert.Equal(t, "order", completed.OrderID)
	assert.Equal(t, money.MustNew(500, "EUR"), completed.Total)
	assert.Equal(t, money.MustNew(500, "EUR"), completed.First.Payment.Authorized)
}

func TestEachStatusHasAnEnd(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	deadline := now.Add(20 * time.Minute)
	for _, c := range []struct {
		name string
		from string
		do   func(a *attempt.Attempt) error
		want time.Time
	}{
		{"authorizing", checkout.StatusStarted, func(a *attempt.Attempt) error { return a.Authorize(cart.Snapshot{}) }, now.Add(2 * time.Minute)},
		{"payment unknown", checkout.StatusAuthorizing, (*attempt.Attempt).AwaitPayment, now.Add(24 * time.Hour)},
		{"action required", checkout.StatusAuthorizing, func(a *attempt.Attempt) error { return a.AwaitShopper(payments.Action{}) }, deadline},
		{"canceling", checkout.StatusStarted, func(a *attempt.Attempt) error { return a.Cancel(checkout.ErrCanceled) }, now.Add(24 * time.Hour)},
		{"canceled", checkout.StatusCanceling, (*attempt.Attempt).Undone, time.Time{}},
		{"completed", checkout.StatusStarted, func(a *attempt.Attempt) error { return a.Complete(orders.Placed{}) }, time.Time{}},
		{"review", checkout.StatusPaymentUnknown, func(a *attempt.Attempt) error { return a.Review(attempt.ReviewPaymentUnknown) }, time.Time{}},
	} {
		a := attempt.Attempt{Status: c.from, ReadAt: now, Deadline: deadline, EndsAt: deadline}

		require.NoError(t, c.do(&a), c.name)

		assert.Equal(t, c.want, a.EndsAt, c.name)
	}
}

func TestAnActionIsAwaitedNoLongerThanTheCheckout(t *testing.T) {
	deadline := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	for expires, want := range map[time.Time]time.Time{
		{}:                       deadline,
		deadline.Add(time.Hour):  deadline,
		deadline.Add(-time.Hour): deadline.Add(-time.Hour),
	} {
		a := attempt.Attempt{Status: checkout.StatusAuthorizing, Deadline: deadline}

		require.NoError(t, a.AwaitShopper(payments.Action{Type: payments.ActionRedirect, URL: "https://pay.example/", ExpiresAt: expires}))

		assert.Equal(t, want, a.Action.ExpiresAt)
	}
}

func TestAReviewKeepsWhatWasAgreedAndNotHowItWasToBePaid(t *testing.T) {
	a := attempt.Attempt{Status: checkout.StatusPaymentUnknown, PaymentToken: "tok", Snapshot: &cart.Snapshot{Note: "n"}, Action: &payments.Action{}}

	require.NoError(t, a.Review(attempt.ReviewPaymentUnknown))

	assert.Empty(t, a.PaymentToken)
	assert.Nil(t, a.Action)
	assert.Equal(t, "n", a.Snapshot.Note)
	assert.Equal(t, attempt.ReviewPaymentUnknown, a.ReviewReason)
}

func TestOnlyAFinalRefusalKeepsItsKey(t *testing.T) {
	for reason, key := range map[*fault.Error]string{
		checkout.ErrPaymentDeclined:   "key",
		checkout.ErrCanceled:          "key",
		checkout.ErrInsufficientStock: "",
		checkout.ErrPriceChanged:      "",
		cart.ErrVersionMismatch:       "",
	} {
		a := attempt.Attempt{Status: checkout.StatusCanceling, Scope: "scope", Key: "key", Failure: reason}

		require.NoError(t, a.Undone())

		assert.Equal(t, key, a.Key, reason.Code)
		assert.Equal(t, key != "", a.BelongsTo("scope", "key"))
		assert.False(t, a.BelongsTo("scope", ""))
	}
}

func TestTheLeaseIsKeptWhileSomebodyGoesOn(t *testing.T) {
	for status, want := range map[string]struct{ running, ended, erasable bool }{
		checkout.StatusStarted:        {running: true},
		checkout.StatusAuthorizing:    {running: true},
		checkout.StatusCanceling:      {running: true},
		checkout.StatusActionRequired: {},
		checkout.StatusPaymentUnknown: {},
		checkout.StatusCompleted:      {ended: true, erasable: true},
		checkout.StatusCanceled:       {ended: true, erasable: true},
		checkout.StatusReview:         {ended: true},
	} {
		a := attempt.Attempt{Status: status}

		assert.Equal(t, want.running, a.Running(), status)
		assert.Equal(t, want.ended, a.Ended(), status)
		assert.Equal(t, want.erasable, a.Erasable(), status)
	}
}
