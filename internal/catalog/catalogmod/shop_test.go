package catalogmod_test

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
	"github.com/rialto-commerce/rialto/internal/catalog"
	"github.com/rialto-commerce/rialto/internal/catalog/catalogmod"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/identity"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/outbox"
	"github.com/rialto-commerce/rialto/internal/platform/pagination"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
)

// shop is the module on a database of its own, behind the contract that the server puts before it.
type shop struct {
	t        *testing.T
	database *testdb.Database
	db       *sqldb.DB
	module   *catalogmod.Module
	service  catalog.Service
	server   http.Handler
}

var loadContract = sync.OnceValues(func() (*contract.Contract, error) {
	return contract.Load(api.Document(), contract.Options{CheckResponses: true})
})

// open makes a shop whose invariants are checked when the test ends.
func open(t *testing.T) *shop {
	t.Helper()
	database := testdb.New(t)
	db := database.Module("catalog")
	module := catalogmod.New(catalogmod.Deps{
		DB: db, Background: db, Outbox: outbox.New("catalog", nil, ids.New), NewID: ids.New,
		Cursors: pagination.NewCodec([]byte("cursors of a test"))})
	edge, err := loadContract()
	require.NoError(t, err)
	router := chi.NewRouter()
	router.Use(pagination.Remember)
	module.Mount(router.With(edge.Middlewares(everyScope)...))
	s := &shop{t: t, database: database, db: db, module: module, service: module.Service(), server: router}
	t.Cleanup(s.intact)
	return s
}

// intact asserts that no promise of the module is broken.
func (s *shop) intact() {
	s.t.Helper()
	violations, err := s.module.Verify(context.Background())
	assert.NoError(s.t, err)
	assert.Empty(s.t, violations)
}

func everyScope(context.Context, *http.Request) (identity.Identity, error) {
	return identity.Identity{Kind: identity.APIKey, Scopes: []string{"catalog:read", "catalog:write"}}, nil
}

// answer is what the server said.
type answer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// code is that of a problem document.
func (a answer) code() string { return a.str("code") }

func (a answer) str(name string) string {
	text, _ := a.body[name].(string)
	return text
}

func (a answer) list(name string) []any {
	items, _ := a.body[name].([]any)
	return items
}

// item is one object of a list; an empty one when there is none, which no assertion takes for another.
func (a answer) item(name string, i int) answer {
	items := a.list(name)
	if i >= len(items) {
		return answer{}
	}
	body, _ := items[i].(map[string]any)
	return answer{body: body}
}

// page is where a list stands.
func (a answer) page() answer {
	body, _ := a.body["page"].(map[string]any)
	return answer{body: body}
}

// pointers are the places that a problem names.
func (a answer) pointers() []string {
	var found []string
	for i := range a.list("errors") {
		found = append(found, a.item("errors", i).str("pointer"))
	}
	return found
}

// send makes a request; headers come in pairs.
func (s *shop) send(method, path, body string, headers ...string) answer {
	s.t.Helper()
	request := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.server.ServeHTTP(recorder, request)
	got := answer{status: recorder.Code, header: recorder.Header(), text: recorder.Body.String()}
	if got.text != "" {
		require.NoError(s.t, json.Unmarshal([]byte(got.text), &got.body), got.text)
	}
	return got
}

// must is send for requests that succeed with this status.
func (s *shop) must(status int, method, path, body string, headers ...string) answer {
	s.t.Helper()
	got := s.send(method, path, body, headers...)
	require.Equal(s.t, status, got.status, "%s %s %s: %s", method, path, body, got.text)
	return got
}

func (s *shop) create(body string) answer {
	s.t.Helper()
	return s.must(http.StatusCreated, http.MethodPost, "/admin/v1/products", body)
}

func (s *shop) patch(path, tag, body string) answer {
	s.t.Helper()
	return s.send(http.MethodPatch, path, body, "If-Match", tag)
}

// events counts what was announced of a product.
func (s *shop) events(publicID string) int {
	s.t.Helper()
	id, ok := ids.Decode(catalog.ProductPrefix, publicID)
	require.True(s.t, ok)
	return s.count(`SELECT count(*) FROM catalog.outbox_events WHERE aggregate_id = $1`, id)
}

func (s *shop) count(query string, args ...any) int {
	s.t.Helper()
	var n int
	require.NoError(s.t, s.db.Get(s.t.Context(), &n, query, args...))
	return n
}

func (s *shop) save(req catalog.SaveProductRequest) catalog.SaveProductAnswer {
	s.t.Helper()
	saved, err := s.service.SaveProduct(s.t.Context(), req)
	require.NoError(s.t, err)
	return saved
}

// together runs n at the same moment and waits for all.
func together(n int, run func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			<-start
			run(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}
