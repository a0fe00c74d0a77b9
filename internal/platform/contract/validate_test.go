package contract_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
)

func TestGoodQueriesPass(t *testing.T) {
	s := serve(t, contract.Options{})
	for _, query := range []string{
		"", "limit=1", "limit=100", "q=", "q=%F0%9F%98%80+x", "in_stock=true", "in_stock=false", "rate=0.5", "rate=-1e3",
		"after=2026-01-02T03:04:05Z", "after=2026-01-02T03:04:05.123%2B02:00", "sort=small", "tag=a", "tag=a&tag=b",
		"ids=1,2,3", "limit=5&q=a&tag=b", "&&limit=5&",
	} {
		assert.Equal(t, http.StatusNoContent, s.get(t, "/things?"+query).status, query)
	}
}

func TestB14B15BadQueriesAreRefused(t *testing.T) {
	s := serve(t, contract.Options{})
	for query, want := range map[string]string{
		"limit=-1":                      "invalid_parameter",
		"limit=0":                       "invalid_parameter",
		"limit=101":                     "invalid_parameter",
		"limit=1000000000":              "invalid_parameter",
		"limit=abc":                     "invalid_parameter",
		"limit=":                        "invalid_parameter",
		"limit":                         "invalid_parameter",
		"limit=1.0":                     "invalid_parameter",
		"limit=1e1":                     "invalid_parameter",
		"limit=%2B1":                    "invalid_parameter",
		"limit=01":                      "invalid_parameter",
		"limit=+1":                      "invalid_parameter",
		"limit=0x1":                     "invalid_parameter",
		"limit=1_0":                     "invalid_parameter",
		"limit=99999999999999999999":    "invalid_parameter",
		"q=123456789012345678901":       "invalid_parameter",
		"in_stock=1":                    "invalid_parameter",
		"in_stock=TRUE":                 "invalid_parameter",
		"in_stock=":                     "invalid_parameter",
		"rate=NaN":                      "invalid_parameter",
		"rate=.5":                       "invalid_parameter",
		"rate=Inf":                      "invalid_parameter",
		"rate=1e999":                    "invalid_parameter",
		"after=2026-01-02":              "invalid_parameter",
		"after=2026-01-02T03:04:05":     "invalid_parameter",
		"after=2026-02-30T03:04:05Z":    "invalid_parameter",
		"after=1767323045":              "invalid_parameter",
		"sort=Small":                    "invalid_parameter",
		"sort=":                         "invalid_parameter",
		"tag=":                          "invalid_parameter",
		"tag=a&tag=b&tag=c":             "invalid_parameter",
		"ids=1,b":                       "invalid_parameter",
		"ids=1,":                        "invalid_parameter",
		"q=%00":                         "invalid_parameter",
		"q=%ff":                         "invalid_parameter",
		"q=%ed%a0%80":                   "invalid_parameter",
		"q=%zz":                         "invalid_parameter",
		"q=1;limit=2":                   "invalid_parameter",
		";":                             "invalid_parameter",
		"limit=1&limit=2":               "duplicate_parameter",
		"limit=1&limit=1":               "duplicate_parameter",
		"q=a&%71=b":                     "duplicate_parameter",
		"offset=1000000000000":          "unknown_parameter",
		"Limit=1":                       "unknown_parameter",
		"tag[]=a":                       "unknown_parameter",
		"tag%5B%5D=a":                   "unknown_parameter",
		"tag[0]=a":                      "unknown_parameter",
		"=1":                            "unknown_parameter",
		"%ff=1":                         "unknown_parameter",
		"%00=1":                         "unknown_parameter",
		"must=1":                        "unknown_parameter",
		strings.Repeat("n", 5000) + "=": "unknown_parameter",
	} {
		got := s.get(t, "/things?"+query)
		assert.Equal(t, http.StatusBadRequest, got.status, query)
		assert.Equal(t, want, got.code, query)
		assert.Less(t, len(got.body), 2000, query)
	}
}

func TestAllMistakesOfAQueryAreTold(t *testing.T) {
	s := serve(t, contract.Options{})

	got := s.get(t, "/things?limit=0&nope=1&q=a&q=b&sort=x&in_stock=true")

	assert.Equal(t, "invalid_parameter", got.code)
	assert.Equal(t, []string{"limit invalid_parameter", "nope unknown_parameter", "q duplicate_parameter", "sort invalid_parameter"}, got.places())
	assert.Equal(t, "limit must be at least 1.", got.errors[0]["detail"])
}

func TestAnAnswerRepeatsNoNameThatJSONOfThisAPICannotHold(t *testing.T) {
	s := serve(t, contract.Options{CheckResponses: true})

	assert.Equal(t, []string{"a?b unknown_parameter"}, s.get(t, "/things?a%00b=1").places())
	assert.Equal(t, []string{"a?b unknown_parameter"}, s.get(t, "/things?a%ffb=1").places())
}

