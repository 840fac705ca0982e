package telemetry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/lab/monitors"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/telemetry"
)

// database is what the gauges are read from.
type database struct {
	err   error // of the live calls
	away  error
	reads int
	sums  store.LedgerSums
}

func (d *database) LiveByStatus(context.Context) (map[call.Status]int, error) {
	d.reads++
	return map[call.Status]int{call.StatusRinging: 3}, d.err
}

func (d *database) CountDeliveries(context.Context) (store.DeliveryCounts, error) {
	oldest := time.Now().Add(-time.Hour)
	return store.DeliveryCounts{Waiting: 7, Parked: 5, Dead: 2, OldestWaitingAt: &oldest}, nil
}

func (d *database) OverdueDeliveries(context.Context, time.Time) (int, error) { return 6, nil }

func (d *database) CountEndpoints(context.Context) (store.EndpointCounts, error) {
	return store.EndpointCounts{Well: 4, Open: 1}, nil
}

func (d *database) LedgerSums(context.Context, time.Time) (store.LedgerSums, error) {
	return d.sums, nil
}

func (d *database) LedgerCheck(context.Context) (store.LedgerCheck, error) {
	return store.LedgerCheck{At: time.Unix(1_790_000_000, 0), CallsEndedTotal: 4, Unresolved: []string{"c2c_x"}}, nil
}

func (d *database) LedgerBrake(context.Context) (store.LedgerBrake, error) {
	return store.LedgerBrake{HeldSince: new(time.Now()), Gone: 21, Live: 30}, nil
}

func (d *database) TrunkNumbers(context.Context, time.Time) (map[string]call.TrunkNumbers, error) {
	return map[string]call.TrunkNumbers{"trk_a": {Seizures: 100, Answered: 60, Effective: 90, Over: 50, Short: 4}}, nil
}

func (d *database) OpenBreakers(context.Context) ([]store.TrunkBreaker, error) {
	return []store.TrunkBreaker{{TrunkID: "trk_a"}}, nil
}

func (d *database) DialFaults(context.Context) ([]store.DialFault, error) {
	since := time.Now().Add(-time.Minute)
	return []store.DialFault{
		{TrunkID: "trk_a", Kind: store.FaultTrunkUnknown, Signs: 5, Since: since, SeenAt: time.Now()},
		{TrunkID: "trk_b", Kind: store.FaultTrunkLogin, Signs: 1, Since: since, SeenAt: since},
	}, nil
}

func (d *database) Ping(context.Context) error { return d.away }

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler(zerolog.Nop()).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, w.Code)
	body, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	return string(body)
}

// used is metrics in which everything has happened once.
func used(d *database) *telemetry.Metrics {
	m := telemetry.NewMetrics("1.2.3")
	m.Watch(d, zerolog.Nop())
	created := time.Unix(1_790_000_000, 0)
	connected, answered := created.Add(3*time.Second), created.Add(10*time.Second)
	m.CallEnded(created, &connected, call.Outcome{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, AnsweredAt: &answered})
	m.CallEnded(created, nil, call.Outcome{CallStatus: call.Failed, Reason: call.ReasonNeverConnected})
	m.DialReplyUnlisted("internal")
	m.Attempt("automatic", "timeout", 15*time.Second)
	m.Attempt("replay", "", time.Second)
	m.Acknowledged(20 * time.Second)
	m.WatchRound()
	m.WatchLate(42 * time.Second)
	m.SweepFailed(true)
	m.Alerts("endpoint_failing", 0)
	m.Alerts("delivery_dead", 1)
	m.LiveKitRequest("ListParticipants", "unavailable", 3*time.Millisecond)
	m.Statement("select calls", time.Millisecond, true)
	m.HTTPRequest("POST /api/c2c/click2call", 503, 30*time.Millisecond)
	m.HTTPRequest("", 404, time.Millisecond)
	m.HTTPRequest("GET /api/admin/events", 0, 0)
	return m
}

