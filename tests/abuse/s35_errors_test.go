package abuse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/ids"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
	"github.com/rialto-commerce/rialto/internal/platform/sqldb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

// secret is what a program may say of itself when it fails, to its log.
const secret = `SELECT secret_hash FROM access.api_keys: pq: relation "access.api_keys" at /root/rialto/store.go:42 (go1.26)`

func TestS35ErrorsTellNothingOfTheInside(t *testing.T) {
	t.Run("S35 a panic, and an error nobody expected", unexpected)
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		name string
		run  func(*world)
	}{
		{"S35 mistakes of the client", mistakes},
		{"S35 tables that are not there", withoutTables},
		{"S35 a database that is not there", withoutDatabase},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(w.in(t)) })
	}
}

// unexpected serves handlers that fail in ways that the shop's own do not, behind the router of the server.
func unexpected(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	router := httpserver.NewRouter(httpserver.RouterOptions{NewID: ids.New, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Metrics: httpserver.NewMetrics(prometheus.NewRegistry())})
	failures := map[string]http.HandlerFunc{
		"/text":  func(http.ResponseWriter, *http.Request) { panic(secret) },
		"/error": func(http.ResponseWriter, *http.Request) { panic(fmt.Errorf("read key: %w", errors.New(secret))) },
		"/range": func(_ http.ResponseWriter, r *http.Request) {
			panic(strings.Split(secret, " ")[len(r.URL.Path)*len(secret)])
		},
		"/returned": func(w http.ResponseWriter, r *http.Request) { problem.Write(w, r, errors.New(secret)) },
		"/uncoded": func(w http.ResponseWriter, r *http.Request) {
			problem.Write(w, r, fault.New("no_such_code", secret))
		},
		"/wrapped": func(w http.ResponseWriter, r *http.Request) {
			problem.Write(w, r, sqldb.ErrUnavailable.Wrap(errors.New(secret)))
		},
	}
	for path, fail := range failures {
		router.Get(path, fail)

		recorder := httptest.NewRecorder()
		router.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))

		answer := shop.Answer{Status: recorder.Code, Header: recorder.Header(), Raw: recorder.Body.Bytes()}
		answer.Body = parse(t, answer.Raw)
		theDocument(t).inspect(t, path, answer)
		require.GreaterOrEqual(t, answer.Status, http.StatusInternalServerError, path)
		require.NotContains(t, string(answer.Raw), "secret_hash", path)
	}
	require.Contains(t, log.String(), "secret_hash", "the log has what the answer has not")
}

// mistakes are of every kind that a client can make; what their answers may not tell is checked where they are read.
func mistakes(w *world) {
	owner := shop.Key(w.Owner)
	for _, r := range []struct {
		method, path string
		body         any
		headers      []shop.Header
		want         string
	}{
		{http.MethodPost, cartsPath, `{"lines":1}`, nil, "400 invalid_type"},
		{http.MethodPost, cartsPath, `{"lines":[{"sku":{"a":1},"quantity":"many"}]}`, nil, "400 invalid_type"},
		{http.MethodPost, cartsPath, `{"lines":[{"quantity":1}]}`, nil, "422 validation_failed"},
		{http.MethodPost, cartsPath, `{`, nil, "400 invalid_json"},
		{http.MethodGet, "/store/v1/products?limit=x", nil, nil, "400 invalid_parameter"},
		{http.MethodGet, "/store/v1/products?q=%27%22%3B--", nil, nil, "200"},
		{http.MethodGet, "/store/v1/products?cursor=x", nil, nil, "400 invalid_cursor"},
		{http.MethodGet, "/nope", nil, nil, "404 not_found"},
		{http.MethodPut, cartsPath, nil, nil, "405 method_not_allowed"},
		{http.MethodGet, cartsPath + "/" + w.shoppers[0].cart, nil, nil, "401 token_required"},
		{http.MethodGet, "/admin/v1/products", nil, nil, "401 unauthenticated"},
		{http.MethodGet, "/admin/v1/products", nil, []shop.Header{{Name: "Authorization", Value: "Basic YTpi"}}, "401 unauthenticated"},
		{http.MethodGet, "/admin/v1/products", nil, []shop.Header{shop.Key(strings.Repeat("x", 20_000))}, "401 unauthenticated"},
		{http.MethodGet, "/admin/v1/api-keys", nil, []shop.Header{shop.Key(w.Staff)}, "403 forbidden"},
		{http.MethodPost, "/admin/v1/products", `{"title":"x","handle":"not-yet-shown"}`, []shop.Header{owner}, "409 handle_taken"},
		{http.MethodPost, "/admin/v1/products", `{"title":"x","variants":[{"sku":"GOODS"}]}`, []shop.Header{owner}, "409 sku_taken"},
		{http.MethodPatch, "/admin/v1/products/" + w.goods.ProductID, `{}`, []shop.Header{owner}, "428 precondition_required"},
		{http.MethodPatch, "/admin/v1/products/" + w.goods.ProductID, `{}`, []shop.Header{owner, shop.IfMatch(`"99"`)}, "412 version_mismatch"},
		{http.MethodGet, "/livez", nil, []shop.Header{{Name: "X-Long", Value: strings.Repeat("x", 40_000)}}, "431 header_too_large"},
	} {
		answer := w.send(r.method, r.path, r.body, r.headers...)
		require.Equal(w.t, r.want, told(answer), "%s %s: %s", r.method, r.path, answer.Raw)
	}
}

