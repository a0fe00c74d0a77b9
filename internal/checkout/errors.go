package checkout

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of the module's HTTP API.
var (
	ErrNotFound              = fault.New("not_found", "there is no such checkout")
	ErrTokenRequired         = fault.New("token_required", "send the Checkout-Token or the Cart-Token header")
	ErrKeyReused             = fault.New("idempotency_key_reused", "the idempotency key was used for another request")
	ErrKeyInProgress         = fault.New("idempotency_in_progress", "the request with this idempotency key is still running")
	ErrInProgress            = fault.New("checkout_in_progress", "another checkout of this cart is running")
	ErrPriceChanged          = fault.New("price_changed", "the total is not the expected one")
	ErrInsufficientStock     = fault.New("insufficient_stock", "not enough stock")
	ErrPaymentDeclined       = fault.New("payment_declined", "the payment was declined")
	ErrNotCancelable         = fault.New("checkout_not_cancelable", "the checkout is completed")
	ErrReturnURLNotAllowed   = fault.New("validation_failed", "the return URL is not on an origin of the channel")
	ErrCurrencyMismatch      = fault.New("currency_mismatch", "the expected total is in another currency")
	ErrInvalidRequest        = fault.New("validation_failed", "send either cart_id or lines")
	ErrCanceled              = fault.New("checkout_canceled", "the checkout was canceled; start a new one")
	ErrPaymentMethodRequired = fault.New("payment_method_unavailable", "the payment method is not offered here")
	ErrPromotionCodeInvalid  = fault.New("promotion_code_invalid", "there is no such promotion code")
	// ErrContradiction answers a value of the body that says otherwise than the query.
	ErrContradiction = fault.New("invalid_parameter", "the body and the query contradict each other")
)
