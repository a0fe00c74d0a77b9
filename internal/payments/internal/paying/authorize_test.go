package paying_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

func TestAnAttemptIsDurableBeforeTheProviderHearsOfIt(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (attempt.Word, error) {
		b.requireIdle(t)
		require.Equal(t, "submitted, token 'tok', capturing 0, captured 0", b.row(t))
		return says(attempt.SaysAuthorized), nil
	}

	b.authorize(t, payments.StatusAuthorized)

	require.Equal(t, "authorized, token '', capturing 0, captured 0", b.row(t))
	require.Empty(t, b.events(t), "whoever waits is told by the answer")
}

func TestC09ACrashInTheProvidersCallIsContinuedWithTheSameKey(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (attempt.Word, error) { panic("killed") }
	require.Panics(t, func() { _, _ = b.Authorize(t.Context(), request()) })
	b.provider.authorize = nil

	b.authorize(t, payments.StatusSubmitted)
	b.age(t, "5 seconds")
	b.authorize(t, payments.StatusAuthorized)

	require.Len(t, b.provider.authorized, 2)
	require.Equal(t, b.provider.authorized[0], b.provider.authorized[1])
}

func TestAProviderThatDoesNotAnswerIsLeftAloneForASecond(t *testing.T) {
	b := open(t)
	b.provider.authorize, b.provider.find = timesOut, timesOut
	b.authorize(t, payments.StatusUnknown)
	b.provider.find = word(says(attempt.SaysAuthorized))

	b.authorize(t, payments.StatusUnknown)
	b.age(t, "1 second")
	b.authorize(t, payments.StatusAuthorized)
}

func TestWhatNeverReachedTheProviderIsGivenUpAtOnce(t *testing.T) {
	b := open(t)
	b.provider.authorize = unsent

	_, err := b.Authorize(t.Context(), request())

	require.ErrorIs(t, err, payments.ErrPaymentsUnavailable)
	_, err = b.Authorize(t.Context(), request())
	require.ErrorIs(t, err, payments.ErrReferenceClosed)
	b.age(t, "3 minutes")
	b.work(t)
	require.Equal(t, "expired, token '', capturing 0, captured 0", b.row(t))
	require.Len(t, b.provider.authorized, 1, "what was given up is not asked for again")
}

func TestF19AProviderThatIsDownIsNotAskedAndNothingIsWritten(t *testing.T) {
	b := open(t)
	b.provider.down = payments.ErrPaymentsUnavailable

	_, err := b.Authorize(t.Context(), request())

	require.ErrorIs(t, err, payments.ErrPaymentsUnavailable)
	require.Equal(t, "0", b.text(t, `SELECT count(*)::text FROM payments.attempts`))
	require.Empty(t, b.provider.authorized)
	b.provider.down = nil
	b.authorize(t, payments.StatusAuthorized)
	b.provider.down = payments.ErrPaymentsUnavailable
	b.authorize(t, payments.StatusAuthorized)
}

func TestAShopperWhoHasToActIsToldWhere(t *testing.T) {
	b := open(t)
	act := says(attempt.SaysActionRequired)
	act.ActionURL, act.ExpiresAt = "https://bank.example/1", time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	b.provider.authorize, b.provider.find = word(act), word(act)

	a := b.authorize(t, payments.StatusActionRequired)
	require.Equal(t, &payments.Action{Type: payments.ActionRedirect, URL: act.ActionURL, ExpiresAt: act.ExpiresAt}, a.Action)
	b.age(t, "1 second")
	require.NotNil(t, b.authorize(t, payments.StatusActionRequired).Action)
	b.provider.find = word(says(attempt.SaysAuthorized))
	b.age(t, "1 second")
	require.Nil(t, b.authorize(t, payments.StatusAuthorized).Action)
}

func TestAnActionThatNobodyTookExpires(t *testing.T) {
	b := open(t)
	act := says(attempt.SaysActionRequired)
	act.ActionURL, act.ExpiresAt = "https://bank.example/1", time.Now().Add(time.Minute)
	b.provider.authorize, b.provider.find = word(act), word(act)
	b.authorize(t, payments.StatusActionRequired)

	b.age(t, "30 seconds")
	b.work(t)
	require.Contains(t, b.row(t), "action_required")
	b.age(t, "2 minutes")
	b.work(t)

	require.Contains(t, b.row(t), "expired")
	require.Equal(t, "attempt_changed expired", b.events(t))
}

func TestF18AnotherAmountIsNotBelievedAndLeftToAPerson(t *testing.T) {
	for name, spoil := range map[string]func(*attempt.Word){
		"amount":        func(w *attempt.Word) { w.Amount++ },
		"currency":      func(w *attempt.Word) { w.Currency = "USD" },
		"reference":     func(w *attempt.Word) { w.Reference = "co_2" },
		"account":       func(w *attempt.Word) { w.Foreign = "account" },
		"authorization": func(w *attempt.Word) { w.ID = "" },
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t)
			w := says(attempt.SaysAuthorized)
			spoil(&w)
			b.provider.authorize, b.provider.find = word(w), word(w)

			b.authorize(t, payments.StatusUnknown)
			b.age(t, "5 minutes")
			b.work(t)

			require.Contains(t, b.row(t), "unknown")
			require.Equal(t, "provider_differs "+name, b.reviews(t))
		})
	}
}

func TestF18AnotherAmountThatWasVoidedByHandIsOver(t *testing.T) {
	b := open(t)
	w := says(attempt.SaysAuthorized)
	w.Amount++
	b.provider.authorize = word(w)
	b.authorize(t, payments.StatusUnknown)
	w.Status = attempt.SaysVoided
	b.provider.find = word(w)

	b.age(t, "5 minutes")
	b.work(t)

	require.Contains(t, b.row(t), "expired")
}

// interrupted runs meanwhile once, right after an attempt was read.
func TestAnAnswerIsRecordedThoughWhoeverAskedHasLeft(t *testing.T) {
	b := open(t)
	ctx, leave := context.WithCancel(t.Context())
	b.provider.authorize = func() (attempt.Word, error) {
		leave()
		return says(attempt.SaysAuthorized), nil
	}

	_, err := b.Authorize(ctx, request())

	require.True(t, err == nil || errors.Is(err, context.Canceled))
	require.Contains(t, b.row(t), "authorized")
}