// tableless are the operations that need no database.
func tableless() []string {
	return []string{"livez", "openapiYaml", "openapiJson", "docs", "listRoles"}
}

// withoutTables takes the tables of all modules but access away, and puts them back. Keys are still known.
func withoutTables(w *world) {
	calls := w.prepare()
	schemas := []string{"cart", "catalog", "channels", "checkout", "fulfillment", "integrations", "inventory", "orders", "payments", "pricing", "storefront", "tax"}
	w.rename(schemas, "%[1]s", "%[1]s_gone")
	defer w.rename(schemas, "%[1]s_gone", "%[1]s")
	for _, op := range w.document.operations {
		if slices.Contains(tableless(), op.ID) || slices.Contains(op.Tags, "access") || op.ID == "readyz" {
			continue
		}
		answer := w.do(calls[op.ID], w.credentials(op)...)
		require.Equal(w.t, "500 internal_error", told(answer), "%s: %s", op.ID, answer.Raw)
	}
	require.Contains(w.t, w.Log(), "pq: ", "the log has what the answers have not")
}

func (w *world) rename(schemas []string, from, to string) {
	w.t.Helper()
	for _, schema := range schemas {
		_, err := w.Admin().Exec(context.Background(), fmt.Sprintf("ALTER SCHEMA "+from+" RENAME TO "+to, schema))
		require.NoError(w.t, err)
	}
}

// withoutDatabase cuts the server off from its database, and lets it back.
func withoutDatabase(w *world) {
	calls := w.prepare()
	reconnect := w.cutOff()
	defer reconnect()
	for _, op := range w.document.operations {
		answer := w.do(calls[op.ID], w.credentials(op)...)
		if slices.Contains(tableless(), op.ID) && op.ID != "listRoles" {
			require.Equal(w.t, "200", told(answer), op.ID)
			continue
		}
		require.Contains(w.t, []int{http.StatusInternalServerError, http.StatusServiceUnavailable}, answer.Status, "%s: %s", op.ID, answer.Raw)
	}
	reconnect()
	require.Eventually(w.t, func() bool {
		return w.send(http.MethodGet, "/readyz", nil).Status == http.StatusOK && w.send(http.MethodGet, "/store/v1/products", nil).Status == http.StatusOK
	}, startLimit, 50*time.Millisecond, "the server does not find its way back")
}

// cutOff ends the sessions of the server and admits no new ones until the answer is called, which may be done twice.
func (w *world) cutOff() (reconnect func()) {
	w.t.Helper()
	dsn, err := url.Parse(w.Database.DSN())
	require.NoError(w.t, err)
	name := strings.TrimPrefix(dsn.Path, "/")
	dsn.Path = "/postgres"
	admin, err := sqldb.OpenAdmin(dsn.String())
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = admin.Close() })
	admit := func(whether bool) {
		_, err := admin.Exec(fmt.Sprintf(`ALTER DATABASE %s ALLOW_CONNECTIONS %t`, name, whether))
		require.NoError(w.t, err)
	}
	admit(false)
	_, err = admin.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'rialto-served'`, name)
	require.NoError(w.t, err)
	return func() { admit(true) }
}
