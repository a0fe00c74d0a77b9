package contract_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
)

func TestAGoodBodyReachesTheHandlerAsItWasSent(t *testing.T) {
	s := serve(t, contract.Options{})
	for _, body := range []string{
		`{}`,
		` { "name" : "caf\u00e9" } `,
		`{"name":"😀😀😀","quantity":1000000,"amount":-9223372036854775808,"weight":1e3,"kind":"large","on":false}`,
		`{"amount":9007199254740993}`,
		`{"when":"2026-01-02T03:04:05+02:00","day":"2026-02-28","email":"ada@example.com"}`,
		`{"email":null,"address":null}`,
		`{"address":{"city":"Jena","floor":-3}}`,
		`{"tags":["a","b"],"metadata":{"Quantity":"1","":""},"counts":{"x":1},"free":{"x":{"y":0.5}},"any":[1e3,{"z":null}]}`,
		`{"parts":[{"parts":[{"name":"ab"}]}]}`,
		`{"either":{"b":"x"}}`,
	} {
		got := s.post(t, body)
		assert.Equal(t, http.StatusNoContent, got.status, body+got.body)
		assert.Equal(t, body, s.body)
	}
}

func TestB02WhatIsNotStrictJSONIs400(t *testing.T) {
	s := serve(t, contract.Options{})
	for body, want := range map[string]string{
		"":                                "invalid_json",
		" ":                               "invalid_json",
		`{"name":`:                        "invalid_json",
		"\xEF\xBB\xBF{}":                  "invalid_json",
		`{"weight":NaN}`:                  "invalid_json",
		`{} // x`:                         "trailing_data",
		`{"name":"ab"}{"name":"cd"}`:      "trailing_data",
		`{"name":"ab","name":"ab"}`:       "duplicate_field",
		`{"parts":[{"name":1,"name":2}]}`: "duplicate_field",
		`{"name":"a\u0000b"}`:             "invalid_json",
		`{"name":"\ud800"}`:               "invalid_json",
		"{\"name\":\"\xff\"}":             "invalid_json",
		strings.Repeat(`{"parts":[`, 5000) + strings.Repeat("]}", 5000): "invalid_json",
		`{"Name":"ab"}`:               "unknown_field",
		`{"QUANTITY":1}`:              "unknown_field",
		`{"nam\u0065x":1}`:            "unknown_field",
		`{"":1}`:                      "unknown_field",
		`{"address":{"City":"Jena"}}`: "unknown_field",
		`[]`:                          "invalid_type",
		`null`:                        "invalid_type",
		`"x"`:                         "invalid_type",
	} {
		got := s.post(t, body)
		assert.Equal(t, http.StatusBadRequest, got.status, body[:min(len(body), 60)])
		assert.Equal(t, want, got.code, body[:min(len(body), 60)])
	}
}

func TestB05QuantitiesOfEveryKind(t *testing.T) {
	s := serve(t, contract.Options{})
	for literal, want := range map[string]int{
		"1":                                   204,
		"1000000":                             204,
		"-1":                                  422,
		"0":                                   422,
		"-0":                                  422,
		"1000001":                             422,
		"2147483648":                          422,
		"9007199254740993":                    422,
		"9223372036854775807":                 422,
		"0.5":                                 400,
		"1.0":                                 400,
		`"1"`:                                 400,
		"1e3":                                 400,
		"1E0":                                 400,
		"9223372036854775808":                 400,
		"-9223372036854775809":                400,
		"1" + strings.Repeat("0", 400):        400,
		"1" + strings.Repeat("0", 400) + ".5": 400,
		"1e400":                               400,
		"true":                                400,
		"null":                                400,
		"[]":                                  400,
		"{}":                                  400,
	} {
		got := s.post(t, `{"quantity":`+literal+`}`)
		assert.Equal(t, want, got.status, literal[:min(len(literal), 30)])
		switch want {
		case 400:
			assert.Equal(t, []string{"/quantity invalid_type"}, got.places(), literal[:min(len(literal), 30)])
			assert.Equal(t, "invalid_type", got.code)
		case 422:
			assert.Equal(t, []string{"/quantity invalid_value"}, got.places(), literal)
			assert.Equal(t, "validation_failed", got.code)
		}
	}
}

