package httpserver

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/rialto-commerce/rialto/internal/platform/inbound"
	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

// Observe writes one log line for each request and counts it. The line names the pattern of the route
// and not the path, and no query, because tokens and searches are nobody's business. Only a path that
// leads nowhere is named, for whoever looks for the mistake in it.
func Observe(o RouterOptions) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
			start := o.Now()
			r, done := o.Tracer.Request(r)
			defer func() { done(o.record(r, seen, o.Now().Sub(start))) }() // also when a panic passes
			next.ServeHTTP(seen, r)
		})
	}
}

// record answers what the request is called, and its status.
func (o RouterOptions) record(r *http.Request, seen middleware.WrapResponseWriter, took time.Duration) (name string, status int) {
	status = seen.Status()
	if status == 0 {
		status = http.StatusOK
	}
	method, route := methodLabel(r.Method), routeLabel(r)
	name = method + " " + route
	o.Metrics.observe(method, route, status, took)
	if route == unmatched {
		route = unmatched + " " + r.URL.Path
	}
	facts := []slog.Attr{
		slog.String("method", method),
		slog.String("route", route),
		slog.Int("status", status),
		slog.Int("bytes", seen.BytesWritten()),
		slog.Float64("milliseconds", float64(took.Microseconds())/1000),
		slog.String("request_id", inbound.RequestID(r.Context())),
	}
	if trace := tracing.ID(r.Context()); trace != "" {
		facts = append(facts, slog.String("trace_id", trace))
	}
	o.Logger.LogAttrs(r.Context(), slog.LevelInfo, "request", facts...)
	return name, status
}

// unmatched is the route of requests that lead nowhere; together they are one metric.
const unmatched = "unmatched"

func methodLabel(method string) string {
	if slices.Contains(methods(), method) || method == http.MethodTrace || method == http.MethodConnect {
		return method
	}
	return "other"
}

// routeLabel is known only after the routing.
func routeLabel(r *http.Request) string {
	pattern := chi.RouteContext(r.Context()).RoutePattern()
	if pattern == "" || strings.HasSuffix(pattern, "/*") {
		return unmatched
	}
	return pattern
}
