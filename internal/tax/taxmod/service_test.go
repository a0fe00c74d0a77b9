package taxmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/money"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/tax"
)

func TestSavedRatesAreApplied(t *testing.T) {
	s := open(t)
	s.save(tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: "19", AppliesToShipping: true})
	s.save(tax.SaveRateRequest{Name: "VAT reduced", Country: "DE", TaxClass: "reduced", Rate: "7"})
	s.save(tax.SaveRateRequest{Name: "TVA", Country: "FR", Rate: "20"})
	s.save(tax.SaveRateRequest{Name: "Sales tax", Country: "US", Region: "CA", Rate: "7.25"})

	german, err := s.service.Calculate(t.Context(), tax.CalculateRequest{Country: "DE", Included: true, Lines: []tax.TaxBase{
		{Ref: "tee", Amount: money.MustNew(1999, "EUR")}, {Ref: "book", Amount: money.MustNew(1070, "EUR"), TaxClass: "reduced"},
		{Ref: "shipping", Amount: money.MustNew(490, "EUR"), Shipping: true}}})
	require.NoError(t, err)
	californian, err := s.service.Calculate(t.Context(), tax.CalculateRequest{Country: "US", Region: "ca", Lines: []tax.TaxBase{
		{Ref: "tee", Amount: money.MustNew(1999, "USD")}}})
	require.NoError(t, err)

	assert.Equal(t, []tax.TaxedLine{
		{Ref: "tee", Taxes: []tax.TaxLine{{Name: "VAT", Rate: "19", Amount: money.MustNew(319, "EUR")}}},
		{Ref: "book", Taxes: []tax.TaxLine{{Name: "VAT reduced", Rate: "7", Amount: money.MustNew(70, "EUR")}}},
		{Ref: "shipping", Taxes: []tax.TaxLine{{Name: "VAT", Rate: "19", Amount: money.MustNew(78, "EUR")}}},
	}, german.Lines)
	assert.Equal(t, []tax.TaxLine{{Name: "Sales tax", Rate: "7.25", Amount: money.MustNew(145, "USD")}}, californian.Lines[0].Taxes)
}

func TestSavingARateAgainChangesIt(t *testing.T) {
	s := open(t)
	first := s.save(tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: "19"})

	again := s.save(tax.SaveRateRequest{Name: "MwSt", Country: "DE", Rate: "16.5", AppliesToShipping: true})

	assert.Equal(t, first, again)
	assert.Equal(t, 1, s.count())
	read := s.Send(http.MethodGet, path+"/"+ids.Encode(tax.RatePrefix, first), "").Is(http.StatusOK)
	assert.Equal(t, "MwSt", read.Text("name"))
	assert.Equal(t, "16.5", read.Text("rate"))
	assert.Contains(t, read.Body, `"applies_to_shipping":true`)
}

func TestRatesSavedAtOnceAreOne(t *testing.T) {
	s := open(t)

	saved := contracttest.Together(20, func(i int) string {
		answer, err := s.service.SaveRate(t.Context(), tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: fmt.Sprint(i)})
		assert.NoError(t, err)
		return answer.ID
	})

	assert.Len(t, contracttest.Count(saved), 1)
	assert.Equal(t, 1, s.count())
}

func TestOfRatesCreatedAtOnceOneIs(t *testing.T) {
	s := open(t)
	spellings := []string{"CA", "ca", "Ca", "cA"}

	statuses := contracttest.Together(20, func(i int) int {
		return s.Send(http.MethodPost, path, fmt.Sprintf(`{"name": "Sales tax", "country": "US", "region": %q, "rate": "7.25"}`, spellings[i%4])).Status
	})

	assert.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: 19}, contracttest.Count(statuses))
}

func TestAnImpossibleRateIsNotSaved(t *testing.T) {
	s := open(t)

	_, err := s.service.SaveRate(t.Context(), tax.SaveRateRequest{Name: "VAT", Country: "DE", Rate: "100.0001"})
	require.ErrorIs(t, err, tax.ErrInvalidRate)
	_, err = s.service.SaveRate(t.Context(), tax.SaveRateRequest{Name: "VAT", Country: "ZZ", Rate: "10"})
	require.ErrorIs(t, err, tax.ErrUnsupportedCountry)

	assert.Zero(t, s.count())
}
