package attempt

import (
	"errors"
	"fmt"
	"time"

	"github.com/rialto-commerce/rialto/internal/payments"
)

// What a provider can say of an authorization.
const (
	SaysAuthorized     = "authorized"
	SaysActionRequired = "action_required"
	SaysDeclined       = "declined"
	SaysPending        = "pending"
	SaysExpired        = "expired"
	SaysVoided         = "voided"
	// SaysNothingThere is not one of its words: it knows no such authorization, and has had time enough to.
	SaysNothingThere = "nothing_there"
)

// Word is what a provider says of an authorization, in an answer or an event.
type Word struct {
	Status string
	// ID is what the provider calls the authorization.
	ID          string
	Reference   string
	Currency    string
	Amount      int64
	Captured    int64
	Refunded    int64
	DeclineCode string
	ActionURL   string
	ExpiresAt   time.Time
	// Foreign names what shows that the word is not meant for this shop, such as "account"; empty when nothing does.
	Foreign string
}

// Gone says that the provider holds nothing, and never will.
func (w Word) Gone() bool { return w.Over() && w.Kept() <= 0 }

// Kept is what was captured and not given back.
func (w Word) Kept() int64 { return w.Captured - w.Refunded }

// Over says that nothing more can be captured.
func (w Word) Over() bool {
	switch w.Status {
	case SaysDeclined, SaysExpired, SaysVoided, SaysNothingThere:
		return true
	default:
		return false
	}
}

// ErrLate answers a provider's word that it holds, or may come to hold, money for an attempt that has ended.
var ErrLate = errors.New("money is held for a payment that has ended")

// Difference names what in a word contradicts the attempt, so that it must not be believed; empty when nothing does.
func (a Attempt) Difference(w Word) string {
	switch {
	case w.Foreign != "":
		return w.Foreign
	case w.Status == SaysNothingThere:
		return ""
	case w.Reference != a.Reference:
		return "reference"
	case w.ID == "" || a.ProviderRef != "" && w.ID != a.ProviderRef:
		return "authorization"
	case a.Currency != "" && w.Currency != a.Currency:
		return "currency"
	case a.Currency != "" && w.Amount != a.Amount:
		return "amount"
	default:
		return ""
	}
}

// Hear applies a provider's word that contradicts nothing. A word that tells nothing new changes nothing. What is held
// for an attempt that was given up is on its way back at once.
//
// Errors: payments.ErrIllegalTransition (an older word, or an impossible one), ErrLate.
func (a Attempt) Hear(w Word) (Attempt, error) {
	if a.ProviderRef == "" {
		a.ProviderRef = w.ID
	}
	switch {
	case a.Ended() && !w.Gone():
		return a, ErrLate
	case a.GivenUp && w.Kept() > 0:
		return a.hearAuthorized()
	}
	switch w.Status {
	case SaysAuthorized:
		return a.hearAuthorized()
	case SaysDeclined:
		if a.Status == payments.StatusDeclined {
			return a, nil
		}
		return a.Decline(w.DeclineCode)
	case SaysActionRequired:
		return a.hearActionRequired(w)
	case SaysPending:
		return a.hearPending()
	case SaysExpired, SaysVoided, SaysNothingThere:
		return a.hearGone()
	default:
		return a, fmt.Errorf("a provider said %q", w.Status)
	}
}

func (a Attempt) hearAuthorized() (Attempt, error) {
	if !a.Unsettled() {
		return a, nil
	}
	a, err := a.Authorize()
	if err != nil || !a.GivenUp {
		return a, err
	}
	a.GivingBack = true
	return a.Void()
}

func (a Attempt) hearActionRequired(w Word) (Attempt, error) {
	switch {
	case a.Status != payments.StatusActionRequired:
		return a.RequireAction(w.ActionURL, w.ExpiresAt)
	case a.ActionOver:
		return a.Expire()
	default:
		return a, nil
	}
}

func (a Attempt) hearPending() (Attempt, error) {
	if a.Status == payments.StatusUnknown {
		return a, nil
	}
	return a.Lose()
}

// hearGone is the end of an authorization that was not captured, whatever the provider calls it.
func (a Attempt) hearGone() (Attempt, error) {
	switch {
	case a.Status == payments.StatusVoidPending:
		return a.FinishVoid()
	case a.Ended():
		return a, nil
	case a.Status != payments.StatusSubmitted:
		return a.Expire()
	}
	a, err := a.Lose()
	if err != nil {
		return a, err
	}
	return a.Expire()
}
