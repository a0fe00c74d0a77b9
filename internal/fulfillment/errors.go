package fulfillment

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound           = fault.New("not_found", "there is no such shipping option")
	ErrOptionUnavailable  = fault.New("shipping_option_unavailable", "the shipping option does not serve this address and currency")
	ErrInvalidOption      = fault.New("validation_failed", "the shipping option is not consistent")
	ErrUnsupportedCountry = fault.New("unsupported_country", "the country is not in ISO 3166-1")
	ErrCodeTaken          = fault.New("code_taken", "another shipping option has this code")
	ErrVersionMismatch    = fault.New("version_mismatch", "the shipping option was changed since it was read")
)
