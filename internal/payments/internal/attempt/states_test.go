package attempt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

func TestOnlyTheDrawnEdgesExist(t *testing.T) {
	verbs := []attempt.Verb{attempt.Submit, attempt.Authorize, attempt.RequireAction, attempt.Decline, attempt.Lose,
		attempt.Expire, attempt.Capture, attempt.CaptureRest, attempt.Refund, attempt.Void, attempt.FinishVoid}
	// Columns as in verbs; "-" is refused.
	table := map[string][11]string{
		"created":         {"submitted", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"},
		"submitted":       {"-", "authorized", "action_required", "declined", "unknown", "-", "-", "-", "-", "-", "-"},
		"action_required": {"-", "authorized", "-", "declined", "unknown", "expired", "-", "-", "-", "-", "-"},
		"unknown":         {"-", "authorized", "action_required", "declined", "-", "expired", "-", "-", "-", "-", "-"},
		"authorized":      {"-", "-", "-", "-", "-", "expired", "authorized", "captured", "authorized", "void_pending", "-"},
		"captured":        {"-", "-", "-", "-", "-", "-", "-", "-", "captured", "-", "-"},
		"void_pending":    {"-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "voided"},
		"declined":        {"-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"},
		"voided":          {"-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"},
		"expired":         {"-", "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"},
	}
	require.Len(t, table, len(attempt.States()))

	for _, status := range attempt.States() {
		for i, verb := range verbs {
			t.Run("C21 "+status+" "+string(verb), func(t *testing.T) {
				next, err := attempt.Next(status, verb)

				if table[status][i] == "-" {
					require.ErrorIs(t, err, payments.ErrIllegalTransition)
					require.NotContains(t, attempt.From(verb), status)
					return
				}
				require.NoError(t, err)
				require.Equal(t, table[status][i], next)
				require.Contains(t, attempt.From(verb), status)
			})
		}
	}
}
