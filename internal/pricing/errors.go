package pricing

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound           = fault.New("not_found", "there is no such price")
	ErrInvalidPrice       = fault.New("validation_failed", "a price is at least 0 and below its compare-at price")
	ErrCurrencyMismatch   = fault.New("currency_mismatch", "the price and its compare-at price are in different currencies")
	ErrUnsupportedCountry = fault.New("unsupported_country", "the country is not in ISO 3166-1")
	// ErrUnknownVariant and ErrUnknownChannel answer ids that can name nothing.
	ErrUnknownVariant = fault.New("unknown_variant", "there is no such variant")
	ErrUnknownChannel = fault.New("unknown_channel", "there is no such channel")
)
