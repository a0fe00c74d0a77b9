package channelsmod_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/channels"
	"github.com/rialto-commerce/rialto/internal/platform/contracttest"
	"github.com/rialto-commerce/rialto/internal/platform/etag"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
)

func TestEveryOperationNeedsItsScope(t *testing.T) {
	contracttest.CheckScopes(t, open(t).module.Mount, "channels")
}

func TestAChannelOverHTTP(t *testing.T) {
	s := open(t)

	created := s.Send(http.MethodPost, path, `{"code": "outlet", "name": "Outlet", "currencies": ["EUR", "JPY"], "default_currency": "JPY",
		"locales": ["en", "de"], "default_locale": "de", "countries": ["DE", "JP"], "tax_included": false, "checkout_deadline_minutes": 5,
		"payment_capture": "manual", "origins": ["https://shop.example"]}`).Is(http.StatusCreated)

	id := created.Text("id")
	assert.JSONEq(t, fmt.Sprintf(`{"id": %q, "code": "outlet", "name": "Outlet", "currencies": ["EUR", "JPY"], "default_currency": "JPY",
		"locales": ["en", "de"], "default_locale": "de", "countries": ["DE", "JP"], "tax_included": false, "checkout_deadline_minutes": 5,
		"payment_capture": "manual", "origins": ["https://shop.example"], "is_default": false, "publishable_key": %q, "version": 1,
		"created_at": %q, "updated_at": %q}`, id, created.Text("publishable_key"), created.Text("created_at"), created.Text("updated_at")), created.Body)
	assert.Equal(t, path+"/"+id, created.Header.Get("Location"))
	assert.Equal(t, `"1"`, created.Header.Get("ETag"))
	read := s.get(id)
	assert.Equal(t, created.Body, read.Body)
	assert.Equal(t, `"1"`, read.Header.Get("ETag"))
	assert.Equal(t, 1, s.events(id))
}

func TestWhatANewChannelNeedNotSay(t *testing.T) {
	s := open(t)
	var made struct {
		Countries, Origins []string
		TaxIncluded        bool   `json:"tax_included"`
		Deadline           int    `json:"checkout_deadline_minutes"`
		Capture            string `json:"payment_capture"`
	}

	s.create("outlet").Into(&made)

	assert.NotNil(t, made.Countries)
	assert.NotNil(t, made.Origins)
	assert.True(t, made.TaxIncluded)
	assert.Equal(t, 30, made.Deadline)
	assert.Equal(t, "automatic", made.Capture)
}

func TestB18AChangeKeepsWhatItLeavesOut(t *testing.T) {
	s := open(t)
	created := s.Send(http.MethodPost, path, `{"code": "outlet", "name": "Outlet", "currencies": ["EUR", "JPY"], "default_currency": "JPY",
		"locales": ["en", "de"], "default_locale": "de", "countries": ["DE"], "tax_included": false, "checkout_deadline_minutes": 5,
		"payment_capture": "manual", "origins": ["https://shop.example"]}`).Is(http.StatusCreated)
	id := created.Text("id")

	nothing := s.patch(id, `"1"`, `{}`).Is(http.StatusOK)

	assert.Equal(t, `"2"`, nothing.Header.Get("ETag"))
	var before, after map[string]any
	created.Into(&before)
	nothing.Into(&after)
	for _, always := range []string{"version", "updated_at"} {
		delete(before, always)
		delete(after, always)
	}
	assert.Equal(t, before, after)

	version := 2
	for field, value := range map[string]string{"name": `"Sale"`, "currencies": `["JPY"]`, "locales": `["de", "fr"]`, "countries": `[]`,
		"origins": `[]`, "payment_capture": `"automatic"`, "tax_included": `true`, "checkout_deadline_minutes": `1440`} {
		changed := s.patch(id, etag.Of(version), `{"`+field+`": `+value+`}`).Is(http.StatusOK)
		version++

		var now map[string]any
		changed.Into(&now)
		shown, err := json.Marshal(now[field])
		require.NoError(t, err)
		assert.JSONEq(t, value, string(shown), field)
		before[field] = now[field]
		delete(now, "version")
		delete(now, "updated_at")
		assert.Equal(t, before, now, "only %s changes", field)
	}
	assert.Equal(t, version, s.events(id))
}

func TestB18NullMeansNothingInAChannel(t *testing.T) {
	s := open(t)
	id := s.create("outlet").Text("id")
	for _, field := range []string{"name", "countries", "tax_included", "is_default", "checkout_deadline_minutes"} {
		s.patch(id, `"1"`, `{"`+field+`": null}`).Refused(http.StatusBadRequest, "invalid_type")
	}
	for _, field := range []string{"code", "id", "version", "publishable_key", "Name"} {
		s.patch(id, `"1"`, `{"`+field+`": "x"}`).Refused(http.StatusBadRequest, "unknown_field")
	}
	assert.Equal(t, `"1"`, s.get(id).Header.Get("ETag"))
}

