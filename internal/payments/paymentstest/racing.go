package paymentstest

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
)

func capturesAtOnce(t shop) {
	for round := range rounds {
		ref := t.authorized(payments.MethodFake, round)

		errs := atOnce(2, func(i int) error {
			_, err := t.s.Capture(t.Context(), payments.CaptureRequest{Reference: ref, Key: fmt.Sprint(i), Amount: eur(60)})
			return err
		})

		require.Equal(t, 1, succeeded(t, errs, payments.ErrCaptureExceeds))
		require.Equal(t, *eur(60), t.attemptOf(ref).Captured)
	}
}

func refundsAtOnce(t shop) {
	t.authorize(payments.MethodFake)
	t.capture("all", nil)

	errs := atOnce(20, func(i int) error {
		_, err := t.s.Refund(t.Context(), payments.RefundRequest{Reference: reference, Key: fmt.Sprint(i), Amount: eur(30)})
		return err
	})

	require.Equal(t, 3, succeeded(t, errs, payments.ErrRefundExceeds))
	require.Equal(t, *eur(90), t.attempt().Refunded)
}

func oneKeyAtOnce(t shop) {
	for round := range rounds {
		ref := t.authorized([]string{payments.MethodFake, payments.MethodManual}[round%2], round)

		errs := atOnce(5, func(int) error {
			_, err := t.s.Capture(t.Context(), payments.CaptureRequest{Reference: ref, Key: "k", Amount: eur(10)})
			return err
		})

		require.Equal(t, 5, succeeded(t, errs))
		require.Equal(t, *eur(10), t.attemptOf(ref).Captured)
		require.Equal(t, int64(1), t.attemptOf(ref).Seq)
	}
}

// restKeyAtOnce is oneKeyAtOnce for a request that leaves nothing for a second one.
func restKeyAtOnce(t shop) {
	for round := range rounds {
		ref := t.authorized([]string{payments.MethodFake, payments.MethodManual}[round%2], round)

		captures := atOnce(5, func(int) error {
			_, err := t.s.Capture(t.Context(), payments.CaptureRequest{Reference: ref, Key: "k"})
			return err
		})
		refunds := atOnce(5, func(int) error {
			_, err := t.s.Refund(t.Context(), payments.RefundRequest{Reference: ref, Key: "k", Amount: eur(60)})
			return err
		})

		require.Equal(t, 5, succeeded(t, captures))
		require.Equal(t, 5, succeeded(t, refunds))
		require.Equal(t, *eur(100), t.attemptOf(ref).Captured)
		require.Equal(t, *eur(60), t.attemptOf(ref).Refunded)
	}
}

func authorizationsAtOnce(t shop) {
	answers := make([]payments.Attempt, 10)

	errs := atOnce(len(answers), func(i int) (err error) {
		answers[i], err = t.s.Authorize(t.Context(), hundred(payments.MethodFake, "tok_success"))
		return err
	})

	require.Equal(t, len(answers), succeeded(t, errs))
	decided := t.attempt()
	require.Equal(t, payments.StatusAuthorized, decided.Status)
	for _, answer := range answers {
		require.Equal(t, decided.ID, answer.ID)
		require.Contains(t, []string{payments.StatusSubmitted, payments.StatusAuthorized}, answer.Status, "somebody else may be asking")
	}
}

func voidOrCapture(t shop) {
	for round := range rounds {
		ref := t.authorized(payments.MethodFake, round)

		errs := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := t.s.Void(t.Context(), payments.VoidRequest{Reference: ref})
				return err
			}
			_, err := t.s.Capture(t.Context(), payments.CaptureRequest{Reference: ref, Key: "k"})
			return err
		})

		require.Equal(t, 1, succeeded(t, errs, payments.ErrIllegalTransition, payments.ErrCaptureExceeds))
	}
}

func voidAndAuthorize(t shop) {
	for round := range rounds {
		req := hundred(payments.MethodFake, "tok_success")
		req.Reference = fmt.Sprint("co_", round)

		errs := atOnce(2, func(i int) error {
			if i == 0 {
				_, err := t.s.Void(t.Context(), payments.VoidRequest{Reference: req.Reference})
				return err
			}
			_, err := t.s.Authorize(t.Context(), req)
			return err
		})

		succeeded(t, errs, payments.ErrReferenceClosed)
		require.NoError(t, errs[0])
		require.Equal(t, payments.StatusVoided, t.attemptOf(req.Reference).Status)
	}
}

// atOnce runs n calls that start together.
func atOnce(n int, call func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range n {
		running.Go(func() {
			<-start
			errs[i] = call(i)
		})
	}
	close(start)
	running.Wait()
	return errs
}

// succeeded counts the calls without an error; any other error must be one of those allowed.
func succeeded(t shop, errs []error, allowed ...error) int {
	t.Helper()
	count := 0
	for _, err := range errs {
		if err == nil {
			count++
			continue
		}
		expected := slices.ContainsFunc(allowed, func(other error) bool { return errors.Is(err, other) })
		require.True(t, expected, "unexpected: %v", err)
	}
	return count
}
