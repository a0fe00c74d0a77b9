// Package tracing tells a collector which work a request caused, in this process and in those that it called: as OTLP over
// HTTP, by the standard OTEL_* variables.
//
// It owns the exporter and what a span says: names of routes, verbs and subscribers, statuses, the text of statements with
// their placeholders, and never a value, an address or a token. It knows no module. A nil Tracer is one that is turned off,
// and costs nothing.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/rialto-commerce/rialto/internal/platform/fault"
	"github.com/rialto-commerce/rialto/internal/platform/inbound"
)

const (
	scope = "rialto"
	// protocol is the only one that is spoken.
	protocol = "http/protobuf"
)

// Tracer makes spans. It is safe for use by many goroutines, and nil is one that makes none.
type Tracer struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider
	carrier  propagation.TraceContext
}

// Start answers a tracer when OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set, else nil. service is
// the name of the process unless OTEL_SERVICE_NAME has another. A collector that is away costs spans and nothing else.
func Start(ctx context.Context, service string) (*Tracer, error) {
	if !wanted() {
		return nil, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if set := os.Getenv(name); set != "" && set != protocol {
			return nil, fmt.Errorf("%s: %q is not spoken; %s is", name, set, protocol)
		}
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("prepare traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", service)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("read OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Warn("traces were lost", "error", err) }))
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(about))
	return &Tracer{tracer: provider.Tracer(scope), provider: provider}, nil
}

func wanted() bool {
	endpoint := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") + os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	return endpoint != "" && !strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") && os.Getenv("OTEL_TRACES_EXPORTER") != "none"
}

// Stop sends what is left, until ctx ends.
func (t *Tracer) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Request begins the span of a request, under that of whoever sent it. done is told the name of the route, known only after
// the routing, and the status of the answer.
func (t *Tracer) Request(r *http.Request) (traced *http.Request, done func(name string, status int)) {
	if t == nil {
		return r, func(string, int) {}
	}
	ctx := t.carrier.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, span := t.tracer.Start(ctx, r.Method, trace.WithSpanKind(trace.SpanKindServer))
	return r.WithContext(ctx), func(name string, status int) {
		span.SetName(name)
		span.SetAttributes(attribute.Int("http.response.status_code", status), attribute.String("rialto.request_id", inbound.RequestID(ctx)))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
		span.End()
	}
}

// Call begins the span of a call of another process. Show tells that process.
func (t *Tracer) Call(ctx context.Context, name string) (traced context.Context, done func(error)) {
	return t.begin(ctx, name, trace.SpanKindClient)
}

// Work begins the span of work that no request waits for.
func (t *Tracer) Work(ctx context.Context, name string) (traced context.Context, done func(error)) {
	return t.begin(ctx, name, trace.SpanKindConsumer)
}

// Statement begins the span of a statement within a span; outside of one it is not worth telling.
func (t *Tracer) Statement(ctx context.Context, query string) (done func(error)) {
	if t == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return func(error) {}
	}
	words := strings.Fields(query)
	_, done = t.begin(ctx, "sql "+words[0], trace.SpanKindClient, attribute.String("db.system.name", "postgresql"),
		attribute.String("db.query.text", strings.Join(words, " ")))
	return done
}

func (t *Tracer) begin(ctx context.Context, name string, kind trace.SpanKind, facts ...attribute.KeyValue) (context.Context, func(error)) {
	if t == nil {
		return ctx, func(error) {}
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(facts...))
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, reason(err))
		}
		span.End()
	}
}

// reason is what may be told of an error: its code, since its text may hold what a shopper wrote.
func reason(err error) string {
	var coded *fault.Error
	switch {
	case errors.As(err, &coded):
		return coded.Code
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err.Error()
	default:
		return "failed"
	}
}

// Show tells the process that gets a request which span it is sent under.
func Show(ctx context.Context, header http.Header) {
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(header))
}

// ID is the trace that ctx is a part of, or "".
func ID(ctx context.Context) string {
	if within := trace.SpanContextFromContext(ctx); within.HasTraceID() {
		return within.TraceID().String()
	}
	return ""
}
