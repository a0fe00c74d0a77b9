package delivering

import (
	"cmp"
	"strconv"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/isocode"
)

// standardTaxClass is the class of an option that names none.
const standardTaxClass = "standard"

// checked answers the option with what it leaves out, or why it cannot be.
func checked(o Option) (Option, error) {
	o.TaxClass = cmp.Or(o.TaxClass, standardTaxClass)
	if o.Code == "" {
		return Option{}, invalid("/code", "it is required")
	}
	if o.Name == "" {
		return Option{}, invalid("/name", "it is required")
	}
	for i, country := range o.Countries {
		if !isocode.IsCountry(country) {
			return Option{}, fulfillment.ErrUnsupportedCountry.With(fault.Field{
				Pointer: "/countries/" + strconv.Itoa(i), Code: fulfillment.ErrUnsupportedCountry.Code})
		}
	}
	if o.Position < 0 {
		return Option{}, invalid("/position", "it is at least 0")
	}
	if err := checkDays(o.MinDays, o.MaxDays); err != nil {
		return Option{}, err
	}
	return o, checkPrices(o.Prices)
}

func checkDays(lowest, highest *int64) error {
	if lowest != nil && *lowest < 0 {
		return invalid("/min_days", "it is at least 0")
	}
	if highest != nil && *highest < max(0, orZero(lowest)) {
		return invalid("/max_days", "it is at least 0 and min_days")
	}
	return nil
}

func checkPrices(prices []money.Money) error {
	seen := map[string]bool{}
	for i, price := range prices {
		if price.IsNegative() || seen[price.Currency()] {
			return invalid("/prices/"+strconv.Itoa(i), "one price of at least 0 per currency")
		}
		seen[price.Currency()] = true
	}
	return nil
}

func invalid(pointer, detail string) error {
	return fulfillment.ErrInvalidOption.With(fault.Field{Pointer: pointer, Code: "invalid_value", Detail: detail})
}