func TestWhatIsCounted(t *testing.T) {
	t.Parallel()
	text := scrape(t, used(&database{sums: store.LedgerSums{Accepted: 9, Live: 3, Outcomes: 6, Acknowledged: 6}}))
	for _, line := range []string{
		`click2call_calls_ended_total{call_status="ANSWERED",reason="customer_hangup"} 1`,
		`click2call_calls_ended_total{call_status="FAILED",reason="dial_state_unknown"} 0`,
		`click2call_dial_replies_unlisted_total{code="internal"} 1`,
		`click2call_dial_replies_unlisted_total{code="failed_precondition"} 0`,
		`click2call_call_accepted_to_connected_seconds_sum 3`,
		`click2call_call_accepted_to_connected_seconds_count 1`,
		`click2call_call_connected_to_answered_seconds_sum 7`,
		`click2call_delivery_attempts_total{class="timeout",trigger="automatic"} 1`,
		`click2call_delivery_attempts_total{class="ok",trigger="replay"} 1`,
		`click2call_delivery_end_to_acknowledged_seconds_sum 20`,
		`click2call_alerts_total{kind="endpoint_failing"} 0`,
		`click2call_alerts_total{kind="delivery_dead"} 1`,
		`click2call_livekit_request_seconds_count{code="unavailable",method="ListParticipants"} 1`,
		`click2call_store_statement_seconds_count{statement="select calls"} 1`,
		`click2call_store_statements_failed_total{statement="select calls"} 1`,
		`click2call_http_requests_total{route="POST /api/c2c/click2call",status="503"} 1`,
		`click2call_http_requests_total{route="none",status="404"} 1`,
		`click2call_http_requests_total{route="GET /api/admin/events",status="200"} 1`,
		`click2call_store_up 1`,
		`click2call_calls_live{status="ringing"} 3`,
		`click2call_calls_live{status="answered"} 0`,
		`click2call_deliveries{state="pending"} 2`,
		`click2call_deliveries{state="parked"} 5`,
		`click2call_deliveries{state="dead"} 2`,
		`click2call_deliveries_overdue 6`,
		`click2call_endpoints{state="well"} 4`,
		`click2call_endpoints{state="failing"} 0`,
		`click2call_endpoints{state="open"} 1`,
		`click2call_ledger_calls{sum="accepted"} 9`,
		`click2call_ledger_unbalanced 0`,
		`click2call_ledger_unresolved 1`,
		`click2call_ledger_held_calls 21`,
		`click2call_store_gauges_unread 0`,
		`click2call_ledger_checked_timestamp_seconds 1.79e+09`,
		`click2call_ledger_healed_total{kind="call"} 4`,
		`click2call_watch_late_seconds 42`,
		`click2call_sweeps_failed_total{rooms="all"} 1`,
		`click2call_sweeps_failed_total{rooms="recent"} 0`,
		`click2call_build_info{version="1.2.3"} 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.Regexp(t, `click2call_delivery_oldest_waiting_seconds 360\d\.\d`, text)
	require.Regexp(t, `click2call_watch_round_timestamp_seconds 1\.\d+e\+09`, text)
	require.NotContains(t, text, `click2call_http_request_seconds_count{route="GET /api/admin/events"}`, "a stream's length says nothing")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	require.NoError(t, err)
	for _, p := range problems {
		require.True(t, strings.HasPrefix(p.Metric, "go_") || strings.HasPrefix(p.Metric, "process_"), "%s: %s", p.Metric, p.Text)
	}
}

func TestAnUnbalancedLedgerShows(t *testing.T) {
	t.Parallel()
	require.Contains(t, scrape(t, used(&database{sums: store.LedgerSums{Accepted: 9, Outcomes: 6, Acknowledged: 6}})), "click2call_ledger_unbalanced 1\n")
}

// A database that is away must show, and must not be asked by every scraper again.
func TestScrapeWithoutADatabase(t *testing.T) {
	t.Parallel()
	d := &database{away: errors.New("down")}
	m := used(d)
	text := scrape(t, m)
	require.Contains(t, text, "click2call_store_up 0\n")
	require.Contains(t, text, "click2call_http_requests_total{")
	scrape(t, m)
	require.Equal(t, 1, d.reads)
}

// One gauge that cannot be read, the sums of a busy day for example, hides no other, and does not look like a database that is away.
func TestAGaugeFailsAlone(t *testing.T) {
	t.Parallel()
	text := scrape(t, used(&database{err: errors.New("canceling statement due to statement timeout")}))
	require.NotContains(t, text, "click2call_calls_live{", "what cannot be read is not shown as it was")
	for _, line := range []string{"click2call_store_up 1", "click2call_store_gauges_unread 1", `click2call_deliveries{state="dead"} 2`, "click2call_ledger_unresolved 1"} {
		require.Contains(t, text, line+"\n")
	}
}

// Every metric of ours that the dashboard and the alerts name is there.
func TestMonitorsNameWhatIsExposed(t *testing.T) {
	t.Parallel()
	text := scrape(t, used(&database{}))
	queries, err := monitors.Read("../deploy")
	require.NoError(t, err)
	ours := 0
	for _, q := range queries {
		for _, name := range q.Metrics {
			if strings.HasPrefix(name, "click2call_") {
				require.Regexp(t, `(?m)^`+name+`[{ ]`, text, "%s asks for %s", q.Where, name)
				ours++
			}
		}
	}
	require.Greater(t, ours, 30)
}
