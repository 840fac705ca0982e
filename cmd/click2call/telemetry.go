package main

import (
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel"
	"go.temporal.io/sdk/client"

	"github.com/click2call/click2call/telemetry"
)

const (
	// metricsOff is the CLICK2CALL_METRICS_LISTEN that serves no metrics; metricsDefault is the port that OpenTelemetry's own
	// Prometheus exporters listen on.
	metricsOff     = "off"
	metricsDefault = "127.0.0.1:9464"
)

// measure prepares metrics and, when OpenTelemetry's variables ask for them, traces.
func (a *app) measure(ctx context.Context) error {
	a.metrics = telemetry.NewMetrics(version)
	exporter, err := telemetry.ExporterFromEnvironment(ctx)
	if err != nil {
		return &configError{"OTEL_EXPORTER_OTLP_PROTOCOL", err.Error()}
	}
	if exporter == nil {
		return nil
	}
	// OpenTelemetry has one place for what goes wrong in the background, such as a collector that is away.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { a.log.Warn().Err(err).Msg("traces are incomplete") }))
	a.tracing, err = telemetry.NewTracing(ctx, exporter, version)
	return err
}

// instrument has Temporal's client, and the workers on it, measured and traced.
func (a *app) instrument(opts *client.Options) error {
	handler, err := a.metrics.Temporal()
	if err != nil {
		return err
	}
	opts.MetricsHandler = handler
	if a.tracing == nil {
		return nil
	}
	tracer, err := a.tracing.Temporal()
	if err != nil {
		return err
	}
	opts.Interceptors = append(opts.Interceptors, tracer)
	return nil
}

// traced is the handler with spans, when traces are on.
func (a *app) traced(handler http.Handler) http.Handler {
	if a.tracing == nil {
		return handler
	}
	return a.tracing.HTTP(handler)
}

// serveMetrics serves /metrics until ctx ends. A default address that is taken, as by a second process on one machine, costs the
// metrics only; one that was chosen must be free.
func (a *app) serveMetrics(ctx context.Context) error {
	if a.cfg.MetricsListen == metricsOff {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.Handler(a.log))
	err := a.listen(ctx, listening{what: "metrics", variable: "CLICK2CALL_METRICS_LISTEN", address: a.cfg.MetricsListen, handler: mux})
	if bad, ok := errors.AsType[*configError](err); ok && a.cfg.MetricsListen == metricsDefault {
		a.log.Warn().Err(bad).Msg("no metrics of this process: set CLICK2CALL_METRICS_LISTEN to an address of its own, or to off")
		return nil
	}
	return err
}

// closeTracing sends what traces are left.
func (a *app) closeTracing() {
	if a.tracing == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), tracesTimeout)
	defer cancel()
	if err := a.tracing.Close(ctx); err != nil {
		a.log.Warn().Err(err).Msg("some traces are lost")
	}
}