func TestB18ValuesThatAreMisshapenAre400AndImpossibleOnes422(t *testing.T) {
	s := serve(t, contract.Options{})
	for body, want := range map[string]struct {
		status int
		place  string
		detail string
	}{
		`{"amount":1.5}`:                       {400, "/amount invalid_type", "must be an integer of at most 64 bits, without fraction and exponent"},
		`{"amount":9223372036854775808}`:       {400, "/amount invalid_type", "must be an integer of at most 64 bits, without fraction and exponent"},
		`{"weight":"1"}`:                       {400, "/weight invalid_type", "must be a number"},
		`{"weight":1e999}`:                     {400, "/weight invalid_type", "must be a number"},
		`{"kind":"huge"}`:                      {400, "/kind invalid_type", "must be one of small large"},
		`{"kind":1}`:                           {400, "/kind invalid_type", "must be one of small large"},
		`{"kind":null}`:                        {400, "/kind invalid_type", "must be one of small large"},
		`{"on":"true"}`:                        {400, "/on invalid_type", "must be true or false"},
		`{"name":null}`:                        {400, "/name invalid_type", "must not be null"},
		`{"tags":"a"}`:                         {400, "/tags invalid_type", "must be an array"},
		`{"address":[]}`:                       {400, "/address invalid_type", "must be an object"},
		`{"address":{"city":"x","floor":1.5}}`: {400, "/address/floor invalid_type", "must be an integer of at most 64 bits, without fraction and exponent"},
		`{"metadata":{"a":1}}`:                 {400, "/metadata/a invalid_type", "must be a string"},
		`{"counts":{"a/b":0.5}}`:               {400, "/counts/a~1b invalid_type", "must be an integer of at most 64 bits, without fraction and exponent"},
		`{"parts":[{},{"x":1}]}`:               {400, "/parts/1/x unknown_field", "does not exist"},
		`{"either":{}}`:                        {422, "/either invalid_value", `value doesn't match any schema from "oneOf"`},
		`{"name":"a"}`:                         {422, "/name invalid_value", "must have at least 2 characters"},
		`{"name":"abcdef"}`:                    {422, "/name invalid_value", "must have at most 5 characters"},
		`{"name":"ABC"}`:                       {422, "/name invalid_value", "must match ^[a-zé😀-]*$"},
		`{"quantity":0}`:                       {422, "/quantity invalid_value", "must be at least 1"},
		`{"quantity":1000001}`:                 {422, "/quantity invalid_value", "must be at most 1000000"},
		`{"tags":[]}`:                          {422, "/tags invalid_value", "must have at least 1 items"},
		`{"tags":["a","b","c","d"]}`:           {422, "/tags invalid_value", "must have at most 3 items"},
		`{"tags":["a","a"]}`:                   {422, "/tags invalid_value", "duplicate items found"},
		`{"tags":["a","long"]}`:                {422, "/tags/1 invalid_value", "must have at most 3 characters"},
		`{"when":"2026-01-02T03:04:05"}`:       {422, "/when invalid_value", "must be a valid date-time"},
		`{"when":"2026-02-30T03:04:05Z"}`:      {422, "/when invalid_value", "must be a valid date-time"},
		`{"when":"2026-01-02 03:04:05Z"}`:      {422, "/when invalid_value", "must be a valid date-time"},
		`{"day":"2026-02-30"}`:                 {422, "/day invalid_value", "must be a valid date"},
		`{"email":"Ada <ada@example.com>"}`:    {422, "/email invalid_value", "must be a valid email"},
		`{"email":"ada"}`:                      {422, "/email invalid_value", "must be a valid email"},
		`{"address":{}}`:                       {422, "/address/city required", "is required"},
		`{"address":{"city":""}}`:              {422, "/address/city invalid_value", "must have at least 1 characters"},
		`{"metadata":{"a":"","b":"","c":""}}`:  {422, "/metadata invalid_value", "there must be at most 2 properties"},
		`{"parts":[{"parts":[{"name":"a"}]}]}`: {422, "/parts/0/parts/0/name invalid_value", "must have at least 2 characters"},
	} {
		got := s.post(t, body)
		assert.Equal(t, want.status, got.status, body)
		if assert.Equal(t, []string{want.place}, got.places(), body) {
			assert.Equal(t, want.detail, got.errors[0]["detail"], body)
		}
	}
}

func TestAllMistakesOfABodyAreTold(t *testing.T) {
	s := serve(t, contract.Options{})

	got := s.post(t, `{"name":"A","quantity":0,"address":{"city":""},"parts":[{"name":"a"},{"address":{}}]}`)

	assert.Equal(t, http.StatusUnprocessableEntity, got.status)
	assert.ElementsMatch(t, []string{
		"/name invalid_value", "/name invalid_value", "/quantity invalid_value", "/address/city invalid_value",
		"/parts/0/name invalid_value", "/parts/1/address/city required",
	}, got.places())
}

func TestWrongFormOutweighsWrongValues(t *testing.T) {
	s := serve(t, contract.Options{})

	got := s.post(t, `{"name":"a","quantity":0.5,"Name":1}`)

	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.Equal(t, "unknown_field", got.code)
	assert.ElementsMatch(t, []string{"/Name unknown_field", "/quantity invalid_type", "/name invalid_value"}, got.places())
}

func TestAlternativesShareTheirNames(t *testing.T) {
	s := serve(t, contract.Options{})

	got := s.post(t, `{"either":{"c":1}}`)

	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.Equal(t, []string{"/either/c unknown_field", "/either invalid_value"}, got.places())
	assert.Equal(t, []string{"/either/a invalid_type", "/either invalid_value"}, s.post(t, `{"either":{"a":1.5}}`).places())
}

func TestAnAnswerDoesNotGrowWithTheRequest(t *testing.T) {
	s := serve(t, contract.Options{})
	for name, body := range map[string]string{
		"misshapen":  `{"parts":[` + strings.Repeat(`{"x":1},`, 20_000) + `{}]}`,
		"impossible": `{"parts":[` + strings.Repeat(`{"quantity":0},`, 20_000) + `{}]}`,
		"long name":  `{"` + strings.Repeat("x", 500_000) + `":1}`,
	} {
		got := s.post(t, body)
		assert.GreaterOrEqual(t, got.status, 400, name)
		assert.Less(t, len(got.body), 10_000, name)
		assert.NotEmpty(t, got.errors, name)
	}
}
