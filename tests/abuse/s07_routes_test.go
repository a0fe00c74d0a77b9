package abuse

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/api"
	"github.com/rialto-commerce/rialto/internal/app"
	"github.com/rialto-commerce/rialto/internal/platform/contract"
	"github.com/rialto-commerce/rialto/internal/platform/testdb"
	"github.com/rialto-commerce/rialto/tests/shop"
)

const startLimit = 30 * time.Second

func TestS07ARouteWithoutAPolicyDoesNotStart(t *testing.T) {
	t.Run("S07 every route needs a policy", everyRouteNeedsAPolicy)
	t.Run("S07 the server refuses to start", refusesToStart)
}

// unlisted are the routes for files and pages, which are no part of the API.
func unlisted() []string { return []string{"GET /", "GET /docs/{file}", "GET /media/demo/{file}"} }

func everyRouteNeedsAPolicy(t *testing.T) {
	routes := wired(t)
	require.NoError(t, documented(t, func(*openapi3.Operation) {}).CheckRoutes(routes, unlisted()...))

	for what, take := range map[string]func(*openapi3.Operation){
		"does not say who may call it": func(op *openapi3.Operation) { delete(op.Extensions, "x-rialto-access") },
		"has the unknown access":       func(op *openapi3.Operation) { op.Extensions["x-rialto-access"] = "everybody" },
	} {
		err := documented(t, take).CheckRoutes(routes, unlisted()...)

		for _, op := range theDocument(t).operations {
			require.ErrorContains(t, err, op.Method+" "+op.Pattern+" "+what)
		}
	}
	routes.Get("/admin/v1/secrets", func(http.ResponseWriter, *http.Request) {})
	err := documented(t, func(*openapi3.Operation) {}).CheckRoutes(routes, unlisted()...)
	require.ErrorContains(t, err, "GET /admin/v1/secrets is mounted but not in the OpenAPI document")
}

// wired are the routes of the shop as the server mounts them.
func wired(t *testing.T) *chi.Mux {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{DatabaseURL: testdb.New(t).DSN(), SecretKey: secretKey, Addr: "127.0.0.1:0", MetricsAddr: "127.0.0.1:0",
		PoolRequests: 2, PoolReads: 2, PoolBackground: 2, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	routes, ok := a.Handler().(*chi.Mux)
	require.True(t, ok)
	return routes
}

// documented are the rules of the document after a change of each of its operations.
func documented(t *testing.T, change func(*openapi3.Operation)) *contract.Contract {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(api.Document())
	require.NoError(t, err)
	for _, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			change(op)
		}
	}
	text, err := spec.MarshalJSON()
	require.NoError(t, err)
	rules, err := contract.Load(text, contract.Options{})
	require.NoError(t, err)
	return rules
}

// refusesToStart changes the document inside the built server, byte for byte, so that nothing has to be built anew.
func refusesToStart(t *testing.T) {
	binary, err := os.ReadFile(shop.Binary(t))
	require.NoError(t, err)
	require.Equal(t, 1, bytes.Count(binary, api.Document()), "the server holds the document once")
	dsn := testdb.New(t).DSN()
	for _, planted := range []struct{ from, to, said string }{
		{"x-rialto-access: 'catalog:read'", "x-rialto-excess: 'catalog:read'", "does not say who may call it (x-rialto-access)"},
		{"x-rialto-access: 'tax:write'", "x-rialto-access: 'tax write'", `has the unknown access "tax write"`},
		{"x-rialto-access: cart", "x-rialto-access: curt", `has the unknown access "curt"`},
		{"\n  /admin/v1/roles:", "\n  /admin/v1/rules:", "GET /admin/v1/roles is mounted but not in the OpenAPI document"},
	} {
		document := strings.Replace(string(api.Document()), planted.from, planted.to, 1)
		require.NotEqual(t, string(api.Document()), document, planted.from)
		require.Len(t, document, len(api.Document()))
		output, err := start(t, bytes.Replace(binary, api.Document(), []byte(document), 1), dsn)

		require.Error(t, err, "the server started with %s", planted.to)
		require.Contains(t, output, planted.said)
		require.NotContains(t, output, "listening")
	}
}

// start runs a server until it ends by itself, or for as long as a start may take, and answers what it said.
func start(t *testing.T, binary []byte, dsn string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server")
	require.NoError(t, os.WriteFile(path, binary, 0o700))
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "serve")
	cmd.Env = []string{"DATABASE_URL=" + dsn, "RIALTO_SECRET_KEY=" + secretKey, "RIALTO_ADDR=127.0.0.1:0", "RIALTO_METRICS_ADDR=127.0.0.1:0"}
	output, err := cmd.CombinedOutput()
	require.NoError(t, ctx.Err(), "the server did not end: %s", output)
	return string(output), err
}
