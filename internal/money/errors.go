package money

import "github.com/rialto-commerce/rialto/internal/platform/fault"

var (
	// ErrOverflow: the result does not fit the range of amounts, which is symmetric:
	// -9223372036854775807 to 9223372036854775807 minor units.
	ErrOverflow = fault.New("amount_out_of_range", "the amount is out of range")
	// ErrCurrencyMismatch: two currencies in one sum, comparison or list.
	ErrCurrencyMismatch = fault.New("currency_mismatch", "the amounts have different currencies")
	// ErrUnknownCurrency: not an active ISO 4217 currency with minor units, in upper case.
	ErrUnknownCurrency = fault.New("unsupported_currency", "the currency is not supported")
	// ErrInvalidAmount: a text that is not an amount of its currency.
	ErrInvalidAmount = fault.New("invalid_amount", "the amount is not valid")
	// ErrInvalidPercent: a text that is not a percentage this package computes with.
	ErrInvalidPercent = fault.New("invalid_percent", "the percentage is not valid")
	// ErrInvalidWeights: a negative weight, or an amount to spread and nothing to spread it over.
	ErrInvalidWeights = fault.New("invalid_weights", "the amount cannot be spread over these weights")
)
