package contract_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
)

func TestAnOperationWithAScopeNeedsAKeyThatHasIt(t *testing.T) {
	s := serve(t, contract.Options{})
	for credential, want := range map[string]struct {
		status int
		code   string
	}{
		"":               {401, "unauthenticated"},
		"Bearer unknown": {401, "unauthenticated"},
		"Bearer reader":  {403, "forbidden"},
		"Bearer outage":  {503, "unavailable"},
		"Bearer writer":  {204, ""},
	} {
		r := postRequest(strings.NewReader(`{}`))
		r.Header.Del("Authorization")
		if credential != "" {
			r.Header.Set("Authorization", credential)
		}
		got := s.do(t, r)
		assert.Equal(t, want.status, got.status, credential)
		assert.Equal(t, want.code, got.code, credential)
		assert.NotContains(t, got.body, "10.0.0.7")
	}
}

func TestTheHandlerLearnsWhoCalls(t *testing.T) {
	s := serve(t, contract.Options{})
	r := postRequest(strings.NewReader(`{}`))
	r.Header.Set("X-Publishable-Key", "pk_1")

	s.do(t, r)

	want := identity.Identity{Kind: identity.APIKey, KeyID: "k1", Scopes: []string{"things:write"}, PublishableKey: "pk_1"}
	assert.Equal(t, want, s.caller)
}

func TestWhoMayCallIsDecidedBeforeTheRequestIsRead(t *testing.T) {
	s := serve(t, contract.Options{})
	r := postRequest(strings.NewReader(`{"nonsense`))
	r.Header.Del("Authorization")

	assert.Equal(t, http.StatusUnauthorized, s.do(t, r).status)
}

func TestPublicAndTokenOperationsIgnoreAuthorization(t *testing.T) {
	s := serve(t, contract.Options{})
	for _, credential := range []string{"Bearer unknown", "Bearer outage", "Bearer writer", "Basic x"} {
		r := httptest.NewRequest(http.MethodGet, "/things", nil)
		r.Header.Set("Authorization", credential)
		assert.Equal(t, http.StatusNoContent, s.do(t, r).status)
		assert.Equal(t, identity.Identity{}, s.caller)

		r = httptest.NewRequest(http.MethodDelete, "/things/1?must=1", nil)
		r.Header.Set("Authorization", credential)
		assert.Equal(t, http.StatusNoContent, s.do(t, r).status)
		assert.Equal(t, identity.Identity{}, s.caller)
	}
}

func TestThePublishableKeyInTheQueryWins(t *testing.T) {
	with := strings.Replace(document, "{name: limit,", "{name: key, in: query, schema: {type: string}}\n        - {name: limit,", 1)
	c, err := contract.Load([]byte(with), contract.Options{})
	require.NoError(t, err)
	var got identity.Identity
	router := chi.NewRouter()
	router.With(c.Middlewares(authenticate)...).Get("/things", func(_ http.ResponseWriter, r *http.Request) {
		got = identity.From(r.Context())
	})
	r := httptest.NewRequest(http.MethodGet, "/things?key=pk_query", nil)
	r.Header.Set("X-Publishable-Key", "pk_header")

	router.ServeHTTP(httptest.NewRecorder(), r)

	assert.Equal(t, identity.Identity{PublishableKey: "pk_query"}, got)
}

func TestAccessValues(t *testing.T) {
	for value, want := range map[contract.Access]bool{
		"public": true, "cart": true, "checkout": true, "order": true,
		"catalog:read": true, "stock-levels:write": true, "api_keys:write": true,
		"": false, "Public": false, "everyone": false, "catalog": false, "catalog:delete": false, "catalog:": false,
		":read": false, "catalog:read ": false, "catalog:read,write": false, "*:read": false, "a:read\n": false,
	} {
		assert.Equal(t, want, value.Known(), "%q", value)
	}
	scope, ok := contract.Access("catalog:read").Scope()
	assert.True(t, ok)
	assert.Equal(t, "catalog:read", scope)
	_, ok = contract.AccessCart.Scope()
	assert.False(t, ok)
}

