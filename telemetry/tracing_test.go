package telemetry_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/click2call/click2call/telemetry"
)

// kept is an exporter that keeps what it is given.
type kept struct{ all tracetest.SpanStubs }

func (k *kept) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	k.all = append(k.all, tracetest.SpanStubsFromReadOnlySpans(spans)...)
	return nil
}

func (k *kept) Shutdown(context.Context) error { return nil }

func TestTracesAreOffUnlessAskedFor(t *testing.T) { // not parallel: it sets the environment
	for name, tc := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"nothing set":          {nil, false},
		"an endpoint":          {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, true},
		"an endpoint, by gRPC": {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, true},
		"the exporter":         {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true},
		"none":                 {map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false},
		"disabled":             {map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			for variable, value := range tc.env {
				t.Setenv(variable, value)
			}
			exporter, err := telemetry.ExporterFromEnvironment(t.Context())
			require.NoError(t, err)
			require.Equal(t, tc.want, exporter != nil)
		})
	}
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")
	_, err := telemetry.ExporterFromEnvironment(t.Context())
	require.ErrorContains(t, err, "http/protobuf or grpc")
}

func TestSpansOfRequests(t *testing.T) {
	t.Parallel()
	spans := &kept{}
	tracing, err := telemetry.NewTracing(t.Context(), spans, "1.2.3")
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", func(_ http.ResponseWriter, r *http.Request) {
		trace.SpanFromContext(r.Context()).SetName("GET /api/calls/{call_id}")
	})
	mux.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	handler := tracing.HTTP(mux)
	for _, path := range []string{"/api/calls/c2c_x?q=9530251797", "/healthz"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
		handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	require.NoError(t, tracing.Close(t.Context()))
	require.Len(t, spans.all, 1, "checks of health have none")
	require.Equal(t, "GET /api/calls/{call_id}", spans.all[0].Name)
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", spans.all[0].SpanContext.TraceID().String(), "it goes on with the caller's trace")
	for _, a := range spans.all[0].Attributes {
		require.NotContains(t, a.Value.String(), "9530251797", a.Key)
	}
}
