package attempt_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// in is an attempt over 100 in a state.
func in(status string) attempt.Attempt {
	a := attempt.Attempt{ID: "id", Reference: "co_1", Method: "fake", Token: "tok", Status: status, Currency: "EUR", Amount: 100}
	if status == "authorized" || status == "captured" || status == "void_pending" {
		a.Authorized = 100
	}
	if status == "captured" {
		a.Captured = 100
	}
	return a
}

func TestC21EveryWordOfAProviderInEveryState(t *testing.T) {
	words := []string{"authorized", "action_required", "declined", "pending", "expired", "voided", "nothing_there"}
	// Columns as in words; "-" is refused, "late" is money for a payment that has ended.
	table := map[string][7]string{
		"created":         {"-", "-", "-", "-", "-", "-", "-"},
		"submitted":       {"authorized", "action_required", "declined", "unknown", "expired", "expired", "expired"},
		"action_required": {"authorized", "action_required", "declined", "unknown", "expired", "expired", "expired"},
		"unknown":         {"authorized", "action_required", "declined", "unknown", "expired", "expired", "expired"},
		"authorized":      {"authorized", "-", "-", "-", "expired", "expired", "expired"},
		"captured":        {"captured", "-", "-", "-", "-", "-", "-"},
		"void_pending":    {"void_pending", "-", "-", "-", "voided", "voided", "voided"},
		"declined":        {"late", "late", "declined", "late", "declined", "declined", "declined"},
		"voided":          {"late", "late", "-", "late", "voided", "voided", "voided"},
		"expired":         {"late", "late", "-", "late", "expired", "expired", "expired"},
	}
	require.Len(t, table, len(attempt.States()))
	for _, status := range attempt.States() {
		for i, said := range words {
			t.Run(status+" hears "+said, func(t *testing.T) {
				after, err := in(status).Hear(attempt.Word{Status: said, ID: "auth_1"})

				switch want := table[status][i]; {
				case status == "created" && said == "authorized":
					require.NoError(t, err, "nothing is stored as created; it would be left alone")
				case want == "-":
					require.ErrorIs(t, err, payments.ErrIllegalTransition)
					require.Equal(t, status, after.Status)
				case want == "late":
					require.ErrorIs(t, err, attempt.ErrLate)
				default:
					require.NoError(t, err)
					require.Equal(t, want, after.Status)
				}
			})
		}
	}
}

func TestMoneyForWhatWasGivenUpIsOnItsWayBackAtOnce(t *testing.T) {
	for _, status := range []string{"submitted", "action_required", "unknown"} {
		a := in(status)
		a.GivenUp = true

		after, err := a.Hear(attempt.Word{Status: attempt.SaysAuthorized})

		require.NoError(t, err)
		require.Equal(t, "void_pending", after.Status)
		require.True(t, after.GivingBack)
	}
}

func TestMoneyThatWasCapturedCountsWhateverBecameOfTheRest(t *testing.T) {
	for _, said := range []string{"declined", "expired", "voided"} {
		taken := attempt.Word{Status: said, Captured: 60, Refunded: 10}
		for _, ended := range []string{"declined", "expired", "voided"} {
			_, err := in(ended).Hear(taken)
			require.ErrorIs(t, err, attempt.ErrLate, "%s hears %s", ended, said)
		}
		givenUp := in("unknown")
		givenUp.GivenUp = true

		after, err := givenUp.Hear(taken)

		require.NoError(t, err)
		require.True(t, after.GivingBack, said)
	}
}

func TestWhatIsPartlyCapturedDoesNotExpire(t *testing.T) {
	for _, change := range []func(*attempt.Attempt){func(a *attempt.Attempt) { a.Captured = 1 }, func(a *attempt.Attempt) { a.Capturing = 1 }} {
		a := in("authorized")
		change(&a)

		_, err := a.Hear(attempt.Word{Status: attempt.SaysExpired})

		require.ErrorIs(t, err, payments.ErrIllegalTransition)
	}
}

func TestAnUnknownWordIsAnError(t *testing.T) {
	_, err := in("submitted").Hear(attempt.Word{Status: "perhaps"})

	require.Error(t, err)
	require.False(t, errors.Is(err, payments.ErrIllegalTransition))
}
