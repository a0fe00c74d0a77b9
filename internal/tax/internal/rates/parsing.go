package rates

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/isocode"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// percentage is narrower than money's: what the column would round or refuse does not get there.
var percentage = regexp.MustCompile(`^(100(\.0{1,4})?|[0-9]{1,2}(\.[0-9]{1,4})?)$`)

func parse(req tax.SaveRateRequest) (Rate, error) {
	if req.Name == "" {
		return Rate{}, invalid("/name", "it is required")
	}
	if !isocode.IsCountry(req.Country) {
		return Rate{}, tax.ErrUnsupportedCountry.With(fault.Field{Pointer: "/country", Code: tax.ErrUnsupportedCountry.Code})
	}
	region := canonical(req.Region)
	if region == "" && req.Region != "" { // It would become a rate of the whole country.
		return Rate{}, invalid("/region", "it has no visible character")
	}
	percent, err := money.ParsePercent(req.Rate)
	if err != nil || !percentage.MatchString(req.Rate) {
		return Rate{}, invalid("/rate", "it is a decimal percentage from 0 to 100 with at most 4 decimals")
	}
	return Rate{Name: req.Name, Country: req.Country, Region: region, TaxClass: cmp.Or(req.TaxClass, tax.ClassStandard),
		Percent: percent, AppliesToShipping: req.AppliesToShipping}, nil
}

// canonical lets the region of an address find its rate however a shopper spelled it.
func canonical(region string) string { return strings.ToUpper(strings.TrimSpace(region)) }

func invalid(pointer, detail string) error {
	return tax.ErrInvalidRate.With(fault.Field{Pointer: pointer, Code: "invalid_value", Detail: detail})
}
