package tracing_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rialto-commerce/rialto/internal/platform/tracing"
)

func TestNothingIsTracedUnlessACollectorIsNamed(t *testing.T) {
	for name, settings := range map[string]map[string]string{
		"nothing":     {},
		"turned off":  {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "TRUE"},
		"no exporter": {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER": "none"},
	} {
		t.Run(name, func(t *testing.T) {
			for setting, value := range settings {
				t.Setenv(setting, value)
			}
			tracer, err := tracing.Start(t.Context(), "test")
			require.NoError(t, err)
			require.Nil(t, tracer)

			r, done := tracer.Request(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			ctx, called := tracer.Call(r.Context(), "oracle.Ask")
			tracer.Statement(ctx, "SELECT 1")(nil)
			called(nil)
			done("GET /", http.StatusOK)
			header := http.Header{}
			tracing.Show(ctx, header)

			assert.Empty(t, header)
			assert.Empty(t, tracing.ID(ctx))
			require.NoError(t, tracer.Stop(t.Context()))
		})
	}
}

func TestAProtocolThatIsNotSpokenIsRefused(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")

	_, err := tracing.Start(t.Context(), "test")

	require.ErrorContains(t, err, `OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not spoken; http/protobuf is`)
}

func TestATraceGoesOnInTheNextProcess(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	tracer, err := tracing.Start(t.Context(), "test")
	require.NoError(t, err)
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = tracer.Stop(ended) // nobody takes what was traced
	})
	first, _ := tracer.Request(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	ctx, _ := tracer.Call(first.Context(), "oracle.Ask")
	sent := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	tracing.Show(ctx, sent.Header)

	second, _ := tracer.Request(sent)

	assert.NotEmpty(t, tracing.ID(first.Context()))
	assert.Equal(t, tracing.ID(first.Context()), tracing.ID(second.Context()))
}
