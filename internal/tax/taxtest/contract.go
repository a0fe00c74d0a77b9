// Package taxtest has the contract that every implementation of tax.Service keeps: the module in this process, and its client
// to another. Only tests import it.
package taxtest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/tax"
)

// RunContract tests what every tax.Service promises. Open answers a service without rates for each story.
func RunContract(t *testing.T, open func(t testing.TB) tax.Service) {
	for _, s := range slices.Concat(calculating(), saving()) {
		t.Run(s.name, func(t *testing.T) { s.run(shop{T: t, Service: open(t)}) })
	}
}

type story struct {
	name string
	run  func(s shop)
}

// shop is a service under test with short names for what stories do.
type shop struct {
	*testing.T
	tax.Service
}

// save answers the id of a rate.
func (s shop) save(req tax.SaveRateRequest) string {
	s.Helper()
	saved, err := s.SaveRate(s.Context(), req)
	require.NoError(s, err)
	return saved.ID
}

func (s shop) calculate(req tax.CalculateRequest) []tax.TaxedLine {
	s.Helper()
	answer, err := s.Calculate(s.Context(), req)
	require.NoError(s, err)
	return answer.Lines
}

// on is the tax on 100.00 EUR of a class in a place, put on top.
func (s shop) on(country, region, class string) []tax.TaxLine {
	s.Helper()
	return s.onBase(country, region, tax.TaxBase{Amount: eur(10_000), TaxClass: class})
}

func (s shop) onBase(country, region string, base tax.TaxBase) []tax.TaxLine {
	s.Helper()
	lines := s.calculate(tax.CalculateRequest{Country: country, Region: region, Lines: []tax.TaxBase{base}})
	require.Len(s, lines, 1)
	return lines[0].Taxes
}

// vat is a rate of Germany.
func vat(rate string) tax.SaveRateRequest {
	return tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: rate}
}

// sales is a rate of a state.
func sales(region, rate string) tax.SaveRateRequest {
	return tax.SaveRateRequest{Name: "Sales tax", Country: "US", Region: region, Rate: rate}
}

func eur(minor int64) money.Money { return money.MustNew(minor, "EUR") }

func line(name, rate string, minor int64) []tax.TaxLine {
	return []tax.TaxLine{{Name: name, Rate: rate, Amount: eur(minor)}}
}
