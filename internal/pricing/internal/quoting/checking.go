package quoting

import (
	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/isocode"
	"github.com/rialto-commerce/rialto/internal/pricing"
)

// check refuses prices that can never hold. Place points to where the price stands in the request.
func check(place string, p pricing.Price) error {
	if _, err := money.Exponent(p.Amount.Currency()); err != nil {
		return err
	}
	if p.Amount.IsNegative() {
		return pricing.ErrInvalidPrice.With(fault.Field{Pointer: place + "/amount", Code: "invalid_value", Detail: "a price is at least 0"})
	}
	if p.Country != "" && !isocode.IsCountry(p.Country) {
		return pricing.ErrUnsupportedCountry.With(fault.Field{Pointer: place + "/country", Code: pricing.ErrUnsupportedCountry.Code})
	}
	return checkCompareAt(place+"/compare_at", p)
}

func checkCompareAt(place string, p pricing.Price) error {
	if p.CompareAt == nil {
		return nil
	}
	order, err := p.CompareAt.Cmp(p.Amount)
	if err != nil {
		return pricing.ErrCurrencyMismatch.With(fault.Field{Pointer: place, Code: pricing.ErrCurrencyMismatch.Code})
	}
	if order <= 0 {
		return pricing.ErrInvalidPrice.With(fault.Field{Pointer: place, Code: "invalid_value", Detail: "a compare-at price is above the price"})
	}
	return nil
}
