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

func TestEveryOperationNeedsItsScope(t *testing.T) {
	contracttest.CheckScopes(t, open(t).module.Mount, "tax")
}

func TestATaxRateOverHTTP(t *testing.T) {
	s := open(t)

	created := s.create(`{"name": "Sales tax", "country": "US", "region": "CA", "tax_class": "clothing", "rate": "7.2500", "applies_to_shipping": false}`)

	id := created.Text("id")
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "name": "Sales tax", "country": "US", "region": "CA", "tax_class": "clothing", "rate": "7.25",
		"applies_to_shipping": false, "created_at": %q}`, id, created.Text("created_at")), created.Body)
	assert.Equal(t, path+"/"+id, created.Header.Get("Location"))
	assert.Equal(t, created.Body, s.Send(http.MethodGet, path+"/"+id, "").Is(http.StatusOK).Body)
}

func TestWhatANewRateNeedNotSay(t *testing.T) {
	s := open(t)

	created := s.create(`{"name": "VAT", "country": "DE", "rate": "19"}`)

	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "name": "VAT", "country": "DE", "tax_class": "standard", "rate": "19",
		"applies_to_shipping": true, "created_at": %q}`, created.Text("id"), created.Text("created_at")), created.Body)
}

func TestAPlaceAndClassHaveOneRate(t *testing.T) {
	s := open(t)
	s.create(`{"name": "VAT", "country": "DE", "rate": "19"}`)

	s.Send(http.MethodPost, path, `{"name": "Other", "country": "DE", "tax_class": "standard", "rate": "7"}`).Refused(http.StatusConflict, "tax_rate_taken")
	s.create(`{"name": "Reduced", "country": "DE", "tax_class": "reduced", "rate": "7"}`)
	s.create(`{"name": "Regional", "country": "DE", "region": "Berlin", "rate": "20"}`)
	s.Send(http.MethodPost, path, `{"name": "Other", "country": "DE", "region": "BERLIN", "rate": "21"}`).Refused(http.StatusConflict, "tax_rate_taken")
}

func TestImpossibleRatesAreRefusedWithTheirPlace(t *testing.T) {
	s := open(t)
	cases := []struct {
		body    string
		status  int
		code    string
		pointer string
	}{
		{`{"name": "VAT", "country": "ZZ", "rate": "19"}`, 422, "unsupported_country", "/country"},
		{`{"name": "VAT", "country": "DE", "region": " ", "rate": "19"}`, 422, "validation_failed", "/region"},
		{`{"name": "VAT", "country": "DE", "rate": "100.1"}`, 422, "validation_failed", "/rate"},
		{`{"name": "VAT", "country": "DE", "rate": "-1"}`, 422, "validation_failed", "/rate"},
		{`{"name": "VAT", "country": "DE", "rate": "1.00001"}`, 422, "validation_failed", "/rate"},
		{`{"name": "VAT", "country": "de", "rate": "19"}`, 422, "validation_failed", "/country"},
		{`{"name": "", "country": "DE", "rate": "19"}`, 422, "validation_failed", "/name"},
		{`{"name": "VAT", "country": "DE"}`, 422, "validation_failed", "/rate"},
		{`{"name": "VAT", "country": "DE", "rate": 19}`, 400, "invalid_type", "/rate"},
		{`{"name": "VAT", "country": "DE", "rate": "19", "id": "tax_1"}`, 400, "unknown_field", "/id"},
	}
	for _, c := range cases {
		pointers := s.Send(http.MethodPost, path, c.body).Refused(c.status, c.code)

		assert.Contains(t, pointers, c.pointer, c.body)
	}
	assert.Zero(t, s.count())
}

func TestARemovedOrUnknownRateIsNotFound(t *testing.T) {
	s := open(t)
	made := s.create(`{"name": "VAT", "country": "DE", "rate": "19"}`).Header.Get("Location")
	s.Send(http.MethodDelete, made, "").Is(http.StatusNoContent)

	for _, p := range []string{made, path + "/1", path + "/" + ids.Encode("taxr", ids.New()), path + "/" + ids.Encode(tax.RatePrefix, ids.New())} {
		s.Send(http.MethodGet, p, "").Refused(http.StatusNotFound, "not_found")
		s.Send(http.MethodDelete, p, "").Refused(http.StatusNotFound, "not_found")
	}
	s.create(`{"name": "VAT", "country": "DE", "rate": "16"}`)
}

func TestTaxRatesInPagesNewestFirst(t *testing.T) {
	s := open(t)
	var made []string
	for i := range 5 {
		id := s.create(fmt.Sprintf(`{"name": "Rate", "country": "US", "region": "R%d", "rate": "%d"}`, i, i)).Text("id")
		made = append([]string{id}, made...)
	}
	s.create(`{"name": "VAT", "country": "DE", "rate": "19"}`)

	var seen []string
	for _, page := range s.Pages(path + "?limit=2&total=true&country=US") {
		assert.Contains(t, page.Body, `"total":5`)
		seen = append(seen, page.Column("id")...)
	}

	assert.Equal(t, made, seen)
	assert.Len(t, s.Send(http.MethodGet, path, "").Is(http.StatusOK).Column("id"), 6)
	assert.JSONEq(t, `{"data": [], "page": {"has_more": false, "total": 0}}`, s.Send(http.MethodGet, path+"?country=FR&total=true", "").Body)
}

func TestListsRefuseWhatTheyCannotRead(t *testing.T) {
	s := open(t)
	for i := range 2 {
		s.create(fmt.Sprintf(`{"name": "Rate", "country": "US", "region": "R%d", "rate": "1"}`, i))
	}
	second := s.Send(http.MethodGet, path+"?limit=1", "").Is(http.StatusOK).Next()

	s.Send(http.MethodGet, second+"&country=US", "").Refused(http.StatusBadRequest, "invalid_cursor")
	s.Send(http.MethodGet, path+"?cursor=forged", "").Refused(http.StatusBadRequest, "invalid_cursor")
	s.Send(http.MethodGet, path+"?country=usa", "").Refused(http.StatusBadRequest, "invalid_parameter")
	s.Send(http.MethodGet, path+"?limit=0", "").Refused(http.StatusBadRequest, "invalid_parameter")
	s.Send(http.MethodGet, path+"?region=CA", "").Refused(http.StatusBadRequest, "unknown_parameter")
}
