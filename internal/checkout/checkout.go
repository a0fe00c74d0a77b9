package checkout

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
