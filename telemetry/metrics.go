package telemetry

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
)

// Metrics are the product's metrics. Counters and histograms are this process's own: sum them over all processes. Gauges of
// what is in the database (see stored) are the same in every process: take their maximum. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry

	ended            *prometheus.CounterVec
	dialUnlisted     *prometheus.CounterVec
	connecting       prometheus.Histogram
	answering        prometheus.Histogram
	attempts         *prometheus.CounterVec
	attemptTook      prometheus.Histogram
	acknowledging    prometheus.Histogram
	watchRound       prometheus.Gauge
	watchLate        prometheus.Gauge
	sweepsFailed     *prometheus.CounterVec
	events           *prometheus.CounterVec
	alerts           *prometheus.CounterVec
	liveKit          *prometheus.HistogramVec
	statements       *prometheus.HistogramVec
	statementsFailed *prometheus.CounterVec
	requests         *prometheus.CounterVec
	requestTook      *prometheus.HistogramVec
}

// Buckets, in seconds: of what people wait for, and of what programs do.
var (
	peopleBuckets  = []float64{.5, 1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300}
	requestBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	deliverBuckets = []float64{.05, .1, .2, .5, 1, 2.5, 5, 15, 60, 300, 1800, 7200, 43200, 86400, 259200}
)

// NewMetrics returns metrics with nothing counted. version is the program's.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		ended: counter("click2call_calls_ended_total", "Calls that got their outcome.",
			"call_status", "reason"),
		dialUnlisted: counter("click2call_dial_replies_unlisted_total",
			"Replies of LiveKit's to a dial that no rule knows, by Twirp code: a new LiveKit says something new.", "code"),
		connecting: histogram("click2call_call_accepted_to_connected_seconds",
			"From /click2call to the agent's /connect, of calls that were connected.", peopleBuckets),
		answering: histogram("click2call_call_connected_to_answered_seconds",
			"From the agent's /connect to the customer's answer, of calls that were answered.", peopleBuckets),
		attempts: counter("click2call_delivery_attempts_total",
			"Webhook attempts by what caused them and how they went: class is ok, or why the attempt failed.", "trigger", "class"),
		attemptTook: histogram("click2call_delivery_attempt_seconds", "How long a webhook attempt took.", requestBuckets),
		acknowledging: histogram("click2call_delivery_end_to_acknowledged_seconds",
			"From the end of a call to the CRM's 2xx to its webhook.", deliverBuckets),
		watchRound: prometheus.NewGauge(prometheus.GaugeOpts{Name: "click2call_watch_round_timestamp_seconds",
			Help: "When this process last went round the rooms of all live calls; 0: never. One process at a time does it: take the maximum."}),
		watchLate: prometheus.NewGauge(prometheus.GaugeOpts{Name: "click2call_watch_late_seconds",
			Help: "How much later than it should be the room is looked into whose turn is most overdue; 0 in processes that do not watch: take the maximum."}),
		sweepsFailed: counter("click2call_sweeps_failed_total",
			"Searches for rooms of calls that are over that could not be made: of the last minutes' calls, or through all of LiveKit's rooms.", "rooms"),
		events: counter("click2call_events_total",
			"Attempts to tell an endpoint of a call under way or of a trunk, sent or failed, and the events that were dropped because they were too old.",
			"type", "result"),
		alerts: counter("click2call_alerts_total", "Alerts to operators, once for each change.", "kind"),
		liveKit: histograms("click2call_livekit_request_seconds",
			"LiveKit's requests by method and Twirp code. CreateSIPParticipant holds the time that the phone rang.", requestBuckets, "method", "code"),
		statements: histograms("click2call_store_statement_seconds",
			"Database statements by verb and first table.", requestBuckets, "statement"),
		statementsFailed: counter("click2call_store_statements_failed_total", "Database statements that failed.", "statement"),
		requests: counter("click2call_http_requests_total", "HTTP requests that were answered.",
			"route", "status"),
		requestTook: histograms("click2call_http_request_seconds", "How long HTTP requests took, but for streams.", requestBuckets, "route"),
	}
	// A counter that appears with its first count shows no increase, and its alert would miss the first one.
	for _, status := range []call.CallStatus{call.Answered, call.NotAnswered, call.Failed} {
		for _, reason := range status.Reasons() {
			m.ended.WithLabelValues(string(status), string(reason))
		}
	}
	for _, code := range []string{"aborted", "canceled", "data_loss", "deadline_exceeded", "failed_precondition", "internal", "unavailable", "unknown"} {
		m.dialUnlisted.WithLabelValues(code)
	}
	for _, t := range call.EventTypes() {
		for _, result := range []string{"sent", "failed", "dropped"} {
			if t != call.EventCallEnded { // a delivery
				m.events.WithLabelValues(string(t), result)
			}
		}
	}
	for _, rooms := range []string{sweptRecent, sweptAll} {
		m.sweepsFailed.WithLabelValues(rooms)
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "click2call_build_info", Help: "Always 1; the label says which version runs.",
		ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.ended, m.dialUnlisted, m.connecting, m.answering, m.attempts, m.attemptTook, m.acknowledging, m.events, m.alerts, m.watchRound, m.watchLate, m.sweepsFailed, m.liveKit,
		m.statements, m.statementsFailed, m.requests, m.requestTook, build,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets})
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}