func TestAnOperationWithoutAKnownAccessIsClosedToEverybody(t *testing.T) {
	for _, access := range []string{"", "x-rialto-access: everyone", "x-rialto-access: 1"} {
		c, err := contract.Load([]byte(strings.Replace(document, "x-rialto-access: public", access, 1)), contract.Options{})
		require.NoError(t, err)
		router := chi.NewRouter()
		mounted := router.With(c.Authorize(func(context.Context, *http.Request) (identity.Identity, error) {
			return identity.Identity{Kind: identity.APIKey, Scopes: []string{"", "everyone", "1"}}, nil
		}))
		mounted.Get("/things", func(http.ResponseWriter, *http.Request) { t.Error("reached") })
		w := httptest.NewRecorder()

		router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/things", nil))

		assert.Equal(t, http.StatusInternalServerError, w.Code)
	}
}

func mountAll(c *contract.Contract) *chi.Mux {
	router := chi.NewRouter()
	for _, op := range c.Operations() {
		router.Method(op.Method, op.Pattern, http.NotFoundHandler())
	}
	return router
}

func TestS07RoutesAndDocumentMustAgree(t *testing.T) {
	c, err := contract.Load([]byte(document), contract.Options{})
	require.NoError(t, err)
	require.NoError(t, c.CheckRoutes(mountAll(c)))

	extra := mountAll(c)
	extra.Get("/secret", http.NotFound)
	assert.EqualError(t, c.CheckRoutes(extra), "GET /secret is mounted but not in the OpenAPI document")
	assert.NoError(t, c.CheckRoutes(extra, "GET /secret"))

	less := chi.NewRouter()
	less.Get("/things", http.NotFound)
	less.Post("/orders", http.NotFound)
	less.Patch("/things/{id}", http.NotFound)
	less.Delete("/things/{id}", http.NotFound)
	assert.EqualError(t, c.CheckRoutes(less), "POST /things is in the OpenAPI document but not mounted")
	assert.NoError(t, c.CheckRoutes(less, "POST /things"))
}

func TestS07ARouteWithoutAPolicyIsRefused(t *testing.T) {
	for access, want := range map[string]string{
		"":                            "GET /things does not say who may call it (x-rialto-access)",
		"x-rialto-access: everyone":   `GET /things has the unknown access "everyone"`,
		"x-rialto-access: things:any": `GET /things has the unknown access "things:any"`,
		"x-rialto-access: [public]":   "GET /things does not say who may call it (x-rialto-access)",
	} {
		c, err := contract.Load([]byte(strings.Replace(document, "x-rialto-access: public", access, 1)), contract.Options{})
		require.NoError(t, err)
		assert.EqualError(t, c.CheckRoutes(mountAll(c)), want)
		assert.EqualError(t, c.CheckRoutes(mountAll(c), "GET /things"), want, "an exemption is no policy")
	}
}

func TestRoutesOfMountedRoutersAreRecognized(t *testing.T) {
	c, err := contract.Load([]byte(document), contract.Options{})
	require.NoError(t, err)
	things := chi.NewRouter()
	reached := 0
	handler := func(w http.ResponseWriter, _ *http.Request) { reached++; w.WriteHeader(http.StatusNoContent) }
	things.Group(func(r chi.Router) {
		r = r.With(c.Middlewares(authenticate)...)
		r.Get("/", handler)
		r.Post("/", handler)
		r.Patch("/{id}", handler)
		r.Delete("/{id}", handler)
	})
	router := chi.NewRouter()
	router.Mount("/things", things)
	router.With(c.Middlewares(authenticate)...).Post("/orders", handler)

	require.NoError(t, c.CheckRoutes(router))
	for _, target := range []string{"/things?limit=5", "/things?limit=x"} {
		router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, target, nil))
	}
	assert.Equal(t, 1, reached)
}
