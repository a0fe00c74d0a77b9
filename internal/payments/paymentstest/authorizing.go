package paymentstest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
)

func authorizeHolds(t shop) {
	a := t.authorize(payments.MethodFake)

	require.Equal(t, reference, a.Reference)
	require.Equal(t, *eur(100), a.Amount)
	require.Equal(t, *eur(100), a.Authorized)
	require.Equal(t, *eur(0), a.Captured)
	require.True(t, a.CapturesItself)
	require.Zero(t, a.Seq)
	require.Equal(t, a, t.attempt())

	_, err := t.s.Attempt(t.Context(), payments.AttemptRequest{Reference: "co_2"})
	require.ErrorIs(t, err, payments.ErrNotFound)
}

func authorizeOnce(t shop) {
	require.Equal(t, t.authorize(payments.MethodManual), t.authorize(payments.MethodManual))
	require.False(t, t.attempt().CapturesItself)
}

func authorizeRefuses(t shop) {
	_, err := t.s.Authorize(t.Context(), hundred("gold", ""))
	require.ErrorIs(t, err, payments.ErrMethodUnavailable)

	t.authorize(payments.MethodFake)
	_, err = t.s.Authorize(t.Context(), hundred(payments.MethodManual, ""))
	require.ErrorIs(t, err, payments.ErrAuthorizationMismatch)
	more := hundred(payments.MethodFake, "tok_success")
	more.Amount = *eur(101)
	_, err = t.s.Authorize(t.Context(), more)
	require.ErrorIs(t, err, payments.ErrAuthorizationMismatch)
}

func declineIsAnswer(t shop) {
	for i, c := range [][2]string{
		{"tok_declined", "declined"}, {"tok_declined_insufficient_funds", "insufficient_funds"},
		{"tok_declined_", "invalid_token"}, {"tok_declined_NO", "invalid_token"}, {"tok_other", "invalid_token"}, {"", "invalid_token"},
	} {
		req := hundred(payments.MethodFake, c[0])
		req.Reference = fmt.Sprintf("co_%d", i)

		first, err := t.s.Authorize(t.Context(), req)
		require.NoError(t, err)
		again, err := t.s.Authorize(t.Context(), req)
		require.NoError(t, err)

		require.Equal(t, payments.StatusDeclined, first.Status)
		require.Equal(t, c[1], first.DeclineCode)
		require.Equal(t, *eur(0), first.Authorized)
		require.Equal(t, first, again)
	}
}

func voidCloses(t shop) {
	for _, method := range []string{payments.MethodFake, payments.MethodManual} {
		req := hundred(method, "tok_success")
		req.Reference = "co_" + method
		_, err := t.s.Authorize(t.Context(), req)
		require.NoError(t, err)

		first, err := t.s.Void(t.Context(), payments.VoidRequest{Reference: req.Reference})
		require.NoError(t, err)
		second, err := t.s.Void(t.Context(), payments.VoidRequest{Reference: req.Reference})
		require.NoError(t, err)

		require.Equal(t, payments.StatusVoided, first.Status)
		require.Positive(t, first.Seq)
		require.Equal(t, first, second)
		_, err = t.s.Authorize(t.Context(), req)
		require.ErrorIs(t, err, payments.ErrReferenceClosed)
		_, err = t.s.Capture(t.Context(), payments.CaptureRequest{Reference: req.Reference, Key: "k"})
		require.ErrorIs(t, err, payments.ErrIllegalTransition)
	}
}

func voidOvertakes(t shop) {
	a, err := t.void()
	require.NoError(t, err)
	require.Equal(t, payments.StatusVoided, a.Status)

	_, err = t.s.Authorize(t.Context(), hundred(payments.MethodFake, "tok_success"))
	require.ErrorIs(t, err, payments.ErrReferenceClosed)
	_, err = t.s.Authorize(t.Context(), hundred(payments.MethodManual, ""))
	require.ErrorIs(t, err, payments.ErrReferenceClosed)
}

func voidLeavesDecline(t shop) {
	declined, err := t.s.Authorize(t.Context(), hundred(payments.MethodFake, "tok_declined"))
	require.NoError(t, err)

	voided, err := t.void()

	require.NoError(t, err)
	require.Equal(t, declined, voided)
}

func voidRefusesAfterCapture(t shop) {
	t.authorize(payments.MethodFake)
	t.capture("part", eur(1))
	_, err := t.void()
	require.ErrorIs(t, err, payments.ErrIllegalTransition)

	t.capture("rest", nil)
	_, err = t.void()
	require.ErrorIs(t, err, payments.ErrIllegalTransition)
}
