package cart

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound        = fault.New("not_found", "there is no such cart")
	ErrTokenRequired   = fault.New("token_required", "send the cart's token in the Cart-Token header")
	ErrVersionMismatch = fault.New("version_mismatch", "the cart was changed since it was read")
	ErrNotOpen         = fault.New("cart_not_open", "the cart is being checked out, is completed or has expired")
	ErrReferenceClosed = fault.New("reference_closed", "the freeze was given up before")
	// ErrCheckoutInProgress answers a Freeze of a cart that another reference holds.
	ErrCheckoutInProgress     = fault.New("checkout_in_progress", "another checkout of this cart is running")
	ErrEmpty                  = fault.New("cart_empty", "the cart has no lines")
	ErrAddressIncomplete      = fault.New("address_incomplete", "the address is not complete")
	ErrEmailRequired          = fault.New("validation_failed", "an e-mail address is needed")
	ErrShippingOptionRequired = fault.New("shipping_option_unavailable", "no shipping option is chosen, or it does not serve this address")
	ErrUnknownVariant         = fault.New("unknown_variant", "there is no such variant")
	ErrVariantUnavailable     = fault.New("variant_unavailable", "the variant cannot be bought here")
	ErrTooManyLines           = fault.New("too_many_lines", "a cart holds at most 100 lines")
	ErrQuantityOutOfRange     = fault.New("quantity_out_of_range", "a line holds 1 to 1,000,000")
)
