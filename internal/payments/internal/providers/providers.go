// Package providers holds the built-in ways to pay. A provider moves money and knows nothing of attempts or ledgers.
package providers

import (
	"context"
	"regexp"
	"strings"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// Methods answers the built-in methods in the order to show them. The fake one is for shops that nobody buys from in
// earnest.
func Methods(withFake bool) []paying.Method {
	manual := paying.Method{Method: payments.Method{Code: payments.MethodManual, Name: "Bank transfer or cash"}}
	if !withFake {
		return []paying.Method{manual}
	}
	fake := payments.Method{Code: payments.MethodFake, Name: "Test card", NeedsToken: true}
	return []paying.Method{{Method: fake, CapturesItself: true, Provider: Fake{}}, manual}
}

// Fake decides by the token alone and forgets everything, so a repeated key gets the same answer. Its tokens are
// "tok_success", "tok_declined" and "tok_declined_" with the decline code behind it.
type Fake struct{}

const (
	tokenSuccess  = "tok_success"
	tokenDeclined = "tok_declined"

	declinedWithoutReason = "declined"
	declinedInvalidToken  = "invalid_token"
)

// declineCode bounds what a token can make a decline code of.
var declineCode = regexp.MustCompile(`^_[a-z0-9_]{1,63}$`)

// Authorize implements paying.Provider.
func (Fake) Authorize(_ context.Context, req paying.Authorization) (paying.Outcome, error) {
	if req.Token == tokenSuccess {
		return paying.Outcome{}, nil
	}
	suffix, isDecline := strings.CutPrefix(req.Token, tokenDeclined)
	switch {
	case isDecline && suffix == "":
		return paying.Outcome{Declined: true, DeclineCode: declinedWithoutReason}, nil
	case isDecline && declineCode.MatchString(suffix):
		return paying.Outcome{Declined: true, DeclineCode: suffix[1:]}, nil
	default:
		return paying.Outcome{Declined: true, DeclineCode: declinedInvalidToken}, nil
	}
}

// Void implements paying.Provider.
func (Fake) Void(context.Context, string) error { return nil }

// Capture implements paying.Provider.
func (Fake) Capture(context.Context, paying.Transfer) error { return nil }

// Refund implements paying.Provider.
func (Fake) Refund(context.Context, paying.Transfer) error { return nil }
