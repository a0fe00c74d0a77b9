package taxtest

import (
	"math"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/tax"
)

func calculating() []story {
	return []story{
		{"each line has its tax, in the order asked", eachLineHasItsTax},
		{"included tax is extracted, other tax put on top", includedTaxIsExtracted},
		{"tax is rounded half to even, once per line", taxIsRoundedHalfToEven},
		{"a region's rate wins over its country's", aRegionsRateWins},
		{"upper and lower case of a region are the same", theCaseOfARegion},
		{"a place without a rate has no tax", aPlaceWithoutARate},
		{"a rate is for its class, and nothing is exempt but what is said to be", aRateIsForItsClass},
		{"a rate that does not apply to shipping leaves delivery alone", aRateThatDoesNotApplyToShipping},
		{"the largest amounts are taxed", theLargestAmountsAreTaxed},
		{"no lines have no taxes", noLinesHaveNoTaxes},
	}
}

func eachLineHasItsTax(s shop) {
	s.save(vat("19"))
	s.save(tax.SaveRateRequest{Name: "VAT reduced", Country: "DE", TaxClass: "reduced", Rate: "7"})

	lines := s.calculate(tax.CalculateRequest{Country: "DE", Lines: []tax.TaxBase{{Ref: "tee", Amount: eur(10_000)},
		{Ref: "book", Amount: eur(10_000), TaxClass: "reduced"}, {Ref: "gift", Amount: eur(10_000), TaxClass: tax.ClassExempt},
		{Ref: "tee", Amount: money.MustNew(100, "JPY"), TaxClass: tax.ClassStandard}, {Ref: "refund", Amount: eur(-10_000)}}})

	assert.Equal(s, []tax.TaxedLine{
		{Ref: "tee", Taxes: line("VAT", "19", 1900)}, {Ref: "book", Taxes: line("VAT reduced", "7", 700)},
		{Ref: "gift", Taxes: []tax.TaxLine{}},
		{Ref: "tee", Taxes: []tax.TaxLine{{Name: "VAT", Rate: "19", Amount: money.MustNew(19, "JPY")}}},
		{Ref: "refund", Taxes: line("VAT", "19", -1900)},
	}, lines)
}

func includedTaxIsExtracted(s shop) {
	s.save(vat("19"))
	request := tax.CalculateRequest{Country: "DE", Lines: []tax.TaxBase{{Amount: eur(11_900)}}}

	onTop := s.calculate(request)
	request.Included = true
	included := s.calculate(request)

	assert.Equal(s, line("VAT", "19", 2261), onTop[0].Taxes)
	assert.Equal(s, line("VAT", "19", 1900), included[0].Taxes)
}

func taxIsRoundedHalfToEven(s shop) {
	s.save(vat("50"))

	lines := s.calculate(tax.CalculateRequest{Country: "DE", Lines: []tax.TaxBase{{Amount: eur(1)}, {Amount: eur(3)}, {Amount: eur(5)},
		{Amount: eur(1)}}})

	var rounded []int64
	for _, l := range lines {
		rounded = append(rounded, l.Taxes[0].Amount.Minor())
	}
	assert.Equal(s, []int64{0, 2, 2, 0}, rounded, "the last line does not make up for the first")
}

func aRegionsRateWins(s shop) {
	s.save(sales("", "1"))
	s.save(sales("CA", "7.25"))

	assert.Equal(s, line("Sales tax", "7.25", 725), s.on("US", "CA", ""))
	assert.Equal(s, line("Sales tax", "1", 100), s.on("US", "NY", ""))
	assert.Equal(s, line("Sales tax", "1", 100), s.on("US", "", ""))

	s.save(sales("CA", "0"))

	assert.Equal(s, line("Sales tax", "0", 0), s.on("US", "CA", ""), "a rate of nothing is a rate")
}

func theCaseOfARegion(s shop) {
	first := s.save(sales("Ca", "7.25"))

	for _, region := range []string{"CA", "ca", "cA"} {
		assert.Equal(s, line("Sales tax", "7.25", 725), s.on("US", region, ""), region)
		assert.Equal(s, first, s.save(sales(region, "7.25")), "it is the same rate")
	}
}

func aPlaceWithoutARate(s shop) {
	s.save(vat("19"))
	s.save(sales("CA", "7.25"))

	for _, place := range [][2]string{{"FR", ""}, {"US", ""}, {"US", "NY"}, {"", ""}, {"", "CA"}, {"de", ""}, {"nonsense", ""}} {
		assert.Empty(s, s.on(place[0], place[1], ""), place)
	}
}

func aRateIsForItsClass(s shop) {
	s.save(vat("19"))
	s.save(tax.SaveRateRequest{Name: "Never", Country: "DE", TaxClass: tax.ClassExempt, Rate: "5"})

	assert.Equal(s, s.on("DE", "", tax.ClassStandard), s.on("DE", "", ""), "a line without a class is a standard one")
	assert.Empty(s, s.on("DE", "", "reduced"))
	assert.Empty(s, s.on("DE", "", tax.ClassExempt))
}

func aRateThatDoesNotApplyToShipping(s shop) {
	s.save(vat("19"))
	delivery := tax.TaxBase{Amount: eur(10_000), Shipping: true}
	assert.Empty(s, s.onBase("DE", "", delivery))

	applies := vat("19")
	applies.AppliesToShipping = true
	s.save(applies)

	assert.Equal(s, line("VAT", "19", 1900), s.onBase("DE", "", delivery))
	assert.Equal(s, line("VAT", "19", 1900), s.on("DE", "", ""))
}

func theLargestAmountsAreTaxed(s shop) {
	s.save(vat("100"))

	assert.Equal(s, line("VAT", "100", math.MaxInt64), s.onBase("DE", "", tax.TaxBase{Amount: eur(math.MaxInt64)}))
}

func noLinesHaveNoTaxes(s shop) {
	assert.Empty(s, s.calculate(tax.CalculateRequest{Country: "DE"}))
	assert.Empty(s, s.calculate(tax.CalculateRequest{}))
}
