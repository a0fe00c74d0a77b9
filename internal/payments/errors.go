package payments

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service.
var (
	ErrNotFound          = fault.New("not_found", "there is no payment for this reference")
	ErrMethodUnavailable = fault.New("payment_method_unavailable", "the payment method is not offered here")
	// ErrReferenceClosed answers an Authorize that arrives after its Void.
	ErrReferenceClosed      = fault.New("reference_closed", "the payment was voided before")
	ErrCaptureExceeds       = fault.New("capture_exceeds_authorized", "more than is left of the authorization")
	ErrRefundExceeds        = fault.New("refund_exceeds_captured", "more than was captured and not yet refunded")
	ErrIllegalTransition    = fault.New("payment_state", "the payment is not in a state that allows this")
	ErrIdempotencyKeyReused = fault.New("idempotency_key_reused", "the idempotency key was used for another request")
	ErrCurrencyMismatch     = fault.New("currency_mismatch", "the payment is in another currency")
	ErrAmountMustBePositive = fault.New("validation_failed", "the amount must be above 0")
	// ErrPaymentsUnavailable answers an Authorize that no provider was asked for, because the provider is known to be down:
	// no money moved, and nothing is left to undo but the reference.
	ErrPaymentsUnavailable = fault.New("payments_unavailable", "the payment provider is not available at the moment")
	// ErrProviderUnavailable says that the provider did not answer: the money may or may not have moved. The same call
	// again finds out.
	ErrProviderUnavailable   = fault.New("unavailable", "the payment provider does not answer")
	ErrAuthorizationMismatch = fault.New("reference_mismatch", "the reference was authorized for another amount or method")
)
