package paying_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestACaptureIsPromisedBeforeTheProviderHearsOfIt(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.provider.move = func() error {
		b.requireIdle(t)
		require.Equal(t, "authorized, token '', capturing 100, captured 0", b.row(t))
		return nil
	}

	_, err := b.Capture(t.Context(), capture())

	require.NoError(t, err)
	require.Equal(t, "captured, token '', capturing 0, captured 100", b.row(t))
}

func TestACaptureThatBrokeOffIsFinishedWithTheSameKey(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.provider.move = func() error { return errTimeout }

	_, err := b.Capture(t.Context(), capture())
	require.ErrorIs(t, err, payments.ErrProviderUnavailable)
	other := capture()
	other.Key = "other"
	_, err = b.Capture(t.Context(), other)
	require.ErrorIs(t, err, payments.ErrCaptureExceeds, "what is promised is not promised twice")
	_, err = b.Void(t.Context(), payments.VoidRequest{Reference: "co_1"})
	require.ErrorIs(t, err, payments.ErrIllegalTransition)
	b.provider.move = nil
	answer, err := b.Capture(t.Context(), capture())

	require.NoError(t, err)
	require.Equal(t, money.MustNew(100, "EUR"), answer.Attempt.Captured)
	require.Len(t, b.provider.moved, 2)
	require.Equal(t, b.provider.moved[0], b.provider.moved[1])
}

func TestKP12ACaptureThatNobodyRepeatsIsFinishedByTheBackground(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.provider.move = func() error { return errTimeout }
	_, err := b.Capture(t.Context(), capture())
	require.ErrorIs(t, err, payments.ErrProviderUnavailable)

	require.Zero(t, b.work(t), "whoever promised it may still be at work")
	b.age(t, "15 seconds")
	b.work(t)
	require.Contains(t, b.row(t), "capturing 100")
	b.provider.move = nil
	b.age(t, "1 minute")
	b.work(t)
	b.age(t, "1 hour")
	b.work(t)

	require.Equal(t, "captured, token '', capturing 0, captured 100", b.row(t))
	require.Len(t, b.provider.moved, 3)
	require.Equal(t, b.provider.moved[0], b.provider.moved[2])
	require.Equal(t, "attempt_changed captured", b.events(t))
}

func TestACaptureThatNobodyAnswersForADayIsLeftToAPerson(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.provider.move = func() error { return errTimeout }
	_, err := b.Capture(t.Context(), capture())
	require.ErrorIs(t, err, payments.ErrProviderUnavailable)

	b.age(t, "25 hours")
	b.work(t)

	require.Equal(t, "movement_unknown", b.reviews(t))
	require.Contains(t, b.row(t), "capturing 100")
}

// TestARefundWhoseKeyMayBeForgottenIsNotPaidTwice has a provider that is asked once and then away until it may have
// forgotten the key. What it says it has refunded in all tells whether the first question was heard.
func TestARefundWhoseKeyMayBeForgottenIsNotPaidTwice(t *testing.T) {
	for name, c := range map[string]struct {
		refunded     int64
		asked        int
		row, reviews string
	}{
		"it was done":        {refunded: 30, asked: 1, row: "refunding 0, refunded 30"},
		"it was never heard": {refunded: 0, asked: 2, row: "refunding 0, refunded 30"},
		"nobody can tell":    {refunded: 10, asked: 1, row: "refunding 30, refunded 0", reviews: "movement_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.authorize(t, payments.StatusAuthorized)
			_, err := b.Capture(t.Context(), capture())
			require.NoError(t, err)
			b.provider.moved = nil
			b.provider.move = func() error { return errTimeout }
			part := money.MustNew(30, "EUR")
			refund := payments.RefundRequest{Reference: "co_1", Key: "r", Amount: &part}
			_, err = b.Refund(t.Context(), refund)
			require.ErrorIs(t, err, payments.ErrProviderUnavailable)

			b.age(t, "25 hours")
			b.provider.move = nil
			said := says(attempt.SaysAuthorized)
			said.Captured, said.Refunded = 100, c.refunded
			b.provider.find = word(said)
			b.work(t)
			_, _ = b.Refund(t.Context(), refund)

			require.Len(t, b.provider.moved, c.asked)
			require.Equal(t, c.row, b.text(t, `SELECT format('refunding %s, refunded %s', refunding, refunded) FROM payments.attempts`))
			require.Equal(t, c.reviews, b.reviews(t))
		})
	}
}

func TestACaptureThatIsRefusedForGoodIsNotPromisedAnyMore(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	for _, c := range []struct {
		code string
		want error
	}{{paying.RefusedState, payments.ErrIllegalTransition}, {paying.RefusedExceeds, payments.ErrCaptureExceeds}} {
		b.provider.move = func() error { return &paying.Refusal{Code: c.code} }
		again := capture()
		again.Key = c.code

		for range 2 {
			_, err := b.Capture(t.Context(), again)
			require.ErrorIs(t, err, c.want)
		}
	}

	require.Len(t, b.provider.moved, 2)
	require.Equal(t, "authorized, token '', capturing 0, captured 0", b.row(t))
	require.Equal(t, "provider_refused, provider_refused", b.reviews(t))
}

// TestWhatTheProviderHasMovedAlreadyIsBooked has a shop that was restored from a backup, and so uses another key: the provider
// refuses, and says that it has moved just this.
func TestWhatTheProviderHasMovedAlreadyIsBooked(t *testing.T) {
	for name, c := range map[string]struct {
		captured     int64
		row, reviews string
	}{
		"just this":      {captured: 100, row: "captured, token '', capturing 0, captured 100"},
		"something else": {captured: 30, row: "authorized, token '', capturing 0, captured 0", reviews: "provider_refused"},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			b.authorize(t, payments.StatusAuthorized)
			b.provider.move = func() error { return &paying.Refusal{Code: paying.RefusedExceeds} }
			said := says(attempt.SaysAuthorized)
			said.Captured = c.captured
			b.provider.find = word(said)

			_, _ = b.Capture(t.Context(), capture())

			require.Len(t, b.provider.moved, 1)
			require.Equal(t, c.row, b.row(t))
			require.Equal(t, c.reviews, b.reviews(t))
		})
	}
}

type interrupted struct {
	paying.Store
	meanwhile func()
}

func (i *interrupted) Attempt(ctx context.Context, reference string) (attempt.Attempt, error) {
	a, err := i.Store.Attempt(ctx, reference)
	if meanwhile := i.meanwhile; meanwhile != nil {
		i.meanwhile = nil
		meanwhile()
	}
	return a, err
}

func TestACaptureThatWasOvertakenByAVoidNeverReachesTheProvider(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	store := &interrupted{Store: b.store, meanwhile: func() { b.void(t, payments.StatusVoided) }}

	_, err := paying.New(store, b.methods, ids.New, time.Second).Capture(t.Context(), capture())

	require.ErrorIs(t, err, payments.ErrIllegalTransition)
	require.Empty(t, b.provider.moved)
	require.Equal(t, "voided, token '', capturing 0, captured 0", b.row(t))
}
