package httpserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rialto-commerce/rialto/internal/platform/httpserver"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// outer is a router with the outer middlewares, and what they write.
type outer struct {
	*chi.Mux
	log      *bytes.Buffer
	registry *prometheus.Registry
}

func newOuter(t *testing.T, change ...func(*httpserver.RouterOptions)) outer {
	t.Helper()
	o := outer{log: &bytes.Buffer{}, registry: prometheus.NewRegistry()}
	logger := slog.New(slog.NewJSONHandler(o.log, nil))
	before := slog.Default()
	slog.SetDefault(logger)
	t.Cleanup(func() { slog.SetDefault(before) })
	now := time.Unix(0, 0)
	options := httpserver.RouterOptions{
		NewID:   func() string { return "01939f6a-0000-7000-8000-000000000001" },
		Now:     func() time.Time { now = now.Add(250 * time.Millisecond); return now },
		Logger:  logger,
		Metrics: httpserver.NewMetrics(o.registry),
	}
	for _, c := range change {
		c(&options)
	}
	o.Mux = httpserver.NewRouter(options)
	o.Get("/things/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, inbound.RequestID(r.Context())) })
	o.Post("/things/{id}", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			problem.Write(w, r, err)
		}
	})
	o.Delete("/things/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return o
}

func (o outer) do(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	return w
}

func (o outer) get(target string) *httptest.ResponseRecorder {
	return o.do(httptest.NewRequest(http.MethodGet, target, nil))
}

func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var doc struct{ Code string }
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc), w.Body.String())
	return doc.Code
}

func TestEveryRequestHasAnID(t *testing.T) {
	o := newOuter(t)
	const fresh = "01939f6a-0000-7000-8000-000000000001"
	for sent, want := range map[string]string{
		"":                      fresh,
		"trace-42_a.B":          "trace-42_a.B",
		strings.Repeat("a", 64): strings.Repeat("a", 64),
		strings.Repeat("a", 65): fresh,
		"a b":                   fresh,
		"a\"b":                  fresh,
		"a/b":                   fresh,
		"<script>":              fresh,
		"é":                     fresh,
		"a\tb":                  fresh,
	} {
		r := httptest.NewRequest(http.MethodGet, "/things/1", nil)
		r.Header.Set("X-Request-Id", sent)

		w := o.do(r)

		assert.Equal(t, want, w.Header().Get("X-Request-Id"), sent)
		assert.Equal(t, want, w.Body.String(), "in the context")
	}
}

func TestTheLogLineNamesTheRouteAndNoSecret(t *testing.T) {
	o := newOuter(t)

	r := httptest.NewRequest(http.MethodGet, "/things/s3cr3t-id?token=s3cr3t-token", nil)
	r.Header.Set("Authorization", "Bearer s3cr3t-key")
	r.Header.Set("X-Request-Id", "req-1")
	o.do(r)

	var line map[string]any
	require.NoError(t, json.Unmarshal(o.log.Bytes(), &line), o.log.String())
	delete(line, "time")
	assert.Equal(t, map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "route": "/things/{id}", "status": 200.0, "bytes": 5.0,
		"milliseconds": 250.0, "request_id": "req-1",
	}, line)
	assert.NotContains(t, o.log.String(), "s3cr3t")
}

func TestMetricsCountByMethodRouteAndClassOfStatus(t *testing.T) {
	o := newOuter(t)
	for _, target := range []string{"/things/1", "/things/2", "/nothing/here", "/nothing/there"} {
		o.get(target)
	}
	for _, method := range []string{"BREW", "TRACE", "PUT"} {
		o.do(httptest.NewRequest(method, "/things/1", nil))
	}
	w := httptest.NewRecorder()
	httpserver.MetricsHandler(o.registry).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))

	for _, want := range []string{
		`rialto_http_requests_total{method="GET",route="/things/{id}",status="2xx"} 2`,
		`rialto_http_requests_total{method="GET",route="unmatched",status="4xx"} 2`,
		`rialto_http_requests_total{method="other",route="unmatched",status="4xx"} 1`,
		`rialto_http_requests_total{method="TRACE",route="unmatched",status="4xx"} 1`,
		`rialto_http_requests_total{method="PUT",route="unmatched",status="4xx"} 1`,
		`rialto_http_request_duration_seconds_sum{method="GET",route="/things/{id}"} 0.5`,
		`rialto_http_request_duration_seconds_count{method="GET",route="/things/{id}"} 2`,
	} {
		assert.Contains(t, w.Body.String(), want)
	}
}

