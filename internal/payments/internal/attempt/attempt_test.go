package attempt_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

func request() payments.AuthorizeRequest {
	return payments.AuthorizeRequest{Reference: "co_1", Amount: money.MustNew(100, "EUR"), Method: "fake", Token: "tok"}
}

func authorized(t *testing.T) attempt.Attempt {
	t.Helper()
	a, err := attempt.New("id", request()).Authorize()
	require.NoError(t, err)
	return a
}

func eur(minor int64) *money.Money {
	m := money.MustNew(minor, "EUR")
	return &m
}

func TestTheTokenIsErasedOnceItHasServed(t *testing.T) {
	fresh := attempt.New("id", request())
	require.Equal(t, "tok", fresh.Token)

	held, err := fresh.Authorize()
	require.NoError(t, err)
	refused, err := fresh.Decline("insufficient_funds")
	require.NoError(t, err)

	require.Empty(t, held.Token)
	require.Empty(t, refused.Token)
	require.Equal(t, int64(100), held.Authorized)
	require.Zero(t, refused.Authorized)
	require.Equal(t, "insufficient_funds", refused.DeclineCode)
}

func TestALostAttemptKeepsItsTokenToAskAgain(t *testing.T) {
	lost, err := attempt.New("id", request()).Lose()

	require.NoError(t, err)
	require.True(t, lost.Unsettled())
	require.Equal(t, "tok", lost.Token)
}

func TestAnAttemptAnswersTheSameRequestOnly(t *testing.T) {
	other := request()
	other.Amount = money.MustNew(101, "EUR")
	foreign := request()
	foreign.Amount = money.MustNew(100, "CHF")
	manual := request()
	manual.Method = "manual"

	require.NoError(t, authorized(t).Answers(request()))
	for _, req := range []payments.AuthorizeRequest{other, foreign, manual} {
		require.ErrorIs(t, authorized(t).Answers(req), payments.ErrAuthorizationMismatch)
	}
	require.ErrorIs(t, attempt.Closed("id", "co_1").Answers(request()), payments.ErrReferenceClosed)
}

func TestHowMuchCanBeMoved(t *testing.T) {
	a := authorized(t)
	a.Captured, a.Capturing, a.Refunded, a.Refunding = 50, 20, 10, 5
	settled := attempt.Attempt{Status: "captured", Currency: "EUR", Amount: 100, Authorized: 100, Captured: 100, Refunded: 100}
	free := attempt.Attempt{Status: "authorized", Currency: "EUR"}
	declined := attempt.Attempt{Status: "declined", Currency: "EUR", Amount: 100}

	for _, c := range []struct {
		name  string
		a     attempt.Attempt
		kind  string
		asked *money.Money
		want  int64
		err   error
	}{
		{"capture all that is left", a, attempt.KindCapture, nil, 30, nil},
		{"capture just what is left", a, attempt.KindCapture, eur(30), 30, nil},
		{"capture too much", a, attempt.KindCapture, eur(31), 0, payments.ErrCaptureExceeds},
		{"capture nothing", a, attempt.KindCapture, eur(0), 0, payments.ErrAmountMustBePositive},
		{"capture less than nothing", a, attempt.KindCapture, eur(-1), 0, payments.ErrAmountMustBePositive},
		{"capture after all was", settled, attempt.KindCapture, nil, 0, payments.ErrCaptureExceeds},
		{"capture an order that costs nothing", free, attempt.KindCapture, nil, 0, nil},
		{"capture what was declined", declined, attempt.KindCapture, nil, 0, payments.ErrIllegalTransition},
		{"refund all that is left", a, attempt.KindRefund, nil, 35, nil},
		{"refund just what is left", a, attempt.KindRefund, eur(35), 35, nil},
		{"refund too much", a, attempt.KindRefund, eur(36), 0, payments.ErrRefundExceeds},
		{"refund after all was", settled, attempt.KindRefund, nil, 0, payments.ErrRefundExceeds},
		{"refund before any capture", free, attempt.KindRefund, nil, 0, payments.ErrRefundExceeds},
		{"refund what was declined", declined, attempt.KindRefund, nil, 0, payments.ErrIllegalTransition},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := c.a.Movable(c.kind, c.asked)

			require.ErrorIs(t, err, c.err)
			if c.err == nil {
				require.Equal(t, c.want, got)
			}
		})
	}
	chf := money.MustNew(1, "CHF")
	_, err := a.Movable(attempt.KindCapture, &chf)
	require.ErrorIs(t, err, payments.ErrCurrencyMismatch)
}

func TestTheLastCaptureSettlesTheAttempt(t *testing.T) {
	a := authorized(t)
	a.Capturing = 100

	part, err := a.Book(attempt.Movement{Kind: attempt.KindCapture, Amount: 60})
	require.NoError(t, err)
	whole, err := part.Book(attempt.Movement{Kind: attempt.KindCapture, Amount: 40})
	require.NoError(t, err)

	require.Equal(t, "authorized", part.Status)
	require.Equal(t, "captured", whole.Status)
	require.Equal(t, int64(2), whole.Seq)
	require.Zero(t, whole.Capturing)
}

func TestWhatWasCapturedCannotBeVoided(t *testing.T) {
	captured, capturing := authorized(t), authorized(t)
	captured.Captured = 1
	capturing.Capturing = 1

	_, err := captured.Void()
	require.ErrorIs(t, err, payments.ErrIllegalTransition)
	_, err = capturing.Void()
	require.ErrorIs(t, err, payments.ErrIllegalTransition)
}

func TestEveryLedgerTransactionBalances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := attempt.Movement{Amount: rapid.Int64Min(0).Draw(t, "amount"),
			Kind: rapid.SampledFrom([]string{attempt.KindCapture, attempt.KindRefund}).Draw(t, "kind")}

		var sum, provider int64
		for _, entry := range attempt.Entries(m) {
			sum += entry.Amount
			if entry.Account == attempt.AccountProvider {
				provider += entry.Amount
			}
		}

		require.Zero(t, sum)
		require.Equal(t, m.Kind == attempt.KindCapture && m.Amount > 0, provider > 0)
	})
}

func TestRequestsThatAskForTheSameHaveOneFingerprint(t *testing.T) {
	require.Equal(t, attempt.RequestHash(eur(5), "late"), attempt.RequestHash(eur(5), "late"))
	require.NotEqual(t, attempt.RequestHash(eur(5), "late"), attempt.RequestHash(eur(6), "late"))
	require.NotEqual(t, attempt.RequestHash(eur(5), "late"), attempt.RequestHash(eur(5), "damaged"))
	require.NotEqual(t, attempt.RequestHash(nil, ""), attempt.RequestHash(eur(5), ""))
}
