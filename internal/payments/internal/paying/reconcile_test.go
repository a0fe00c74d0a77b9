package paying_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// lost is a bench whose one attempt was asked for and not answered.
func lost(t *testing.T) bench {
	t.Helper()
	b := open(t)
	b.provider.authorize, b.provider.find = timesOut, timesOut
	b.authorize(t, payments.StatusUnknown)
	return b
}

func TestF13TheBackgroundFindsWhatTheProviderDidAndTells(t *testing.T) {
	b := lost(t)
	b.provider.find = word(says(attempt.SaysAuthorized))

	require.Zero(t, b.work(t), "not before its time")
	b.age(t, "6 seconds")
	b.work(t)

	require.Contains(t, b.row(t), "authorized")
	require.Equal(t, "attempt_changed authorized", b.events(t))
	require.Len(t, b.provider.authorized, 1, "nothing was asked for twice")
}

func TestF14WhatTheProviderNeverGotIsSentAgainWithTheSameKeyAfterTwoMinutes(t *testing.T) {
	b := lost(t)
	b.provider.authorize, b.provider.find = nil, nil

	for range 3 {
		b.age(t, "30 seconds")
		b.work(t)
	}
	require.Contains(t, b.row(t), "unknown")
	require.Len(t, b.provider.authorized, 1, "the first request may still be on its way")
	b.age(t, "2 minutes")
	b.work(t)

	require.Contains(t, b.row(t), "authorized")
	require.Len(t, b.provider.authorized, 2)
	require.Equal(t, b.provider.authorized[0], b.provider.authorized[1])
}

func TestF14WhatTheProviderRefusesToHearOfAgainIsOver(t *testing.T) {
	b := lost(t)
	b.provider.find = nil
	b.provider.authorize = func() (attempt.Word, error) { return attempt.Word{}, &paying.Refusal{Code: "key_reused"} }

	b.age(t, "1 minute")
	b.work(t)
	require.Contains(t, b.row(t), "unknown")
	b.age(t, "2 minutes")
	b.work(t)

	require.Contains(t, b.row(t), "expired")
	require.Equal(t, "attempt_changed expired", b.events(t))
}

func TestAKeyThatTheProviderMayHaveForgottenIsNotUsedAgain(t *testing.T) {
	b := lost(t)
	b.provider.find = nil

	b.age(t, "21 hours")
	b.work(t)

	require.Contains(t, b.row(t), "expired")
	require.Len(t, b.provider.authorized, 1)
}

func TestAnActionThatWasNotHeardOfIsFoundByTheBackgroundAndTold(t *testing.T) {
	b := lost(t)
	act := says(attempt.SaysActionRequired)
	act.ActionURL, act.ExpiresAt = "https://pay.example/41", time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
	b.provider.find = word(act)

	b.age(t, "6 seconds")
	b.work(t)

	require.Equal(t, "attempt_changed action_required", b.events(t))
	found, err := b.Attempt(t.Context(), payments.AttemptRequest{Reference: "co_1"})
	require.NoError(t, err)
	require.Equal(t, payments.StatusActionRequired, found.Status)
	require.Equal(t, "https://pay.example/41", found.Action.URL)
	b.age(t, "2 hours")
	b.work(t)
	require.Contains(t, b.row(t), "expired", "it is not waited for longer than the provider says")
}

func TestAShopperWhoAsksAgainIsToldWhatWasNotHeardOf(t *testing.T) {
	b := lost(t)
	act := says(attempt.SaysActionRequired)
	act.ActionURL = "https://pay.example/41"
	b.provider.find = word(act)
	b.age(t, "2 seconds")

	asked := b.authorize(t, payments.StatusActionRequired)

	require.Equal(t, "https://pay.example/41", asked.Action.URL)
	require.Empty(t, b.events(t), "whoever waits is told")
}

func TestAPaymentThatIsUndecidedForADayIsLeftToAPersonAndStillAskedFor(t *testing.T) {
	b := lost(t)

	b.age(t, "23 hours")
	b.work(t)
	require.Empty(t, b.reviews(t))
	for range 2 {
		b.age(t, "2 hours")
		b.work(t)
	}
	require.Equal(t, "payment_unknown", b.reviews(t))
	b.provider.find = word(says(attempt.SaysDeclined))
	b.age(t, "2 hours")
	b.work(t)

	require.Contains(t, b.row(t), "declined")
}

func TestACrashRightBeforeTheProviderIsAskedIsFoundByTheBackground(t *testing.T) {
	b := open(t)
	b.provider.authorize = func() (attempt.Word, error) { panic("killed") }
	require.Panics(t, func() { _, _ = b.Authorize(t.Context(), request()) })
	b.provider.authorize, b.provider.find = nil, word(says(attempt.SaysAuthorized))

	require.Zero(t, b.work(t), "somebody may be asking")
	b.age(t, "5 seconds")
	b.work(t)

	require.Contains(t, b.row(t), "authorized")
	require.Equal(t, "attempt_changed authorized", b.events(t))
}

func TestTheBackgroundKeepsAwayFromAProviderThatIsDown(t *testing.T) {
	b := lost(t)
	b.provider.down = payments.ErrPaymentsUnavailable

	b.age(t, "1 hour")

	require.Zero(t, b.work(t))
	require.Equal(t, "true", b.text(t, `SELECT (next_ask_at <= now())::text FROM payments.attempts`), "it stays due")
}

func TestTwoWorkersNeverAskForTheSameAttempt(t *testing.T) {
	b := lost(t)
	b.provider.find = func() (attempt.Word, error) {
		require.Zero(t, b.work(t), "it is claimed")
		return says(attempt.SaysAuthorized), nil
	}
	b.age(t, "1 minute")

	require.Equal(t, 1, b.work(t))
}

// What was taken together is asked for only as long as nobody else gets it.
func TestTheBackgroundAsksForNothingThatSomebodyElseMayHaveTaken(t *testing.T) {
	b := open(t)
	for n := range 9 {
		b.put(t, referenceOf(n), payments.StatusUnknown)
	}
	b.age(t, "1 minute")
	began := time.Now()
	var asked atomic.Int32
	b.provider.hang = func(ctx context.Context) {
		asked.Add(1)
		ends, bounded := ctx.Deadline()
		assert.True(t, bounded)
		assert.Less(t, ends.Sub(began), 8*time.Second)
		<-ctx.Done()
	}

	require.Equal(t, 9, b.work(t))

	require.Less(t, time.Since(began), 8*time.Second)
	require.EqualValues(t, 4, asked.Load(), "the others are left until they are due again")
}

func TestAProviderThatWantsToBeLeftAloneIs(t *testing.T) {
	b := lost(t)
	b.provider.find = func() (attempt.Word, error) {
		return attempt.Word{}, &paying.Unanswered{After: 600e9, Cause: errTimeout}
	}
	b.age(t, "6 seconds")
	b.work(t)

	b.age(t, "8 minutes")
	require.Zero(t, b.work(t))
	b.age(t, "4 minutes")
	require.Equal(t, 1, b.work(t))
}