func TestARequiredQueryParameterIsRequired(t *testing.T) {
	s := serve(t, contract.Options{})

	got := s.do(t, httptest.NewRequest(http.MethodDelete, "/things/1", nil))

	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.Equal(t, []string{"must invalid_parameter"}, got.places())
	assert.Equal(t, http.StatusNoContent, s.do(t, httptest.NewRequest(http.MethodDelete, "/things/1?must=", nil)).status)
}

func TestB13PathsThatCannotNameAnything(t *testing.T) {
	s := serve(t, contract.Options{})
	for segment, want := range map[string]int{
		"0190":                                204,
		"caf%C3%A9":                           204,
		"..%2Fx":                              204,
		"a%2Fb":                               204,
		"A%20B":                               204,
		strings.Repeat("x", 20):               204,
		"%00":                                 400,
		"a%00b":                               400,
		"%ff":                                 400,
		"a%2Fb%ff":                            400,
		strings.Repeat("x", 21):               404,
		strings.Repeat("x", 1e4):              404,
		"a%2F" + strings.Repeat("%C3%A9", 10): 204,
		"a%2F" + strings.Repeat("%C3%A9", 30): 404,
	} {
		got := s.do(t, httptest.NewRequest(http.MethodDelete, "/things/"+segment+"?must=1", nil))
		assert.Equal(t, want, got.status, segment)
	}
}

func TestHeadersOfTheDocumentAreChecked(t *testing.T) {
	s := serve(t, contract.Options{})
	for level, want := range map[string]string{
		"5": "", "6": "invalid_parameter", "x": "invalid_parameter", "": "invalid_parameter", "\xff": "invalid_parameter",
	} {
		r := httptest.NewRequest(http.MethodGet, "/things", nil)
		r.Header.Set("X-Level", level)
		assert.Equal(t, want, s.do(t, r).code, level)
	}
	r := httptest.NewRequest(http.MethodGet, "/things", nil)
	r.Header["X-Level"] = []string{"1", "1"}
	got := s.do(t, r)
	assert.Equal(t, "duplicate_parameter", got.code)
	assert.Equal(t, []string{"X-Level duplicate_parameter"}, got.places())
}

func TestC12AMissingHeaderIsAnsweredAsTheDocumentSays(t *testing.T) {
	s := serve(t, contract.Options{})
	r := httptest.NewRequest(http.MethodPatch, "/things/1", nil)
	got := s.do(t, r)
	assert.Equal(t, http.StatusPreconditionRequired, got.status)
	assert.Equal(t, "precondition_required", got.code)

	r.Header.Set("If-Match", `W/"7"`)
	got = s.do(t, r)
	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.Equal(t, "invalid_parameter", got.code)

	r.Header.Set("X-Must", "1")
	assert.Equal(t, http.StatusNoContent, s.do(t, r).status, "a weak validator is the handler's to refuse with 412")
}

func TestB17TheIdempotencyKeyIsParsed(t *testing.T) {
	s := serve(t, contract.Options{})
	for name, attempt := range map[string]struct {
		values []string
		code   string
	}{
		"missing":        {nil, "idempotency_key_required"},
		"empty":          {[]string{""}, "invalid_idempotency_key"},
		"too long":       {[]string{strings.Repeat("k", 300)}, "invalid_idempotency_key"},
		"control":        {[]string{"a\tb"}, "invalid_idempotency_key"},
		"two headers":    {[]string{"a", "b"}, "invalid_idempotency_key"},
		"bare":           {[]string{"abc"}, ""},
		"in quotes":      {[]string{`"abc"`}, ""},
		"255 characters": {[]string{strings.Repeat("k", 255)}, ""},
	} {
		r := httptest.NewRequest(http.MethodPost, "/orders", nil)
		if attempt.values != nil {
			r.Header["Idempotency-Key"] = attempt.values
		}
		assert.Equal(t, attempt.code, s.do(t, r).code, name)
	}
}

func TestHEADIsCheckedAsGET(t *testing.T) {
	c, err := contract.Load([]byte(document), contract.Options{CheckResponses: true})
	require.NoError(t, err)
	router := chi.NewRouter()
	router.With(c.Middlewares(authenticate)...).Head("/things", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"1"`)
	})
	for target, want := range map[string]int{"/things?limit=1": 200, "/things?limit=0": 400} {
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(http.MethodHead, target, nil))
		assert.Equal(t, want, w.Code)
	}
}

func TestAParameterIsCheckedBeforeGeneratedCodeReadsIt(t *testing.T) {
	c, err := contract.Load([]byte(document), contract.Options{})
	require.NoError(t, err)
	router := chi.NewRouter()
	// Generated routers open a group for each route below the router they are given.
	router.With(c.Middlewares(authenticate)...).Group(func(r chi.Router) {
		r.Get("/things", func(http.ResponseWriter, *http.Request) { t.Error("read") })
	})
	w := httptest.NewRecorder()

	router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/things?"+url.Values{"limit": {"x"}}.Encode(), nil))

	assert.Equal(t, http.StatusBadRequest, w.Code)
	assert.Contains(t, w.Body.String(), "limit must be an integer")
}
