// Package attempt holds the rules of a payment attempt: which state allows what, how much can still be taken or given
// back, and what that means for the ledger. It does no I/O and knows neither providers nor tables.
package attempt

import "github.com/rialto-commerce/rialto/internal/payments"

// Verb is what can happen to an attempt.
type Verb string

// The verbs. Capture and Refund move a part of the money; CaptureRest moves the last of it.
const (
	Submit        Verb = "submit"
	Authorize     Verb = "authorize"
	RequireAction Verb = "require_action"
	Decline       Verb = "decline"
	Lose          Verb = "lose"
	Expire        Verb = "expire"
	Capture       Verb = "capture"
	CaptureRest   Verb = "capture_rest"
	Refund        Verb = "refund"
	Void          Verb = "void"
	FinishVoid    Verb = "finish_void"
)

// Next answers the state that a verb leads to. Errors: payments.ErrIllegalTransition.
func Next(status string, verb Verb) (string, error) {
	next, ok := edges(status)[verb]
	if !ok {
		return "", payments.ErrIllegalTransition.Detailf("a payment that is %s allows no %s", status, verb)
	}
	return next, nil
}

// From answers the states that allow a verb.
func From(verb Verb) []string {
	var states []string
	for _, status := range States() {
		if _, ok := edges(status)[verb]; ok {
			states = append(states, status)
		}
	}
	return states
}

// States answers all states.
func States() []string {
	return []string{
		payments.StatusCreated, payments.StatusSubmitted, payments.StatusAuthorized, payments.StatusActionRequired,
		payments.StatusDeclined, payments.StatusUnknown, payments.StatusCaptured, payments.StatusVoidPending,
		payments.StatusVoided, payments.StatusExpired,
	}
}

// edges is the graph. A refund leaves the state alone: what matters is how much is left, and the totals tell.
func edges(status string) map[Verb]string {
	switch status {
	case payments.StatusCreated:
		return map[Verb]string{Submit: payments.StatusSubmitted}
	case payments.StatusSubmitted:
		return map[Verb]string{Authorize: payments.StatusAuthorized, RequireAction: payments.StatusActionRequired,
			Decline: payments.StatusDeclined, Lose: payments.StatusUnknown}
	case payments.StatusActionRequired:
		return map[Verb]string{Authorize: payments.StatusAuthorized, Decline: payments.StatusDeclined,
			Expire: payments.StatusExpired, Lose: payments.StatusUnknown}
	case payments.StatusUnknown:
		return map[Verb]string{Authorize: payments.StatusAuthorized, RequireAction: payments.StatusActionRequired,
			Decline: payments.StatusDeclined, Expire: payments.StatusExpired}
	case payments.StatusAuthorized:
		return map[Verb]string{Capture: payments.StatusAuthorized, CaptureRest: payments.StatusCaptured,
			Refund: payments.StatusAuthorized, Void: payments.StatusVoidPending, Expire: payments.StatusExpired}
	case payments.StatusCaptured:
		return map[Verb]string{Refund: payments.StatusCaptured}
	case payments.StatusVoidPending:
		return map[Verb]string{FinishVoid: payments.StatusVoided}
	default:
		return nil
	}
}
