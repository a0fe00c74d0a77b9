package orders

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound        = fault.New("not_found", "there is no such order")
	ErrTokenRequired   = fault.New("token_required", "send the order's token in the Order-Token header")
	ErrInvalidSnapshot = fault.New("validation_failed", "the amounts of the order do not add up")
	// ErrCartTaken answers a Place for a cart that another reference has made an order of.
	ErrCartTaken = fault.New("cart_not_open", "the cart became another order")
	// ErrReferenceClosed answers a Place that arrives after its checkout was given up.
	ErrReferenceClosed = fault.New("reference_closed", "the checkout was given up before")
	ErrNotCancelable   = fault.New("order_not_cancelable", "the order was canceled, or some of it was sent")
	// ErrIllegalTransition answers a verb that the order's state does not allow.
	ErrIllegalTransition = fault.New("order_state", "the order is not in a state that allows this")
	ErrUnknownLine       = fault.New("validation_failed", "the order has no such line")
	ErrNotFulfillable    = fault.New("line_not_fulfillable", "more than is left to send")
	ErrRefundExceeds     = fault.New("refund_exceeds_captured", "more than was captured and not yet refunded")
	ErrKeyReused         = fault.New("idempotency_key_reused", "the idempotency key was used for another request")
	// ErrPaymentBusy answers a cancellation that meets a capture in progress; it is finished in the background.
	ErrPaymentBusy = fault.New("unavailable", "the payment is being captured at this moment")
)
