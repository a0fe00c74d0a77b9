package paying

import (
	"context"
	"errors"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments/internal/attempt"
)

// Provider moves money outside this database. Every change carries a key; a repeated key does nothing twice. Except for
// ErrNotSent, ErrNothingThere and *Refusal, an error means that nobody knows whether it was done.
type Provider interface {
	// Ready answers payments.ErrPaymentsUnavailable while the provider is known to be down.
	Ready(ctx context.Context) error
	Authorize(ctx context.Context, req Authorization) (attempt.Word, error)
	// Find answers how an authorization stands. Errors: ErrNothingThere.
	Find(ctx context.Context, req Lookup) (attempt.Word, error)
	Void(ctx context.Context, req Voiding) (attempt.Word, error)
	Capture(ctx context.Context, req Transfer) error
	Refund(ctx context.Context, req Transfer) error
}

// Errors of Provider.
var (
	// ErrNotSent says that the request surely never reached the provider.
	ErrNotSent = errors.New("the payment provider was not reached")
	// ErrNothingThere says that the provider knows no authorization of the key.
	ErrNothingThere = errors.New("the payment provider knows no such authorization")
)

// Refusal is a provider's no: it did nothing, and the same request will be refused again.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return "the payment provider refused: " + r.Code }

// Codes of refusals that tell what is wrong; all others only say no.
const (
	RefusedExceeds = "exceeds"
	RefusedState   = "state"
)

// Unanswered is an error of a provider that asks to be left alone for a while.
type Unanswered struct {
	After time.Duration
	Cause error
}

func (u *Unanswered) Error() string { return "the payment provider did not answer: " + u.Cause.Error() }

func (u *Unanswered) Unwrap() error { return u.Cause }

// Authorization asks a provider to hold money.
type Authorization struct {
	Key       string
	Reference string
	Amount    money.Money
	Token     string
	ReturnURL string
}

// Lookup names an authorization by the key that it was made with and, once it is known, by the provider's own id.
type Lookup struct {
	Key         string
	ProviderRef string
}

// Voiding asks a provider to give up an authorization. It is named as in Transfer.
type Voiding struct {
	Key           string
	Authorization string
	ProviderRef   string
}

// Transfer asks a provider to take or give back money of the authorization that Authorization names by its key and
// ProviderRef by the provider's own id, which may be empty.
type Transfer struct {
	Key           string
	Authorization string
	ProviderRef   string
	Amount        money.Money
}

func authorization(a attempt.Attempt) Authorization {
	return Authorization{Key: a.ID, Reference: a.Reference, Amount: money.MustNew(a.Amount, a.Currency), Token: a.Token, ReturnURL: a.ReturnURL}
}

func lookup(a attempt.Attempt) Lookup { return Lookup{Key: a.ID, ProviderRef: a.ProviderRef} }

func voiding(a attempt.Attempt) Voiding {
	return Voiding{Key: "void-" + a.ID, Authorization: a.ID, ProviderRef: a.ProviderRef}
}
