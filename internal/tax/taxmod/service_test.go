package taxmod_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/tax"
)

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
