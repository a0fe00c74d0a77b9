package paymentstest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// RunContract tests what payments.Service promises against any implementation; open returns an empty one.
func RunContract(t *testing.T, open func(t *testing.T) payments.Service) {
	for name, test := range map[string]func(shop){
		"methods":                               methods,
		"authorize holds the amount":            authorizeHolds,
		"authorize once per reference":          authorizeOnce,
		"authorize refuses":                     authorizeRefuses,
		"a decline is an answer":                declineIsAnswer,
		"void gives up and closes":              voidCloses,
		"void may overtake authorize":           voidOvertakes,
		"void leaves a decline alone":           voidLeavesDecline,
		"void refuses after a capture":          voidRefusesAfterCapture,
		"capture in parts":                      captureInParts,
		"capture refuses":                       captureRefuses,
		"a capture's key works once":            captureKeyOnce,
		"refund in parts":                       refundInParts,
		"refund refuses":                        refundRefuses,
		"a refund's key works once":             refundKeyOnce,
		"movements are listed":                  movementsListed,
		"what costs nothing can be captured":    captureNothing,
		"C19 refunds at once stay within":       refundsAtOnce,
		"C20 captures at once stay within":      capturesAtOnce,
		"one key at once captures once":         oneKeyAtOnce,
		"one key at once for all that is left":  restKeyAtOnce,
		"first authorizations at once are one":  authorizationsAtOnce,
		"void and capture at once exclude":      voidOrCapture,
		"void and authorize at once hold never": voidAndAuthorize,
	} {
		t.Run(name, func(t *testing.T) { test(shop{T: t, s: open(t)}) })
	}
}

// shop is a payments.Service under test.
type shop struct {
	*testing.T
	s payments.Service
}

const (
	reference = "co_1"
	// rounds is how often a race is run: calls that start together do not always meet.
	rounds = 40
)

func eur(minor int64) *money.Money {
	m := money.MustNew(minor, "EUR")
	return &m
}

func hundred(method, token string) payments.AuthorizeRequest {
	return payments.AuthorizeRequest{Reference: reference, Amount: *eur(100), Method: method, Token: token}
}

func (t shop) authorize(method string) payments.Attempt {
	t.Helper()
	a, err := t.s.Authorize(t.Context(), hundred(method, "tok_success"))
	require.NoError(t, err)
	require.Equal(t, payments.StatusAuthorized, a.Status)
	return a
}

func (t shop) capture(key string, amount *money.Money) payments.CaptureAnswer {
	t.Helper()
	answer, err := t.s.Capture(t.Context(), payments.CaptureRequest{Reference: reference, Key: key, Amount: amount})
	require.NoError(t, err)
	return answer
}

func (t shop) refund(key string, amount *money.Money) payments.RefundAnswer {
	t.Helper()
	answer, err := t.s.Refund(t.Context(), payments.RefundRequest{Reference: reference, Key: key, Amount: amount, Reason: "late"})
	require.NoError(t, err)
	return answer
}

// authorized makes a payment of its own for a round of a race.
func (t shop) authorized(method string, round int) (ref string) {
	t.Helper()
	req := hundred(method, "tok_success")
	req.Reference = fmt.Sprint("co_", round)
	_, err := t.s.Authorize(t.Context(), req)
	require.NoError(t, err)
	return req.Reference
}

func (t shop) attempt() payments.Attempt {
	t.Helper()
	return t.attemptOf(reference)
}

func (t shop) attemptOf(ref string) payments.Attempt {
	t.Helper()
	a, err := t.s.Attempt(t.Context(), payments.AttemptRequest{Reference: ref})
	require.NoError(t, err)
	return a
}

func (t shop) void() (payments.Attempt, error) {
	return t.s.Void(t.Context(), payments.VoidRequest{Reference: reference})
}

func methods(t shop) {
	answer, err := t.s.Methods(t.Context(), payments.MethodsRequest{Currency: "EUR", Country: "DE"})

	require.NoError(t, err)
	require.Len(t, answer.Methods, 2)
	require.Equal(t, payments.MethodFake, answer.Methods[0].Code)
	require.True(t, answer.Methods[0].NeedsToken)
	require.Equal(t, payments.MethodManual, answer.Methods[1].Code)
	require.False(t, answer.Methods[1].NeedsToken)
}
