package checkout

import "context"

// Prefix of a checkout's public id, which is also the reference it gives other modules, and the kind of its token.
const (
	CheckoutPrefix = "co"
	TokenKind      = "checkout"
)

// Statuses of a checkout.
const (
	StatusStarted        = "started"
	StatusAuthorizing    = "authorizing"
	StatusActionRequired = "action_required"
	StatusPaymentUnknown = "payment_unknown"
	StatusCanceling      = "canceling"
	StatusCompleted      = "completed"
	StatusCanceled       = "canceled"
	StatusReview         = "review"
)

// Service carries checkouts on.
type Service interface {
	// Advance carries on the live checkouts of references, because something they wait for has changed. References
	// that are unknown or have ended are passed over. It answers an error when somebody else works on one at this moment or
	// one could not be carried on, after trying all others: call again.
	Advance(ctx context.Context, req AdvanceRequest) (AdvanceAnswer, error)
}

// AdvanceRequest names checkouts by their references.
type AdvanceRequest struct {
	References []string `json:"references"`
}

// AdvanceAnswer is empty.
type AdvanceAnswer struct{}
