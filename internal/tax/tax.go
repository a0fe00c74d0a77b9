package tax

import (
	"context"

	"github.com/rialto-commerce/rialto/internal/money"
)

// RatePrefix of a tax rate's public id.
const RatePrefix = "tax"

// Tax classes every shop has. A line of ClassExempt is never taxed.
const (
	ClassStandard = "standard"
	ClassExempt   = "exempt"
)

// Service answers tax lines.
type Service interface {
	// Calculate answers the tax of each line. A rate of the region wins over the country's. Included amounts have their tax
	// extracted, others have it put on top; either way it is rounded half-even to the minor unit, once per line. A place
	// without a rate has no tax. Upper and lower case of a region are the same.
	// Errors: money.ErrOverflow.
	Calculate(ctx context.Context, req CalculateRequest) (CalculateAnswer, error)
	// SaveRate creates the rate of this country, region and class, or changes its name and percentage, and whether it
	// applies to shipping.
	// Errors: ErrInvalidRate, ErrUnsupportedCountry.
	SaveRate(ctx context.Context, req SaveRateRequest) (SaveRateAnswer, error)
}

// CalculateRequest asks for the tax on amounts in one place. An empty country has no tax.
type CalculateRequest struct {
	Country  string    `json:"country"`
	Region   string    `json:"region"`
	Included bool      `json:"included"`
	Lines    []TaxBase `json:"lines"`
}

// TaxBase is an amount to tax. Ref is the caller's own name for it and comes back in the answer.
type TaxBase struct {
	Ref      string      `json:"ref"`
	Amount   money.Money `json:"amount"`
	TaxClass string      `json:"tax_class"`
	// Shipping says that the amount is for delivery: a rate that does not apply to shipping leaves it alone.
	Shipping bool `json:"shipping"`
}

// CalculateAnswer holds one entry per line asked for, in the same order.
type CalculateAnswer struct {
	Lines []TaxedLine `json:"lines"`
}

// TaxedLine holds the taxes on one line; none when no rate applies.
type TaxedLine struct {
	Ref   string    `json:"ref"`
	Taxes []TaxLine `json:"taxes"`
}

// TaxLine is the tax of one rate on one line. Rate is a percentage such as "8.1".
type TaxLine struct {
	Name   string      `json:"name"`
	Rate   string      `json:"rate"`
	Amount money.Money `json:"amount"`
}

// SaveRateRequest is the wanted state of one rate.
type SaveRateRequest struct {
	Name              string `json:"name"`
	Country           string `json:"country"`
	Region            string `json:"region"`
	TaxClass          string `json:"tax_class"`
	Rate              string `json:"rate"`
	AppliesToShipping bool   `json:"applies_to_shipping"`
}

// SaveRateAnswer names the rate.
type SaveRateAnswer struct {
	ID string `json:"id"`
}
