package paymentstest

import (
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
)

func captureInParts(t shop) {
	t.authorize(payments.MethodFake)

	part := t.capture("part", eur(60))
	rest := t.capture("rest", nil)

	require.Equal(t, *eur(60), part.Capture.Amount)
	require.Equal(t, *eur(60), part.Attempt.Captured)
	require.Equal(t, payments.StatusAuthorized, part.Attempt.Status)
	require.Equal(t, *eur(40), rest.Capture.Amount)
	require.Equal(t, *eur(100), rest.Attempt.Captured)
	require.Equal(t, payments.StatusCaptured, rest.Attempt.Status)
	require.Equal(t, int64(1), part.Attempt.Seq)
	require.Equal(t, int64(2), rest.Attempt.Seq)
}

func captureRefuses(t shop) {
	capture := func(amount *money.Money) error {
		_, err := t.s.Capture(t.Context(), payments.CaptureRequest{Reference: reference, Key: "k", Amount: amount})
		return err
	}
	chf := money.MustNew(1, "CHF")
	require.ErrorIs(t, capture(nil), payments.ErrNotFound)

	t.authorize(payments.MethodManual)

	require.ErrorIs(t, capture(eur(101)), payments.ErrCaptureExceeds)
	require.ErrorIs(t, capture(eur(0)), payments.ErrAmountMustBePositive)
	require.ErrorIs(t, capture(&chf), payments.ErrCurrencyMismatch)
	require.NoError(t, capture(eur(100)), "a refused key can be used")
}

func captureKeyOnce(t shop) {
	for _, method := range []string{payments.MethodFake, payments.MethodManual} {
		req := hundred(method, "tok_success")
		req.Reference = "co_" + method
		_, err := t.s.Authorize(t.Context(), req)
		require.NoError(t, err)
		capture := payments.CaptureRequest{Reference: req.Reference, Key: "k", Amount: eur(60)}

		first, err := t.s.Capture(t.Context(), capture)
		require.NoError(t, err)
		again, err := t.s.Capture(t.Context(), capture)
		require.NoError(t, err)

		require.False(t, first.Replayed)
		require.True(t, again.Replayed)
		require.Equal(t, first.Capture, again.Capture)
		require.Equal(t, *eur(60), again.Attempt.Captured)
		capture.Amount = eur(40)
		_, err = t.s.Capture(t.Context(), capture)
		require.ErrorIs(t, err, payments.ErrIdempotencyKeyReused)
	}
}

func refundInParts(t shop) {
	t.authorize(payments.MethodFake)
	t.capture("all", nil)

	part := t.refund("part", eur(30))
	rest := t.refund("rest", nil)

	require.Equal(t, *eur(30), part.Attempt.Refunded)
	require.Equal(t, "late", part.Refund.Reason)
	require.Equal(t, *eur(70), rest.Refund.Amount)
	require.Equal(t, *eur(100), rest.Attempt.Refunded)
	require.Equal(t, payments.StatusCaptured, rest.Attempt.Status)
	require.Equal(t, int64(3), rest.Attempt.Seq)
}

func refundRefuses(t shop) {
	refund := func(amount *money.Money) error {
		_, err := t.s.Refund(t.Context(), payments.RefundRequest{Reference: reference, Key: "k", Amount: amount})
		return err
	}
	chf := money.MustNew(1, "CHF")
	require.ErrorIs(t, refund(nil), payments.ErrNotFound)

	t.authorize(payments.MethodFake)
	require.ErrorIs(t, refund(nil), payments.ErrRefundExceeds)
	t.capture("part", eur(50))

	require.ErrorIs(t, refund(eur(51)), payments.ErrRefundExceeds)
	require.ErrorIs(t, refund(eur(0)), payments.ErrAmountMustBePositive)
	require.ErrorIs(t, refund(&chf), payments.ErrCurrencyMismatch)
	require.NoError(t, refund(eur(50)))

	_, err := t.s.Authorize(t.Context(), payments.AuthorizeRequest{Reference: "co_2", Amount: *eur(1), Method: payments.MethodFake})
	require.NoError(t, err)
	_, err = t.s.Refund(t.Context(), payments.RefundRequest{Reference: "co_2", Key: "k"})
	require.ErrorIs(t, err, payments.ErrIllegalTransition)
}

func refundKeyOnce(t shop) {
	t.authorize(payments.MethodFake)
	t.capture("k", nil)

	first, again := t.refund("k", eur(30)), t.refund("k", eur(30))

	require.False(t, first.Replayed)
	require.True(t, again.Replayed)
	require.Equal(t, first.Refund, again.Refund)
	require.Equal(t, *eur(30), again.Attempt.Refunded)
	_, err := t.s.Refund(t.Context(), payments.RefundRequest{Reference: reference, Key: "k", Amount: eur(30), Reason: "other"})
	require.ErrorIs(t, err, payments.ErrIdempotencyKeyReused)
}

func movementsListed(t shop) {
	none, err := t.s.Movements(t.Context(), payments.MovementsRequest{Reference: reference})
	require.NoError(t, err)
	require.Empty(t, none.Captures)
	t.authorize(payments.MethodFake)
	first, second, back := t.capture("1", eur(10)), t.capture("2", eur(20)), t.refund("3", eur(5))

	some, err := t.s.Movements(t.Context(), payments.MovementsRequest{Reference: reference})

	require.NoError(t, err)
	require.Equal(t, []payments.Capture{first.Capture, second.Capture}, some.Captures)
	require.Equal(t, []payments.Refund{back.Refund}, some.Refunds)
}

func captureNothing(t shop) {
	_, err := t.s.Authorize(t.Context(), payments.AuthorizeRequest{Reference: reference, Amount: *eur(0), Method: payments.MethodManual})
	require.NoError(t, err)

	require.Equal(t, payments.StatusCaptured, t.capture("k", nil).Attempt.Status)
}
