package attempt

import (
	"slices"
	"time"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/payments"
)

// Attempt is the payment of one reference. Amounts are totals so far in minor units of its currency. Capturing and
// Refunding are promised to a provider and not yet answered. Verbs answer a changed copy.
type Attempt struct {
	ID          string
	Reference   string
	Method      string
	Token       string
	Status      string
	Currency    string
	DeclineCode string
	Amount      int64
	Authorized  int64
	Capturing   int64
	Captured    int64
	Refunding   int64
	Refunded    int64
	Seq         int64

	// ProviderRef is what the provider calls the authorization, empty until it said so.
	ProviderRef string
	// ReturnURL is kept as long as the token: a repeated request must be the same.
	ReturnURL string
	// ActionURL and ActionExpires are what the shopper has to do; the time is zero where the provider names no end.
	ActionURL     string
	ActionExpires time.Time
	// GivenUp says that nobody wants the payment any more, although the provider had not decided it; GivingBack that money
	// came for it nevertheless and is on its way back.
	GivenUp    bool
	GivingBack bool
	// Age is how long ago the attempt was made, and ActionOver whether ActionExpires has passed: both by the database's
	// clock, when the attempt was read.
	Age        time.Duration
	ActionOver bool
}

// New is an attempt that the provider is about to hear of.
func New(id string, req payments.AuthorizeRequest) Attempt {
	return Attempt{ID: id, Reference: req.Reference, Method: req.Method, Token: req.Token, ReturnURL: req.ReturnURL,
		Status: payments.StatusSubmitted, Currency: req.Amount.Currency(), Amount: req.Amount.Minor()}
}

// Closed is the attempt of a reference that is voided before anybody authorized it.
func Closed(id, reference string) Attempt {
	return Attempt{ID: id, Reference: reference, Status: payments.StatusVoided}
}

// Unsettled says that the provider's word on the authorization is missing.
func (a Attempt) Unsettled() bool {
	return slices.Contains([]string{payments.StatusSubmitted, payments.StatusActionRequired, payments.StatusUnknown}, a.Status)
}

// Ended says that nothing is authorized and nothing should ever be.
func (a Attempt) Ended() bool {
	return slices.Contains([]string{payments.StatusDeclined, payments.StatusVoided, payments.StatusExpired}, a.Status)
}

// Answers says whether the attempt is the one that the request asks for.
// Errors: payments.ErrReferenceClosed, payments.ErrAuthorizationMismatch.
func (a Attempt) Answers(req payments.AuthorizeRequest) error {
	if a.GivenUp || a.Status == payments.StatusVoided || a.Status == payments.StatusVoidPending {
		return payments.ErrReferenceClosed
	}
	if a.Method != req.Method || a.Currency != req.Amount.Currency() || a.Amount != req.Amount.Minor() {
		return payments.ErrAuthorizationMismatch
	}
	return nil
}

// Authorize records that the provider holds the whole amount. The token has served.
func (a Attempt) Authorize() (Attempt, error) {
	a, err := a.apply(Authorize)
	a.Authorized = a.Amount
	return a.settled(), err
}

// settled forgets what only served to get the provider's word.
func (a Attempt) settled() Attempt {
	a.Token, a.ReturnURL, a.ActionURL, a.ActionExpires = "", "", "", time.Time{}
	return a
}

// Decline records that the provider refused, and its reason.
func (a Attempt) Decline(code string) (Attempt, error) {
	a, err := a.apply(Decline)
	a.DeclineCode = code
	return a.settled(), err
}

// RequireAction records that the shopper has to act, at url and until an end, which is zero where there is none.
func (a Attempt) RequireAction(url string, expires time.Time) (Attempt, error) {
	a, err := a.apply(RequireAction)
	a.ActionURL, a.ActionExpires = url, expires
	return a, err
}

// Expire records that the provider holds nothing and never will. Errors: payments.ErrIllegalTransition, also when some of
// the money was captured.
func (a Attempt) Expire() (Attempt, error) {
	if a.Captured+a.Capturing > 0 {
		return a, payments.ErrIllegalTransition.Detailf("%d of the payment was captured", a.Captured+a.Capturing)
	}
	a, err := a.apply(Expire)
	return a.settled(), err
}

// Lose records that nobody knows whether the provider holds the money.
func (a Attempt) Lose() (Attempt, error) { return a.apply(Lose) }

// Void decides to give the authorization up; FinishVoid records that the provider did. Errors:
// payments.ErrIllegalTransition, also when some of it was captured.
func (a Attempt) Void() (Attempt, error) {
	if a.Captured+a.Capturing > 0 {
		return a, payments.ErrIllegalTransition.Detailf("%d of the payment was captured", a.Captured+a.Capturing)
	}
	return a.apply(Void)
}

// FinishVoid records that the provider gave the authorization up.
func (a Attempt) FinishVoid() (Attempt, error) { return a.apply(FinishVoid) }

func (a Attempt) apply(verb Verb) (Attempt, error) {
	next, err := Next(a.Status, verb)
	if err != nil {
		return a, err
	}
	a.Status = next
	return a, nil
}

// Answer is the attempt as the front door shows it.
func (a Attempt) Answer(capturesItself bool) payments.Attempt {
	return payments.Attempt{ID: a.ID, Reference: a.Reference, Method: a.Method, Status: a.Status,
		Amount: a.money(a.Amount), Authorized: a.money(a.Authorized), Captured: a.money(a.Captured), Refunded: a.money(a.Refunded),
		DeclineCode: a.DeclineCode, CapturesItself: capturesItself, Seq: a.Seq, Action: a.action()}
}

func (a Attempt) action() *payments.Action {
	if a.Status != payments.StatusActionRequired {
		return nil
	}
	return &payments.Action{Type: payments.ActionRedirect, URL: a.ActionURL, ExpiresAt: a.ActionExpires}
}

// Changed is the event that tells where the attempt stands.
func (a Attempt) Changed() payments.AttemptChanged {
	return payments.AttemptChanged{Reference: a.Reference, Status: a.Status, Authorized: a.money(a.Authorized),
		Captured: a.money(a.Captured), Refunded: a.money(a.Refunded), Seq: a.Seq}
}

// Late is the event that tells that money which came too late was given back.
func (a Attempt) Late(amount int64, by string) payments.LatePaymentRefunded {
	return payments.LatePaymentRefunded{Reference: a.Reference, Amount: a.money(amount), By: by, Seq: a.Seq}
}

// money is an amount of the attempt; one that was closed unseen has no currency.
func (a Attempt) money(minor int64) money.Money {
	if a.Currency == "" {
		return money.Money{}
	}
	return money.MustNew(minor, a.Currency)
}
