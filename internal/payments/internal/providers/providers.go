// Package providers holds the ways to pay: those that are built in, and the client of a provider over HTTP. A provider
// moves money and knows nothing of attempts or ledgers.
package providers

import (
	"context"
	"regexp"
	"strings"

	"github.com/rialto-commerce/rialto/internal/payments"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
	"github.com/rialto-commerce/rialto/internal/payments/internal/paying"
)

// Methods answers the methods in the order to show them. The fake one, which is left out when provider is nil, is for shops
// that nobody buys from in earnest.
func Methods(provider paying.Provider) []paying.Method {
	manual := paying.Method{Method: payments.Method{Code: payments.MethodManual, Name: "Bank transfer or cash"}}
	if provider == nil {
		return []paying.Method{manual}
	}
	fake := payments.Method{Code: payments.MethodFake, Name: "Test card", NeedsToken: true}
	return []paying.Method{{Method: fake, CapturesItself: true, Provider: provider}, manual}
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

// Ready implements paying.Provider.
func (Fake) Ready(context.Context) error { return nil }

// Authorize implements paying.Provider.
func (Fake) Authorize(_ context.Context, req paying.Authorization) (attempt.Word, error) {
	word := attempt.Word{Status: attempt.SaysDeclined, ID: "fake-" + req.Key, Reference: req.Reference,
		Currency: req.Amount.Currency(), Amount: req.Amount.Minor()}
	suffix, isDecline := strings.CutPrefix(req.Token, tokenDeclined)
	switch {
	case req.Token == tokenSuccess:
		word.Status = attempt.SaysAuthorized
	case isDecline && suffix == "":
		word.DeclineCode = declinedWithoutReason
	case isDecline && declineCode.MatchString(suffix):
		word.DeclineCode = suffix[1:]
	default:
		word.DeclineCode = declinedInvalidToken
	}
	return word, nil
}

// Find implements paying.Provider: nothing is remembered, so the request has to be made again.
func (Fake) Find(context.Context, paying.Lookup) (attempt.Word, error) {
	return attempt.Word{}, paying.ErrNothingThere
}

// Void implements paying.Provider.
func (Fake) Void(context.Context, paying.Voiding) (attempt.Word, error) {
	return attempt.Word{Status: attempt.SaysVoided}, nil
}

// Capture implements paying.Provider.
func (Fake) Capture(context.Context, paying.Transfer) error { return nil }

// Refund implements paying.Provider.
func (Fake) Refund(context.Context, paying.Transfer) error { return nil }
