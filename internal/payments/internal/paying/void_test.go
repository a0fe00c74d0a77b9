package paying_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

func TestVoidingAnAttemptThatIsStillWithTheProviderFindsOutFirst(t *testing.T) {
	b := open(t)
	b.provider.authorize = timesOut
	b.authorize(t, payments.StatusUnknown)
	b.provider.find = word(says(attempt.SaysAuthorized))
	b.provider.void = func() (attempt.Word, error) {
		b.requireIdle(t)
		require.Equal(t, "void_pending, token '', capturing 0, captured 0", b.row(t))
		return says(attempt.SaysVoided), nil
	}

	b.void(t, payments.StatusVoided)

	require.Equal(t, "attempt_changed void_pending, attempt_changed voided", b.events(t))
}

func TestVoidingWhatTheProviderHasNotDecidedHasItCalledOff(t *testing.T) {
	b := open(t)
	b.provider.authorize, b.provider.find = word(says(attempt.SaysPending)), word(says(attempt.SaysPending))
	b.authorize(t, payments.StatusUnknown)

	b.void(t, payments.StatusExpired)

	require.Len(t, b.provider.voided, 1)
}

func TestASilentProviderDoesNotKeepAVoidWaiting(t *testing.T) {
	b := open(t)
	b.provider.authorize, b.provider.find = timesOut, timesOut
	b.authorize(t, payments.StatusUnknown)

	b.void(t, payments.StatusUnknown)

	_, err := b.Authorize(t.Context(), request())
	require.ErrorIs(t, err, payments.ErrReferenceClosed)
}

func TestF17MoneyThatComesForWhatWasGivenUpGoesBack(t *testing.T) {
	b := open(t)
	b.provider.authorize, b.provider.find = timesOut, timesOut
	b.authorize(t, payments.StatusUnknown)
	b.void(t, payments.StatusUnknown)
	b.provider.find = word(says(attempt.SaysAuthorized))

	b.age(t, "1 hour")
	b.work(t)
	b.age(t, "1 hour")
	b.work(t)

	require.Contains(t, b.row(t), "voided")
	require.Len(t, b.provider.voided, 1)
	require.Equal(t, "attempt_changed void_pending, attempt_changed voided, late_payment_refunded void", b.events(t))
}

func TestF17LateMoneyThatSomebodyCapturedIsRefunded(t *testing.T) {
	b := open(t)
	b.provider.authorize, b.provider.find = timesOut, timesOut
	b.authorize(t, payments.StatusUnknown)
	b.void(t, payments.StatusUnknown)
	taken := says(attempt.SaysAuthorized)
	taken.Captured = 100
	b.provider.find = word(taken)

	b.age(t, "1 hour")
	b.work(t)
	b.age(t, "1 minute")
	b.work(t)

	require.Contains(t, b.row(t), "captured 100")
	require.Len(t, b.provider.moved, 1)
	require.Empty(t, b.provider.voided)
	require.Equal(t, "attempt_changed authorized, attempt_changed captured, attempt_changed captured, late_payment_refunded refund", b.events(t))
	b.void(t, payments.StatusCaptured)
}

func TestAVoidWhileTheProviderIsAskedClosesTheReference(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (attempt.Word, error) {
		b.void(t, payments.StatusSubmitted)
		return says(attempt.SaysAuthorized), nil
	}

	_, err := b.Authorize(t.Context(), request())

	require.ErrorIs(t, err, payments.ErrReferenceClosed)
	require.Equal(t, "voided, token '', capturing 0, captured 0", b.row(t))
	require.Equal(t, "attempt_changed void_pending, attempt_changed voided, late_payment_refunded void", b.events(t))
}

func TestAVoidThatBrokeOffIsFinishedByTheBackground(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.provider.void = timesOut

	b.void(t, payments.StatusVoidPending)
	_, err := b.Authorize(t.Context(), request())
	require.ErrorIs(t, err, payments.ErrReferenceClosed)
	b.provider.void = nil
	b.age(t, "1 minute")
	b.work(t)

	require.Contains(t, b.row(t), "voided")
	require.Equal(t, b.provider.voided[0], b.provider.voided[1])
}

// TestWhatIsHeldForAPaymentThatEndedMeanwhileGoesBackThoughNobodyCanBeAskedAgain has an attempt end while its provider is
// still asked, by somebody who was told that there is nothing.
func TestWhatIsHeldForAPaymentThatEndedMeanwhileGoesBackThoughNobodyCanBeAskedAgain(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (attempt.Word, error) {
		_, err := b.db.Admin().Exec(t.Context(), `UPDATE payments.attempts SET status = 'expired', token = '', return_url = ''`)
		require.NoError(t, err)
		return says(attempt.SaysAuthorized), nil
	}
	b.provider.find, b.provider.void = timesOut, timesOut

	_, _ = b.Authorize(t.Context(), request())
	b.provider.void = nil
	b.age(t, "1 minute")
	b.work(t)

	require.NotEmpty(t, b.provider.voided)
	require.Equal(t, "late_payment_refunded void", b.events(t))
}
