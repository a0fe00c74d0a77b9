package tax

import "github.com/rialto-commerce/rialto/internal/platform/fault"

// Errors of Service and of the module's HTTP API.
var (
	ErrNotFound           = fault.New("not_found", "there is no such tax rate")
	ErrRateTaken          = fault.New("tax_rate_taken", "there is a rate for this country, region and tax class already")
	ErrInvalidRate        = fault.New("validation_failed", "a rate has a name and is a decimal percentage from 0 to 100 with at most 4 decimals")
	ErrUnsupportedCountry = fault.New("unsupported_country", "the country is not in ISO 3166-1")
)
