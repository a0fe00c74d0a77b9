package paying_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// captured is a word that somebody captured 60 of 100.
func captured(status string) attempt.Word {
	w := says(status)
	w.Captured = 60
	return w
}

func TestAVoidIsDoneOnlyWhenTheProviderHoldsNothing(t *testing.T) {
	for _, said := range []string{attempt.SaysAuthorized, attempt.SaysPending, attempt.SaysActionRequired} {
		t.Run(said, func(t *testing.T) {
			b := open(t)
			b.authorize(t, payments.StatusAuthorized)
			b.provider.void = word(says(said))

			b.void(t, payments.StatusVoidPending)
			b.provider.void = nil
			b.age(t, "1 minute")
			b.work(t)

			require.Contains(t, b.row(t), "voided")
			require.Len(t, b.provider.voided, 2)
		})
	}
}

func TestMoneyThatWasCapturedBeforeAVoidIsLeftToAPerson(t *testing.T) {
	b := open(t)
	b.authorize(t, payments.StatusAuthorized)
	b.provider.void = word(captured(attempt.SaysExpired))

	b.void(t, payments.StatusVoidPending)

	require.Equal(t, "provider_refused", b.reviews(t))
}

func TestWhatAProviderHasNotDecidedForAPaymentThatHasEndedIsCalledOff(t *testing.T) {
	for _, said := range []string{attempt.SaysAuthorized, attempt.SaysPending, attempt.SaysActionRequired} {
		for _, told := range []string{attempt.SaysAuthorized, attempt.SaysPending, attempt.SaysActionRequired} {
			t.Run("told "+told+", is "+said, func(t *testing.T) {
				b := open(t)
				b.void(t, payments.StatusVoided)
				b.provider.find = word(says(said))

				b.tell(t, "evt_1", says(told))

				require.Len(t, b.provider.voided, 1)
				require.Equal(t, "late_payment_refunded void", b.events(t))
			})
		}
	}
}

func TestLateMoneyOfAnotherAmountIsLeftToAPerson(t *testing.T) {
	b := lost(t)
	b.provider.find = nil
	b.age(t, "21 hours")
	b.work(t)
	other := says(attempt.SaysAuthorized)
	other.Amount = 7
	b.provider.find = word(other)

	b.tell(t, "evt_1", says(attempt.SaysAuthorized))

	require.Equal(t, "provider_differs amount", b.reviews(t))
	require.Empty(t, b.provider.voided)
}

func TestMoneyThatWasCapturedCountsThoughTheRestIsGone(t *testing.T) {
	for _, said := range []string{attempt.SaysExpired, attempt.SaysVoided} {
		t.Run(said+", given up", func(t *testing.T) {
			b := lost(t)
			b.void(t, payments.StatusUnknown)
			b.provider.find = word(captured(said))

			b.age(t, "1 hour")
			b.work(t)
			b.age(t, "1 minute")
			b.work(t)

			require.Contains(t, b.row(t), "captured 60")
			require.Len(t, b.provider.moved, 1)
			require.Contains(t, b.events(t), "late_payment_refunded refund")
			require.Empty(t, b.reviews(t))
		})
		t.Run(said+", ended", func(t *testing.T) {
			b := open(t)
			b.void(t, payments.StatusVoided)
			b.provider.find = word(captured(said))

			b.tell(t, "evt_1", captured(said))

			require.Equal(t, "late_capture", b.reviews(t))
		})
		t.Run(said+", still wanted", func(t *testing.T) {
			b := lost(t)
			b.provider.find = word(captured(said))

			b.age(t, "1 hour")
			b.work(t)

			require.Contains(t, b.row(t), "unknown")
			require.Equal(t, "provider_differs captured", b.reviews(t))
		})
	}
}

func TestTheRestOfLateMoneyThatWasPartlyCapturedIsLeftToAPerson(t *testing.T) {
	b := lost(t)
	b.void(t, payments.StatusUnknown)
	b.provider.find = word(captured(attempt.SaysAuthorized))

	b.age(t, "1 hour")
	b.work(t)
	b.age(t, "1 minute")
	b.work(t)

	require.Contains(t, b.events(t), "late_payment_refunded refund")
	require.Equal(t, "late_capture", b.reviews(t))
	require.Equal(t, "40", b.text(t, `SELECT details->>'rest' FROM payments.reviews`))
}
