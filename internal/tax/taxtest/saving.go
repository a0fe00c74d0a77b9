package taxtest

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/tax"
)

func saving() []story {
	return []story{
		{"a saved rate counts at once", aSavedRateCountsAtOnce},
		{"saving a rate again changes its name, its percentage and whether it applies to shipping", savingARateAgainChangesIt},
		{"a country, a region and a class have a rate of their own", everyPlaceAndClassHasItsOwn},
		{"rates keep four decimals", ratesKeepFourDecimals},
		{"impossible rates are refused, and leave all as it was", impossibleRatesAreRefused},
	}
}

func aSavedRateCountsAtOnce(s shop) {
	assert.Empty(s, s.on("DE", "", ""))
	for _, rate := range []string{"7", "19", "16"} {
		s.save(vat(rate))

		assert.Equal(s, rate, s.on("DE", "", "")[0].Rate)
	}
}

func savingARateAgainChangesIt(s shop) {
	first := s.save(vat("19"))
	changed := tax.SaveRateRequest{Name: "MwSt", Country: "DE", TaxClass: tax.ClassStandard, Rate: "16.5", AppliesToShipping: true}

	assert.Equal(s, first, s.save(changed))
	assert.Equal(s, first, s.save(changed))

	assert.True(s, ids.Valid(first))
	assert.Equal(s, line("MwSt", "16.5", 1650), s.on("DE", "", ""))
	assert.Equal(s, line("MwSt", "16.5", 1650), s.onBase("DE", "", tax.TaxBase{Amount: eur(10_000), Shipping: true}))
}

func everyPlaceAndClassHasItsOwn(s shop) {
	reduced := vat("7")
	reduced.TaxClass = "reduced"
	saved := map[string]bool{s.save(vat("19")): true, s.save(reduced): true, s.save(sales("", "1")): true,
		s.save(sales("CA", "2")): true, s.save(sales("NY", "3")): true}

	assert.Len(s, saved, 5)
	assert.Equal(s, "19", s.on("DE", "", "")[0].Rate)
	assert.Equal(s, "7", s.on("DE", "", "reduced")[0].Rate)
	assert.Equal(s, "3", s.on("US", "NY", "")[0].Rate)
}

func ratesKeepFourDecimals(s shop) {
	for text, want := range map[string]string{"0": "0", "8.1": "8.1", "8.8750": "8.875", "0.0001": "0.0001",
		"99.9999": "99.9999", "100": "100"} {
		s.save(vat(text))

		assert.Equal(s, want, s.on("DE", "", "")[0].Rate)
	}
}

func impossibleRatesAreRefused(s shop) {
	s.save(vat("19"))
	for name, c := range map[string]struct {
		spoil func(*tax.SaveRateRequest)
		want  error
	}{
		"no name":                 {func(r *tax.SaveRateRequest) { r.Name = "" }, tax.ErrInvalidRate},
		"no rate":                 {func(r *tax.SaveRateRequest) { r.Rate = "" }, tax.ErrInvalidRate},
		"more than everything":    {func(r *tax.SaveRateRequest) { r.Rate = "100.0001" }, tax.ErrInvalidRate},
		"less than nothing":       {func(r *tax.SaveRateRequest) { r.Rate = "-1" }, tax.ErrInvalidRate},
		"five decimals":           {func(r *tax.SaveRateRequest) { r.Rate = "1.00001" }, tax.ErrInvalidRate},
		"a word":                  {func(r *tax.SaveRateRequest) { r.Rate = "19%" }, tax.ErrInvalidRate},
		"a region of blanks":      {func(r *tax.SaveRateRequest) { r.Region = "  " }, tax.ErrInvalidRate},
		"no country":              {func(r *tax.SaveRateRequest) { r.Country = "" }, tax.ErrUnsupportedCountry},
		"a country that is none":  {func(r *tax.SaveRateRequest) { r.Country = "ZZ" }, tax.ErrUnsupportedCountry},
		"a country in lower case": {func(r *tax.SaveRateRequest) { r.Country = "de" }, tax.ErrUnsupportedCountry},
	} {
		s.Run(name, func(t *testing.T) {
			req := vat("7")
			c.spoil(&req)

			_, err := s.SaveRate(t.Context(), req)

			assert.ErrorIs(t, err, c.want)
		})
	}
	assert.Equal(s, line("VAT", "19", 1900), s.on("DE", "", ""))
}
