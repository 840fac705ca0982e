package webhook

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// startSpan begins the span of one attempt. It is a child of ctx's span, and nothing at all when ctx has none. The URL is not
// in it: it may hold credentials.
func startSpan(ctx context.Context, r Request) (context.Context, trace.Span) {
	tracer := trace.SpanFromContext(ctx).TracerProvider().Tracer("github.com/click2call/click2call/webhook")
	return tracer.Start(ctx, "POST webhook", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("http.request.method", http.MethodPost), attribute.String("click2call.event_id", r.EventID),
		attribute.Int("click2call.attempt", r.Attempt), attribute.Bool("click2call.replay", r.Replay),
	))
}

// propagate tells the receiver which trace the attempt belongs to (W3C Trace Context, header traceparent).
func propagate(ctx context.Context, h http.Header) {
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(h))
}

func endSpan(span trace.Span, res Result) {
	if res.Status != 0 {
		span.SetAttributes(attribute.Int("http.response.status_code", res.Status))
	}
	if res.Class != "" {
		span.SetAttributes(attribute.String("error.type", string(res.Class)))
		span.SetStatus(codes.Error, res.Error)
	}
	span.End()
}
