package e2e_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/proto"

	"github.com/click2call/click2call/lab/monitors"
)

// collector receives traces as OpenTelemetry's collector does.
type collector struct {
	mu    sync.Mutex
	spans []*tracepb.Span
}

func startCollector(t *testing.T) (*collector, string) {
	t.Helper()
	c := &collector{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collectorpb.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			http.Error(w, "no traces", http.StatusBadRequest)
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return c, server.URL
}

func (c *collector) all() []*tracepb.Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*tracepb.Span(nil), c.spans...)
}

// trace are the spans of the trace of the request that a call was placed with, by name.
func (c *collector) trace(callID string) (id string, spans map[string]*tracepb.Span) {
	for _, s := range c.all() {
		if s.GetName() == "POST /api/c2c/click2call" && attribute(s, "click2call.call_id") == callID {
			id = hex.EncodeToString(s.GetTraceId())
		}
	}
	spans = map[string]*tracepb.Span{}
	for _, s := range c.all() {
		if id != "" && hex.EncodeToString(s.GetTraceId()) == id {
			spans[s.GetName()] = s
		}
	}
	return id, spans
}

func attribute(s *tracepb.Span, key string) string {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

// TestEyes makes a call and looks at it as operators' own tools do.
func TestEyes(t *testing.T) {
	t.Parallel()
	traces, address := startCollector(t)
	s := open(t, setting{env: []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + address, "OTEL_BSP_SCHEDULE_DELAY=200"}})
	c := s.call(t, rings).answer()
	c.dropLine()
	c.end(customerHangup)

	t.Run("one trace joins the request, the workflow, its activities and the webhook", func(t *testing.T) {
		wanted := []string{"POST /api/c2c/click2call", "UpdateWithStartWorkflow:open", "RunWorkflow:Call", "StartActivity:Dial", "RunActivity:Dial",
			"RunActivity:Record", "RunActivity:DeliverFirst", "POST webhook"}
		require.EventuallyWithT(t, func(collect *assert.CollectT) {
			_, spans := traces.trace(c.placed.CallID)
			for _, name := range wanted {
				assert.Contains(collect, spans, name)
			}
		}, soon, poll)
		id, spans := traces.trace(c.placed.CallID)
		hook, err := s.CRM.WaitFor(t.Context(), c.placed.CallID)
		require.NoError(t, err)
		want := fmt.Sprintf("00-%s-%s-01", id, hex.EncodeToString(spans["POST webhook"].GetSpanId()))
		require.Equal(t, want, hook.Header.Get("Traceparent"), "the CRM can go on with it")
		require.Equal(t, spans["RunActivity:DeliverFirst"].GetSpanId(), spans["POST webhook"].GetParentSpanId())
	})
	t.Run("no span holds a number or a secret", func(t *testing.T) {
		for _, span := range traces.all() {
			text := span.String()
			for _, hidden := range []string{c.number, strings.TrimPrefix(c.did, "+"), s.Secrets.InboundKey, s.Secrets.OutboundKey, s.Secrets.LiveKitSecret} {
				require.NotContains(t, text, hidden, span.GetName())
			}
		}
	})
	t.Run("every metric that dashboard and alerts name is exposed", func(t *testing.T) { s.checkMonitors(t, c) })
}

// onlyAfterTrouble are metrics that a product which runs well does not show; Prometheus makes "up" itself.
var onlyAfterTrouble = []string{"up", "click2call_store_statements_failed_total", "temporal_request_failure_total"}

func (s *site) checkMonitors(t *testing.T, c *phoneCall) {
	// A workflow that no worker knows: its task fails, which is what one alert is about.
	lost, err := s.Temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "lost", TaskQueue: "click2call-calls"}, "Unknown")
	require.NoError(t, err)
	t.Cleanup(func() { // t's context is over by then
		assert.NoError(t, s.Temporal.TerminateWorkflow(context.Background(), lost.GetID(), "", "the test is over"))
	})
	s.checkLedgerUntil(t, func() bool { return strings.Contains(s.metrics(t), "click2call_ledger_checked_timestamp_seconds ") })
	queries, err := monitors.Read("../deploy")
	require.NoError(t, err)
	require.EventuallyWithT(t, func(collect *assert.CollectT) {
		text := s.metrics(t)
		for _, q := range queries {
			for _, name := range q.Metrics {
				if !slices.Contains(onlyAfterTrouble, name) {
					assert.Regexp(collect, `(?m)^`+regexp.QuoteMeta(name)+`[{ ]`, text, q.Where)
				}
			}
		}
	}, soon, another)
	text := s.metrics(t)
	for _, line := range []string{
		`click2call_calls_ended_total{call_status="ANSWERED",reason="customer_hangup"} 1`,
		`click2call_call_connected_to_answered_seconds_count 1`,
		`click2call_delivery_attempts_total{class="ok",trigger="automatic"} 1`,
		`click2call_delivery_end_to_acknowledged_seconds_count 1`,
		`click2call_http_requests_total{route="POST /api/c2c/click2call",status="200"} 1`,
		`click2call_ledger_calls{sum="acknowledged"} 1`,
		`click2call_ledger_unbalanced 0`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, c.number)
	require.NotContains(t, text, c.placed.CallID)
	require.Less(t, strings.Count(text, "\n"), 5000, "metrics of one process")
	t.Logf("%d lines of metrics, %d of them samples", strings.Count(text, "\n"), len(regexp.MustCompile(`(?m)^[a-z]`).FindAllString(text, -1)))
}
