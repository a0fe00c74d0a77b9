package fulfillmentmod_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/fulfillment"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestEveryOperationNeedsItsScope(t *testing.T) {
	contracttest.CheckScopes(t, open(t).module.Mount, "fulfillment")
}

func TestAShippingOptionOverHTTP(t *testing.T) {
	s := open(t)

	created := s.Send(http.MethodPost, path, `{"code": "express", "name": "Express", "countries": ["DE", "AT"], "min_days": 0, "max_days": 1,
		"prices": [{"amount": 1200, "currency": "JPY"}, {"amount": 990, "currency": "EUR"}], "tax_class": "shipping", "position": 3, "active": false}`).
		Is(http.StatusCreated)

	id := created.Text("id")
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "code": "express", "name": "Express", "countries": ["DE", "AT"], "min_days": 0, "max_days": 1,
		"prices": [{"amount": 990, "currency": "EUR"}, {"amount": 1200, "currency": "JPY"}], "tax_class": "shipping", "position": 3,
		"active": false, "version": 1, "created_at": %q, "updated_at": %q}`, id, created.Text("created_at"), created.Text("updated_at")), created.Body)
	assert.Equal(t, path+"/"+id, created.Header.Get("Location"))
	assert.Equal(t, `"1"`, created.Header.Get("ETag"))
	read := s.get(id)
	assert.Equal(t, created.Body, read.Body)
	assert.Equal(t, `"1"`, read.Header.Get("ETag"))
}

func TestWhatANewOptionNeedNotSay(t *testing.T) {
	s := open(t)

	created := s.Send(http.MethodPost, path, `{"code": "standard", "name": "Standard", "prices": [{"amount": 0, "currency": "EUR"}]}`).Is(http.StatusCreated)

	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "code": "standard", "name": "Standard", "countries": [], "prices": [{"amount": 0, "currency": "EUR"}],
		"tax_class": "standard", "position": 0, "active": true, "version": 1, "created_at": %q, "updated_at": %q}`,
		created.Text("id"), created.Text("created_at"), created.Text("updated_at")), created.Body)
}

func TestB18AChangeKeepsWhatItLeavesOut(t *testing.T) {
	s := open(t)
	id := s.create("standard").Text("id")
	var before map[string]any
	s.get(id).Into(&before)
	steps := []struct{ field, value string }{
		{"", ""}, {"name", `"Slow"`}, {"countries", `[]`}, {"prices", `[{"amount": 590, "currency": "EUR"}, {"amount": 650, "currency": "USD"}]`},
		{"min_days", `0`}, {"max_days", `null`}, {"min_days", `null`}, {"max_days", `365`}, {"tax_class", `"shipping"`},
		{"position", `7`}, {"position", `0`}, {"active", `false`}, {"active", `true`},
	}
	for i, step := range steps {
		body := `{}`
		if step.field != "" {
			body = `{"` + step.field + `": ` + step.value + `}`
		}
		changed := s.patch(id, etag.Of(i+1), body).Is(http.StatusOK)

		assert.Equal(t, etag.Of(i+2), changed.Header.Get("ETag"))
		var now map[string]any
		changed.Into(&now)
		assert.InDelta(t, i+2, now["version"], 0)
		set(t, before, step.field, step.value)
		before["version"], before["updated_at"] = now["version"], now["updated_at"]
		assert.Equal(t, before, now, "only %s changes", step.field)
	}
}

// set follows merge patch on what is expected: null takes a member away.
func set(t *testing.T, object map[string]any, field, value string) {
	t.Helper()
	switch {
	case field == "":
	case value == "null":
		delete(object, field)
	default:
		var decoded any
		require.NoError(t, json.Unmarshal([]byte(value), &decoded))
		object[field] = decoded
	}
}

func TestB18NullClearsOnlyWhatMayBeEmpty(t *testing.T) {
	s := open(t)
	id := s.create("standard").Text("id")
	for _, field := range []string{"name", "countries", "prices", "tax_class", "position", "active"} {
		s.patch(id, `"1"`, `{"`+field+`": null}`).Refused(http.StatusBadRequest, "invalid_type")
	}
	for _, field := range []string{"code", "id", "version", "created_at"} {
		s.patch(id, `"1"`, `{"`+field+`": "x"}`).Refused(http.StatusBadRequest, "unknown_field")
	}
	assert.Equal(t, `"1"`, s.get(id).Header.Get("ETag"))
}

