package channels

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound            = fault.New("not_found", "there is no such channel")
	ErrUnknownChannel      = fault.New("unknown_channel", "there is no such channel, or the publishable key is not known")
	ErrUnsupportedCurrency = fault.New("unsupported_currency", "the channel does not sell in this currency")
	ErrUnsupportedCountry  = fault.New("unsupported_country", "the channel does not sell to this country")
	ErrCodeTaken           = fault.New("code_taken", "another channel has this code")
	ErrVersionMismatch     = fault.New("version_mismatch", "the channel was changed since it was read")
	ErrInvalidChannel      = fault.New("validation_failed", "the channel is not consistent")
)