// Handler answers GET /metrics. A scrape waits at most 10 s, and what cannot be read is left out of it.
func (m *Metrics) Handler(log zerolog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog: scrapeLog{log}, ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
		EnableOpenMetrics: true,
	})
}

type scrapeLog struct{ zerolog.Logger }

func (l scrapeLog) Println(v ...any) { l.Warn().Any("cause", v).Msg("some metrics cannot be read") }

// CallEnded counts a call's outcome. connected is nil when nobody was dialed.
func (m *Metrics) CallEnded(created time.Time, connected *time.Time, o call.Outcome) {
	m.ended.WithLabelValues(string(o.CallStatus), string(o.Reason)).Inc()
	if connected == nil {
		return
	}
	m.connecting.Observe(connected.Sub(created).Seconds())
	if o.AnsweredAt != nil {
		m.answering.Observe(o.AnsweredAt.Sub(*connected).Seconds())
	}
}

// DialReplyUnlisted counts a reply to a dial that no rule knows, by Twirp code.
func (m *Metrics) DialReplyUnlisted(code string) { m.dialUnlisted.WithLabelValues(code).Inc() }

// Attempt counts a webhook attempt. class is empty when it went well.
func (m *Metrics) Attempt(trigger, class string, took time.Duration) {
	if class == "" {
		class = "ok"
	}
	m.attempts.WithLabelValues(trigger, class).Inc()
	m.attemptTook.Observe(took.Seconds())
}

// Event counts attempts to tell an endpoint of a call under way or of a trunk.
func (m *Metrics) Event(t call.EventType, result string, n int) {
	m.events.WithLabelValues(string(t), result).Add(float64(n))
}

// Acknowledged measures how long after the call's end the CRM had its outcome.
func (m *Metrics) Acknowledged(afterEnd time.Duration) { m.acknowledging.Observe(afterEnd.Seconds()) }

// WatchRound implements activities.WatchObserver.
func (m *Metrics) WatchRound() { m.watchRound.SetToCurrentTime() }

// WatchLate implements activities.WatchObserver.
func (m *Metrics) WatchLate(late time.Duration) { m.watchLate.Set(late.Seconds()) }

// Which rooms a sweep looks for.
const (
	sweptRecent = "recent"
	sweptAll    = "all"
)

// SweepFailed implements activities.WatchObserver.
func (m *Metrics) SweepFailed(whole bool) {
	rooms := sweptRecent
	if whole {
		rooms = sweptAll
	}
	m.sweepsFailed.WithLabelValues(rooms).Inc()
}

// Alerts counts alerts of a kind.
func (m *Metrics) Alerts(kind string, n int) { m.alerts.WithLabelValues(kind).Add(float64(n)) }

// LiveKitRequest implements livekit.Observer.
func (m *Metrics) LiveKitRequest(method, code string, took time.Duration) {
	m.liveKit.WithLabelValues(method, code).Observe(took.Seconds())
}

// Statement implements store.Observer.
func (m *Metrics) Statement(group string, took time.Duration, failed bool) {
	m.statements.WithLabelValues(group).Observe(took.Seconds())
	if failed {
		m.statementsFailed.WithLabelValues(group).Inc()
	}
}

// HTTPRequest counts a request. route is the pattern that matched, never the path; empty when none did. took is 0 for a stream.
func (m *Metrics) HTTPRequest(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	if status == 0 { // nothing was written: net/http says 200
		status = http.StatusOK
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	if took > 0 {
		m.requestTook.WithLabelValues(route).Observe(took.Seconds())
	}
}