func TestImpossibleChangesAreRefusedWithTheirPlace(t *testing.T) {
	s := open(t)
	id := s.create("standard").Text("id")
	cases := []struct{ body, code, pointer string }{
		{`{"countries": ["DE", "ZZ"]}`, "unsupported_country", "/countries/1"},
		{`{"prices": [{"amount": 1, "currency": "EUR"}, {"amount": 2, "currency": "EUR"}]}`, "validation_failed", "/prices/1"},
		{`{"prices": [{"amount": -1, "currency": "EUR"}]}`, "validation_failed", "/prices/0/amount"},
		{`{"prices": []}`, "validation_failed", "/prices"},
		{`{"max_days": 1}`, "validation_failed", "/max_days"},
		{`{"min_days": 5}`, "validation_failed", "/max_days"},
		{`{"name": ""}`, "validation_failed", "/name"},
	}
	for _, c := range cases {
		pointers := s.patch(id, `"1"`, c.body).Refused(http.StatusUnprocessableEntity, c.code)

		assert.Contains(t, pointers, c.pointer, c.body)
	}
	s.patch(id, `"1"`, `{"prices": [{"amount": 1, "currency": "DEM"}]}`).Refused(http.StatusUnprocessableEntity, "unsupported_currency")
	s.patch(id, `"1"`, `{"prices": [{"amount": 1.5, "currency": "EUR"}]}`).Refused(http.StatusBadRequest, "invalid_type")
	assert.Equal(t, `"1"`, s.get(id).Header.Get("ETag"))
}

func TestImpossibleOptionsAreRefused(t *testing.T) {
	s := open(t)
	s.create("standard")
	option := func(code, rest string) string {
		return fmt.Sprintf(`{"code": %q, "name": "X", "prices": [{"amount": 1, "currency": "EUR"}]%s}`, code, rest)
	}

	s.Send(http.MethodPost, path, option("standard", "")).Refused(http.StatusConflict, "code_taken")
	s.Send(http.MethodPost, path, option("a", `, "countries": ["ZZ"]`)).Refused(http.StatusUnprocessableEntity, "unsupported_country")
	s.Send(http.MethodPost, path, option("a", `, "min_days": 2, "max_days": 1`)).Refused(http.StatusUnprocessableEntity, "validation_failed")
	s.Send(http.MethodPost, path, option("A", "")).Refused(http.StatusUnprocessableEntity, "validation_failed")
	s.Send(http.MethodPost, path, option("a", `, "price": 1`)).Refused(http.StatusBadRequest, "unknown_field")
	s.Send(http.MethodPost, path, `{"code": "a", "name": "X"}`).Refused(http.StatusUnprocessableEntity, "validation_failed")
	assert.Len(t, s.Send(http.MethodGet, path, "").Is(http.StatusOK).Column("id"), 2)
}

func TestC12AChangeWithoutIfMatchIsRefused(t *testing.T) {
	s := open(t)
	id := s.create("standard").Text("id")

	s.Send(http.MethodPatch, path+"/"+id, `{"name": "X"}`).Refused(http.StatusPreconditionRequired, "precondition_required")

	assert.Equal(t, `"1"`, s.get(id).Header.Get("ETag"))
}

func TestC13OnlyTheStrongTagOfThisVersionMatches(t *testing.T) {
	s := open(t)
	id := s.create("standard").Text("id")
	for _, tag := range []string{`W/"1"`, `"2"`, `"0"`, `1`, `*`, `"01"`, `"x"`} {
		s.patch(id, tag, `{"name": "X"}`).Refused(http.StatusPreconditionFailed, "version_mismatch")
	}
	s.patch(id, `"2"`, `{"max_days": 1}`).Refused(http.StatusPreconditionFailed, "version_mismatch")
	s.patch(id, `"1"`, `{"name": "X"}`).Is(http.StatusOK)
}

func TestARemovedOrUnknownOptionIsNotFound(t *testing.T) {
	s := open(t)
	gone := s.create("standard").Text("id")
	s.Send(http.MethodDelete, path+"/"+gone, "").Is(http.StatusNoContent)

	for _, id := range []string{gone, "1", "free", ids.Encode("var", ids.New()), ids.Encode(fulfillment.OptionPrefix, ids.New())} {
		s.Send(http.MethodGet, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
		s.Send(http.MethodDelete, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
		s.patch(id, `"1"`, `{"name": "X"}`).Refused(http.StatusNotFound, "not_found")
	}
	s.create("standard")
}

func TestOptionsInPagesNewestFirst(t *testing.T) {
	s := open(t)
	made := s.Send(http.MethodGet, path, "").Is(http.StatusOK).Column("id")
	for i := range 4 {
		made = append([]string{s.create(fmt.Sprintf("option-%d", i)).Text("id")}, made...)
	}

	var seen []string
	for _, page := range s.Pages(path + "?limit=2&total=true") {
		assert.Contains(t, page.Body, `"total":5`)
		seen = append(seen, page.Column("id")...)
	}

	assert.Equal(t, made, seen)
	s.Send(http.MethodGet, path+"?cursor=forged", "").Refused(http.StatusBadRequest, "invalid_cursor")
	s.Send(http.MethodGet, path+"?limit=101", "").Refused(http.StatusBadRequest, "invalid_parameter")
	s.Send(http.MethodGet, path+"?active=true", "").Refused(http.StatusBadRequest, "unknown_parameter")
}