func TestImpossibleChangesAreRefusedWithTheirPlace(t *testing.T) {
	s := open(t)
	id := s.create("outlet").Text("id")
	cases := []struct {
		body, code, pointer string
	}{
		{`{"currencies": ["JPY"]}`, "validation_failed", "/default_currency"},
		{`{"default_currency": "USD"}`, "validation_failed", "/default_currency"},
		{`{"currencies": ["EUR", "XXX"]}`, "unsupported_currency", "/currencies/1"},
		{`{"locales": ["de"]}`, "validation_failed", "/default_locale"},
		{`{"locales": ["en", "xx"]}`, "validation_failed", "/locales/1"},
		{`{"countries": ["DE", "XX"]}`, "unsupported_country", "/countries/1"},
		{`{"origins": ["https://shop.example:99999"]}`, "validation_failed", "/origins/0"},
		{`{"origins": ["https://shop.example/"]}`, "validation_failed", "/origins/0"},
		{`{"name": ""}`, "validation_failed", "/name"},
		{`{"checkout_deadline_minutes": 4}`, "validation_failed", "/checkout_deadline_minutes"},
		{`{"currencies": []}`, "validation_failed", "/currencies"},
		{`{"currencies": ["EUR", "EUR"]}`, "validation_failed", "/currencies"},
	}
	for _, c := range cases {
		pointers := s.patch(id, `"1"`, c.body).Refused(http.StatusUnprocessableEntity, c.code)

		assert.Equal(t, []string{c.pointer}, pointers, c.body)
	}
	s.patch(id, `"1"`, `{"payment_capture": "later"}`).Refused(http.StatusBadRequest, "invalid_type")
	assert.Equal(t, 1, s.events(id))
}

func TestImpossibleChannelsAreRefused(t *testing.T) {
	s := open(t)
	s.create("outlet")
	channel := func(code, currency, country string) string {
		return fmt.Sprintf(`{"code": %q, "name": "X", "currencies": [%q], "default_currency": %q, "locales": ["en"], "default_locale": "en", "countries": [%q]}`,
			code, currency, currency, country)
	}

	s.Send(http.MethodPost, path, channel("outlet", "EUR", "DE")).Refused(http.StatusConflict, "code_taken")
	s.Send(http.MethodPost, path, channel("app", "DEM", "DE")).Refused(http.StatusUnprocessableEntity, "unsupported_currency")
	s.Send(http.MethodPost, path, channel("app", "EUR", "ZZ")).Refused(http.StatusUnprocessableEntity, "unsupported_country")
	s.Send(http.MethodPost, path, channel("App", "EUR", "DE")).Refused(http.StatusUnprocessableEntity, "validation_failed")
	s.Send(http.MethodPost, path, `{"code": "app"}`).Refused(http.StatusUnprocessableEntity, "validation_failed")
	s.Send(http.MethodPost, path, ``).Refused(http.StatusBadRequest, "invalid_json")
}

func TestC12AChangeWithoutIfMatchIsRefused(t *testing.T) {
	s := open(t)
	id := s.create("outlet").Text("id")

	s.Send(http.MethodPatch, path+"/"+id, `{"name": "X"}`).Refused(http.StatusPreconditionRequired, "precondition_required")

	assert.Equal(t, `"1"`, s.get(id).Header.Get("ETag"))
}

func TestC13OnlyTheStrongTagOfThisVersionMatches(t *testing.T) {
	s := open(t)
	id := s.create("outlet").Text("id")
	for _, tag := range []string{`W/"1"`, `"2"`, `"0"`, `1`, `*`, `"01"`, `"1", "2"`, `"x"`} {
		s.patch(id, tag, `{"name": "X"}`).Refused(http.StatusPreconditionFailed, "version_mismatch")
	}
	s.patch(id, `"2"`, `{"default_currency": "USD"}`).Refused(http.StatusPreconditionFailed, "version_mismatch")
	s.patch(id, `"1"`, `{"name": "X"}`).Is(http.StatusOK)
}

func TestTheDefaultMovesByMakingAnotherChannelIt(t *testing.T) {
	s := open(t)
	web, outlet := public(s.standard()), s.create("outlet").Text("id")

	pointers := s.patch(web, `"1"`, `{"is_default": false}`).Refused(http.StatusUnprocessableEntity, "validation_failed")
	assert.Equal(t, []string{"/is_default"}, pointers)
	s.patch(outlet, `"1"`, `{"is_default": false}`).Is(http.StatusOK)
	s.patch(outlet, `"2"`, `{"is_default": true}`).Is(http.StatusOK)

	assert.Contains(t, s.get(web).Body, `"is_default":false`)
	assert.Equal(t, `"2"`, s.get(web).Header.Get("ETag"))
	assert.Equal(t, outlet, public(s.standard()))
	s.patch(outlet, `"3"`, `{"is_default": true, "name": "Still it"}`).Is(http.StatusOK)
	assert.Equal(t, `"2"`, s.get(web).Header.Get("ETag"))
}

func TestAnUnknownChannelIsNotFound(t *testing.T) {
	s := open(t)
	for _, id := range []string{"1", "web", ids.Encode("var", ids.New()), ids.Encode(channels.ChannelPrefix, ids.New())} {
		s.Send(http.MethodGet, path+"/"+id, "").Refused(http.StatusNotFound, "not_found")
		s.patch(id, `"1"`, `{"name": "X"}`).Refused(http.StatusNotFound, "not_found")
	}
}

func TestChannelsInPagesNewestFirst(t *testing.T) {
	s := open(t)
	made := []string{public(s.standard())}
	for i := range 4 {
		made = append([]string{s.create(fmt.Sprintf("channel-%d", i)).Text("id")}, made...)
	}

	var seen []string
	for _, page := range s.Pages(path + "?limit=2&total=true") {
		assert.Contains(t, page.Body, `"total":5`)
		seen = append(seen, page.Column("id")...)
	}

	assert.Equal(t, made, seen)
	s.Send(http.MethodGet, path+"?cursor=forged", "").Refused(http.StatusBadRequest, "invalid_cursor")
	s.Send(http.MethodGet, path+"?limit=101", "").Refused(http.StatusBadRequest, "invalid_parameter")
	s.Send(http.MethodGet, path+"?code=web", "").Refused(http.StatusBadRequest, "unknown_parameter")
	require.NotContains(t, s.Send(http.MethodGet, path, "").Body, `"total"`)
}