func TestS35APanicIsA500WithItsStackInTheLogOnly(t *testing.T) {
	o := newOuter(t)
	o.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("s3cr3t of the shop") })

	w := o.get("/panic")

	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Equal(t, "internal_error", code(t, w))
	for _, hidden := range []string{"s3cr3t", "goroutine", ".go:", "/panic", "httpserver"} {
		assert.NotContains(t, w.Body.String(), hidden)
	}
	assert.Contains(t, o.log.String(), "s3cr3t of the shop")
	assert.Contains(t, o.log.String(), "router_test.go")
	assert.Contains(t, o.log.String(), `"status":500`)
}

func TestAPanicInTheMiddleOfAnAnswerCutsTheConnection(t *testing.T) {
	o := newOuter(t)
	o.Get("/half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"half":`)
		panic("x")
	})

	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { o.get("/half") })
	assert.Contains(t, o.log.String(), "panic: x")
	assert.Contains(t, o.log.String(), `"msg":"request"`)
}

func TestAHandlerMayAbort(t *testing.T) {
	o := newOuter(t)
	o.Get("/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })

	assert.PanicsWithValue(t, http.ErrAbortHandler, func() { o.get("/abort") })
	assert.NotContains(t, o.log.String(), "ERROR")
}

func TestAnswersAreSafeUnlessAHandlerKnowsBetter(t *testing.T) {
	o := newOuter(t)
	o.Get("/page", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
	})
	for _, target := range []string{"/things/1", "/nothing"} {
		h := o.get(target).Header()
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"))
		assert.Equal(t, "DENY", h.Get("X-Frame-Options"))
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"))
		assert.Equal(t, "default-src 'none'; frame-ancestors 'none'", h.Get("Content-Security-Policy"))
		assert.Equal(t, "no-store", h.Get("Cache-Control"))
		assert.Empty(t, h.Get("Server"))
	}
	assert.Equal(t, "public, max-age=60", o.get("/page").Header().Get("Cache-Control"))
	assert.Equal(t, "default-src 'self'", o.get("/page").Header().Get("Content-Security-Policy"))
}

func TestB01WhatIsNotRoutedIsAProblem(t *testing.T) {
	o := newOuter(t)
	o.Mount("/sub", func() http.Handler {
		sub := chi.NewRouter()
		sub.Get("/here", func(http.ResponseWriter, *http.Request) {})
		return sub
	}())
	for target, want := range map[string]int{
		"/":            404,
		"/nothing":     404,
		"/things":      404,
		"/things/1/":   404,
		"//things/1":   404,
		"/Things/1":    404,
		"/things/1/x":  404,
		"/sub/nothing": 404,
		"/sub":         404,
		"/%ff":         404,
	} {
		w := o.get(target)
		assert.Equal(t, want, w.Code, target)
		assert.Equal(t, "not_found", code(t, w), target)
	}
	w := o.do(httptest.NewRequest(http.MethodPut, "/sub/here", nil))
	assert.Equal(t, "method_not_allowed", code(t, w))
	assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
}

func TestS36OtherMethodsAreRefusedAndTheKnownOnesTold(t *testing.T) {
	o := newOuter(t)
	for _, method := range []string{"PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "PROPFIND"} {
		w := o.do(httptest.NewRequest(method, "/things/1", nil))
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		assert.Equal(t, "method_not_allowed", code(t, w), method)
		assert.Equal(t, "GET, HEAD, POST, DELETE", w.Header().Get("Allow"), method)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, o.do(httptest.NewRequest(http.MethodTrace, "/nothing", nil)).Code)
}

func TestHEADWorksWhereGETDoes(t *testing.T) {
	o := newOuter(t)

	assert.Equal(t, http.StatusOK, o.do(httptest.NewRequest(http.MethodHead, "/things/1", nil)).Code)
	assert.Equal(t, http.StatusNotFound, o.do(httptest.NewRequest(http.MethodHead, "/nothing", nil)).Code)
}
