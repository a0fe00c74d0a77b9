package contract_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
)

const cardDocument = `
openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /notes:
    post:
      operationId: write
      x-rialto-access: public
      requestBody: {content: {application/json: {schema: {type: object, additionalProperties: true}}}}
      responses: {'204': {description: ok}}
    put:
      operationId: replace
      x-rialto-access: public
      requestBody: {content: {application/json: {schema: {type: object, properties: {note: {type: string}}}}}}
      responses: {'204': {description: ok}}
`

func sendNote(t *testing.T, method, body string, refuse func(contract.Operation) bool) *httptest.ResponseRecorder {
	t.Helper()
	c, err := contract.Load([]byte(cardDocument), contract.Options{RefuseCards: refuse})
	require.NoError(t, err)
	router := chi.NewRouter()
	taken := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
	router.With(c.Validate).Post("/notes", taken)
	router.With(c.Validate).Put("/notes", taken)
	r := httptest.NewRequest(method, "/notes", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	router.ServeHTTP(w, r)
	return w
}

func everywhere(contract.Operation) bool { return true }

func TestS28CardDataIsRefusedWhereverItStandsAndNeverRepeated(t *testing.T) {
	for _, c := range []struct{ body, pointer string }{
		{`{"note": "4111111111111111"}`, "/note"},
		{`{"note": "4111 1111 1111 1111"}`, "/note"},
		{`{"note": "card 4111-1111-1111-1111 12/27, thanks"}`, "/note"},
		{`{"note": "4111 1111 1111 1111 12 27"}`, "/note"},
		{`{"note": "2 x 5555 5555 5555 4444"}`, "/note"},
		{`{"note": "378282246310005"}`, "/note"},
		{`{"note": "3782 822463 10005."}`, "/note"},
		{`{"note": "30569309025904"}`, "/note"},
		{`{"note": "tok_4242424242424242"}`, "/note"},
		{`{"note": "４１１１ １１１１ １１１１ １１１１"}`, "/note"},
		{`{"note": "6011.1111.1111.1117"}`, "/note"},
		{`{"note": "2223 0031 2200 3222"}`, "/note"},
		{`{"metadata": {"a": ["x", "3530111333300000"]}}`, "/metadata/a/1"},
		{`{"metadata": {"n": 4111111111111111}}`, "/metadata/n"},
		{`{"metadata": {"4111111111111111": "x"}}`, "/metadata"},
		{`{"cvv": "12"}`, "/cvv"},
		{`{"payment": {"Card-CVC": 123}}`, "/payment/Card-CVC"},
		{`{"card_number": "see mail"}`, "/card_number"},
		{`{"note": "cvv 123"}`, "/note"},
		{`{"note": "my CVC code is: 1234"}`, "/note"},
		{`{"note": "card security code 999"}`, "/note"},
	} {
		w := sendNote(t, http.MethodPost, c.body, everywhere)

		assert.Equal(t, http.StatusUnprocessableEntity, w.Code, c.body)
		assert.Contains(t, w.Body.String(), `"code":"card_data_not_allowed"`, c.body)
		assert.Contains(t, w.Body.String(), fmt.Sprintf("%q", c.pointer), c.body)
		assert.NotRegexp(t, `[0-9４１]{4}[ .-]?[0-9１]{4}`, w.Body.String(), c.body)
	}
}

func TestS28WhatOnlyResemblesCardDataPasses(t *testing.T) {
	for _, text := range []string{
		"4111111111111112",                    // does not pass the check
		"+49 151 2345678901", "4915112345678", // phone numbers
		"4006381333931", "5901234123457", // barcodes
		"9999999999999995",                       // begins like no card
		"co_06f2k9v3t8xj4m7qp1c5zr0y05",          // an id of ours
		"a4111111111111111", "4111111111111111b", // parts of words
		"41111111111111111111", // too long
		"2026-11-02T09:30:00Z", "RE-2026-000123", "12345", "1 2 3 4",
		"size 42, 1111 pieces, 11.11., 1111 x", // dividers are not everything
		"the CVV of my card", "cvvs 1234", "DE89 3704 0044 0532 0130 00",
		"0190b2f4-7c1e-7d33-8a41-111111111111",
	} {
		w := sendNote(t, http.MethodPost, fmt.Sprintf(`{"note": %q, "metadata": {"pan": "iron"}}`, text), everywhere)

		assert.Equal(t, http.StatusNoContent, w.Code, text)
	}
}

func TestS28CardDataIsRefusedBeforeAnyNameIsRepeated(t *testing.T) {
	w := sendNote(t, http.MethodPut, `{"4111111111111111": true}`, everywhere)

	assert.Equal(t, http.StatusUnprocessableEntity, w.Code)
	assert.NotContains(t, w.Body.String(), "4111")
}

func TestOperationsThatAreNotNamedTakeEverything(t *testing.T) {
	onlyPut := func(op contract.Operation) bool { return op.Method == http.MethodPut }

	assert.Equal(t, http.StatusNoContent, sendNote(t, http.MethodPost, `{"note": "4111111111111111"}`, onlyPut).Code)
	assert.Equal(t, http.StatusUnprocessableEntity, sendNote(t, http.MethodPut, `{"note": "4111111111111111"}`, onlyPut).Code)
}
