package attempt

import (
	"slices"

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
}

// New is an attempt that the provider is about to hear of.
func New(id string, req payments.AuthorizeRequest) Attempt {
	return Attempt{ID: id, Reference: req.Reference, Method: req.Method, Token: req.Token,
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

// GivenUp says that nothing is authorized and nothing ever will be.
func (a Attempt) GivenUp() bool {
	return slices.Contains([]string{payments.StatusDeclined, payments.StatusVoided, payments.StatusExpired}, a.Status)
}

// Answers says whether the attempt is the one that the request asks for.
// Errors: payments.ErrReferenceClosed, payments.ErrAuthorizationMismatch.
func (a Attempt) Answers(req payments.AuthorizeRequest) error {
	if a.Status == payments.StatusVoided || a.Status == payments.StatusVoidPending {
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
	a.Authorized, a.Token = a.Amount, ""
	return a, err
}

// Decline records that the provider refused, and its reason.
func (a Attempt) Decline(code string) (Attempt, error) {
	a, err := a.apply(Decline)
	a.DeclineCode, a.Token = code, ""
	return a, err
}

// Lose records that nobody knows whether the provider holds the money.
func (a Attempt) Lose() (Attempt, error) { return a.apply(Lose) }

// Void decides to give the authorization up; FinishVoid records that the provider did. Errors:
// payments.ErrIllegalTransition, also when some of it was captured.
func (a Attempt) Void() (Attempt, error) {
	if a.Captured+a.Capturing > 0 {
		return a, payments.ErrIllegalTransition.Detailf("%d of the payment was captured", a.Captured+a.Capturing)
	}
	a, err := a.apply(Void)
	a.Seq++
	return a, err
}

// FinishVoid records that the provider gave the authorization up.
func (a Attempt) FinishVoid() (Attempt, error) {
	a, err := a.apply(FinishVoid)
	a.Seq++
	return a, err
}

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
		DeclineCode: a.DeclineCode, CapturesItself: capturesItself, Seq: a.Seq}
}

// Changed is the event that tells where the attempt stands.
func (a Attempt) Changed() payments.AttemptChanged {
	return payments.AttemptChanged{Reference: a.Reference, Status: a.Status, Authorized: a.money(a.Authorized),
		Captured: a.money(a.Captured), Refunded: a.money(a.Refunded), Seq: a.Seq}
}

// money is an amount of the attempt; one that was closed unseen has no currency.
func (a Attempt) money(minor int64) money.Money {
	if a.Currency == "" {
		return money.Money{}
	}
	return money.MustNew(minor, a.Currency)
}
