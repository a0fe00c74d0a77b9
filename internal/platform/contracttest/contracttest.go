// Package contracttest serves a module's routes in tests as the server does: behind the contract of the API document,
// which here checks every answer too. It knows no module, and callers only by the scopes that a test gives them.
package contracttest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
)

// rules reads the document once: it is large.
var rules = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Load(api.Document(), contract.Options{CheckResponses: true})
})

// Server answers requests without a network.
type Server struct {
	t       testing.TB
	handler http.Handler
}

// Serve mounts routes behind the contract; authenticate says who calls.
func Serve(t testing.TB, mount func(chi.Router), authenticate contract.Authenticate) *Server {
	t.Helper()
	router := chi.NewRouter()
	router.Use(pagination.Remember)
	mount(router.With(load(t).Middlewares(authenticate)...))
	return &Server{t: t, handler: router}
}

func load(t testing.TB) *contract.Contract {
	t.Helper()
	loaded, err := rules()
	require.NoError(t, err)
	return loaded
}

// Key authenticates every request as that of an API key with these scopes.
func Key(scopes ...string) contract.Authenticate {
	return func(context.Context, *http.Request) (identity.Identity, error) {
		return identity.Identity{Kind: identity.APIKey, Scopes: scopes}, nil
	}
}

// Nobody authenticates every request as one without credentials.
func Nobody(context.Context, *http.Request) (identity.Identity, error) {
	return identity.Identity{}, nil
}

// Send makes a request; headers come in pairs. A body is sent as JSON. It may be called by many goroutines.
func (s *Server) Send(method, path, body string, headers ...string) Answer {
	request := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, request)
	return Answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.String(), t: s.t}
}

// Pages reads a list to its end by the links of its pages, which must name the same cursor as their bodies.
func (s *Server) Pages(path string) []Answer {
	s.t.Helper()
	var pages []Answer
	for path != "" {
		page := s.Send(http.MethodGet, path, "").Is(http.StatusOK)
		pages = append(pages, page)
		path = page.Next()
	}
	return pages
}

// Answer is what the server said.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	t      testing.TB
}

// Is ends the test unless the status is the wanted one.
func (a Answer) Is(status int) Answer {
	a.t.Helper()
	require.Equal(a.t, status, a.Status, a.Body)
	return a
}

// Refused asserts that the answer is a problem of this status and code, and returns the pointers that it names.
func (a Answer) Refused(status int, code string) []string {
	a.t.Helper()
	var problem struct {
		Code   string
		Errors []struct{ Pointer string }
	}
	a.Into(&problem)
	assert.Equal(a.t, status, a.Status, a.Body)
	assert.Equal(a.t, code, problem.Code, a.Body)
	var pointers []string
	for _, e := range problem.Errors {
		pointers = append(pointers, e.Pointer)
	}
	return pointers
}

// Into decodes the body.
func (a Answer) Into(dest any) {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal([]byte(a.Body), dest), a.Body)
}

// Text answers a member of the body that is a string, or "".
func (a Answer) Text(member string) string {
	a.t.Helper()
	var body map[string]any
	a.Into(&body)
	text, _ := body[member].(string)
	return text
}

// Column answers a member of each item of a list.
func (a Answer) Column(member string) []string {
	a.t.Helper()
	var list struct{ Data []map[string]any }
	a.Into(&list)
	column := make([]string, len(list.Data))
	for i, item := range list.Data {
		column[i], _ = item[member].(string)
	}
	return column
}

// Next is the path of the page after this one, or "" at the end.
func (a Answer) Next() string {
	a.t.Helper()
	var list struct {
		Page struct {
			NextCursor string `json:"next_cursor"`
			HasMore    bool   `json:"has_more"`
		}
	}
	a.Into(&list)
	link := strings.TrimSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"), `>; rel="next"`)
	require.Equal(a.t, list.Page.HasMore, link != "", a.Body)
	require.Equal(a.t, list.Page.HasMore, list.Page.NextCursor != "", a.Body)
	if link != "" {
		require.Contains(a.t, link, "cursor="+list.Page.NextCursor)
	}
	return link
}
