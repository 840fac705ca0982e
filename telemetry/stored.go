package telemetry

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	// storedAge is how old the gauges may be: several scrapers, and a console, must not each count again.
	storedAge = 10 * time.Second
	// storedTimeout bounds what a scrape may cost the database.
	storedTimeout = 5 * time.Second
	// ledgerPast is how far back the ledger's sums go.
	ledgerPast = 24 * time.Hour
)

// Stored is what the gauges are read from; *store.Store is one.
type Stored interface {
	LiveByStatus(ctx context.Context) (map[call.Status]int, error)
	CountDeliveries(ctx context.Context) (store.DeliveryCounts, error)
	CountEndpoints(ctx context.Context) (store.EndpointCounts, error)
	LedgerSums(ctx context.Context, since time.Time) (store.LedgerSums, error)
	OverdueDeliveries(ctx context.Context, at time.Time) (int, error)
	// LedgerCheck returns store.ErrNotFound before the first check.
	LedgerCheck(ctx context.Context) (store.LedgerCheck, error)
}

// Watch adds the gauges that are read from the database at a scrape, at most every ten seconds.
func (m *Metrics) Watch(s Stored, log zerolog.Logger) {
	m.registry.MustRegister(&stored{from: s, log: log})
}

var (
	storeUp       = gauge("click2call_store_up", "1 when the database answered the latest reading of the gauges; 0: the other gauges of the database are left out.")
	callsLive     = gauge("click2call_calls_live", "Calls that live now.", "status")
	deliveries    = gauge("click2call_deliveries", "Outcomes that have not arrived: pending, parked (held back), or dead.", "state")
	oldestWaiting = gauge("click2call_delivery_oldest_waiting_seconds", "Age of the oldest outcome that is pending or parked; 0 when none is.")
	overdue       = gauge("click2call_deliveries_overdue", "Outcomes whose webhook attempt should have been made more than a minute ago; those that are parked are not among them.")
	endpoints     = gauge("click2call_endpoints", "Webhook URLs by their breaker: well or failing (it is closed), or open (deliveries are parked).", "state")

	ledgerCalls      = gauge("click2call_ledger_calls", "The ledger of the calls of the last 24 hours: accepted = outcomes + live, outcomes = acknowledged + waiting + parked + dead.", "sum")
	ledgerUnbalanced = gauge("click2call_ledger_unbalanced", "1 when the ledger does not add up: something is lost.")
	ledgerUnresolved = gauge("click2call_ledger_unresolved", "Calls and deliveries whose workflow is gone and that could not be healed yet.")
	ledgerCheckedAt  = gauge("click2call_ledger_checked_timestamp_seconds", "When the ledger was last checked against Temporal.")
	ledgerHealed     = prometheus.NewDesc("click2call_ledger_healed_total", "Calls and deliveries that had lost their workflow and were healed.", []string{"kind"}, nil)
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// stored collects the gauges. Collect may be called by several scrapes at once: one reads, the others wait for it.
type stored struct {
	from Stored
	log  zerolog.Logger

	mu      sync.Mutex
	readAt  time.Time
	reading reading
	failed  bool
}

type reading struct {
	live       map[call.Status]int
	deliveries store.DeliveryCounts
	overdue    int
	endpoints  store.EndpointCounts
	sums       store.LedgerSums
	check      *store.LedgerCheck
}

// Describe implements prometheus.Collector.
func (s *stored) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{storeUp, callsLive, deliveries, oldestWaiting, overdue, endpoints, ledgerCalls, ledgerUnbalanced,
		ledgerUnresolved, ledgerCheckedAt, ledgerHealed} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (s *stored) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.readAt) >= storedAge {
		var err error
		if s.reading, err = s.read(); err != nil {
			s.log.Warn().Err(err).Msg("cannot read the gauges of the database")
		}
		s.failed, s.readAt = err != nil, time.Now()
	}
	send := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	if s.failed {
		send(storeUp, 0)
		return
	}
	send(storeUp, 1)
	s.reading.send(send)
	if c := s.reading.check; c != nil {
		ch <- prometheus.MustNewConstMetric(ledgerHealed, prometheus.CounterValue, float64(c.CallsEndedTotal), "call")
		ch <- prometheus.MustNewConstMetric(ledgerHealed, prometheus.CounterValue, float64(c.DeliveriesStartedTotal), "delivery")
	}
}

func (r reading) send(send func(*prometheus.Desc, float64, ...string)) {
	for _, status := range []call.Status{call.StatusCreated, call.StatusRinging, call.StatusAnswered} {
		send(callsLive, float64(r.live[status]), string(status))
	}
	d := r.deliveries
	send(deliveries, float64(d.Waiting-d.Parked), string(store.DeliveryPending))
	send(deliveries, float64(d.Parked), string(store.DeliveryParked))
	send(deliveries, float64(d.Dead), string(store.DeliveryDead))
	age := 0.0
	if d.OldestWaitingAt != nil {
		age = max(0, time.Since(*d.OldestWaitingAt).Seconds())
	}
	send(oldestWaiting, age)
	send(overdue, float64(r.overdue))
	send(endpoints, float64(r.endpoints.Well), "well")
	send(endpoints, float64(r.endpoints.Failing), "failing")
	send(endpoints, float64(r.endpoints.Open), "open")
	for sum, n := range map[string]int{
		"accepted": r.sums.Accepted, "live": r.sums.Live, "outcomes": r.sums.Outcomes, "acknowledged": r.sums.Acknowledged,
		"waiting": r.sums.Waiting, "parked": r.sums.Parked, "dead": r.sums.Dead, "missing": r.sums.Missing,
	} {
		send(ledgerCalls, float64(n), sum)
	}
	unbalanced := 0.0
	if !r.sums.Balanced() {
		unbalanced = 1
	}
	send(ledgerUnbalanced, unbalanced)
	if r.check != nil {
		send(ledgerUnresolved, float64(len(r.check.Unresolved)))
		send(ledgerCheckedAt, float64(r.check.At.Unix()))
	}
}

func (s *stored) read() (r reading, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), storedTimeout)
	defer cancel()
	var check store.LedgerCheck
	if r.live, err = s.from.LiveByStatus(ctx); err != nil {
		return r, err
	}
	if r.deliveries, err = s.from.CountDeliveries(ctx); err != nil {
		return r, err
	}
	if r.overdue, err = s.from.OverdueDeliveries(ctx, time.Now()); err != nil {
		return r, err
	}
	if r.endpoints, err = s.from.CountEndpoints(ctx); err != nil {
		return r, err
	}
	if r.sums, err = s.from.LedgerSums(ctx, time.Now().Add(-ledgerPast)); err != nil {
		return r, err
	}
	switch check, err = s.from.LedgerCheck(ctx); {
	case errors.Is(err, store.ErrNotFound):
		return r, nil
	case err == nil:
		r.check = &check
	}
	return r, err
}
