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
	LedgerBrake(ctx context.Context) (store.LedgerBrake, error)
	DialFaults(ctx context.Context) ([]store.DialFault, error)
	TrunkNumbers(ctx context.Context, since time.Time) (map[string]call.TrunkNumbers, error)
	OpenBreakers(ctx context.Context) ([]store.TrunkBreaker, error)
	Ping(ctx context.Context) error
	// LedgerCheck returns store.ErrNotFound before the first check.
	LedgerCheck(ctx context.Context) (store.LedgerCheck, error)
}

// Watch adds the gauges that are read from the database at a scrape, at most every ten seconds.
func (m *Metrics) Watch(s Stored, log zerolog.Logger) {
	m.registry.MustRegister(&stored{from: s, log: log})
}

var (
	storeUp       = gauge("click2call_store_up", "1 when the database answered.")
	unread        = gauge("click2call_store_gauges_unread", "Groups of the database's gauges that could not be read, and are left out.")
	callsLive     = gauge("click2call_calls_live", "Calls that live now.", "status")
	deliveries    = gauge("click2call_deliveries", "Outcomes that have not arrived: pending (waiting for retry), parked (on hold), or dead (failed for good).", "state")
	oldestWaiting = gauge("click2call_delivery_oldest_waiting_seconds", "Age of the oldest outcome that waits for retry or is on hold; 0 when none is.")
	overdue       = gauge("click2call_deliveries_overdue", "Outcomes whose webhook attempt should have been made more than a minute ago; those on hold are not among them.")
	endpoints     = gauge("click2call_endpoints", "Webhook URLs by their breaker: well or failing (it is closed), or open (deliveries are on hold).", "state")
	dialFaults    = gauge("click2call_dial_faults", "Trunks that nothing can be dialed through, for certain, by why; no_sip_service is 1 when that is so of all.", "kind")
	trunkDials    = gauge("click2call_trunk_dials", "Dials of the last hour through a trunk, by its id: seizures that have an end, of them answered and effective (E.425); answered calls that are over, of them short (12 s at the most).", "trunk", "count")
	trunksOpen    = gauge("click2call_trunks_open", "Trunks whose breaker is open: many of their dials fail, and calls prefer other trunks.")

	ledgerCalls      = gauge("click2call_ledger_calls", "The ledger of the calls of the last 24 hours: accepted = outcomes + live, outcomes = acknowledged + waiting + parked (on hold) + dead (failed for good).", "sum")
	ledgerUnbalanced = gauge("click2call_ledger_unbalanced", "1 when the ledger does not add up: something is lost.")
	ledgerUnresolved = gauge("click2call_ledger_unresolved", "Calls and deliveries whose workflow is gone and that could not be repaired yet.")
	ledgerCheckedAt  = gauge("click2call_ledger_checked_timestamp_seconds", "When the ledger was last checked against Temporal.")
	ledgerHeld       = gauge("click2call_ledger_held_calls", "Calls that seem to have lost their workflow, and that the ledger does not end before an operator says so, because they are too many.")
	ledgerHealed     = prometheus.NewDesc("click2call_ledger_healed_total", "Calls and deliveries that had lost their workflow and were repaired.", []string{"kind"}, nil)
)

func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// send hands one value on.
type send func(d *prometheus.Desc, value float64, labels ...string)

// group are gauges that one question to the database answers. read returns how to send its answer.
type group struct {
	name string
	read func(ctx context.Context, from Stored) (func(send), error)
}

// groups fail each for itself: a slow sum must not hide that deliveries are dead.
var groups = []group{
	{"live calls", readLive},
	{"deliveries", readDeliveries},
	{"overdue deliveries", readOverdue},
	{"endpoints", readEndpoints},
	{"the ledger's sums", readSums},
	{"the ledger's check", readCheck},
	{"the ledger's brake", readBrake},
	{"dial faults", readFaults},
	{"breakers", readBreakers},
	{"trunks' numbers", readTrunkNumbers},
}

// stored collects the gauges. Collect may be called by several scrapes at once: one reads, the others wait for it.
type stored struct {
	from Stored
	log  zerolog.Logger

	mu      sync.Mutex
	readAt  time.Time
	up      bool
	answers []func(send) // nil: that group could not be read
}

// Describe implements prometheus.Collector.
func (s *stored) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{storeUp, unread, callsLive, deliveries, oldestWaiting, overdue, endpoints, ledgerCalls, ledgerUnbalanced,
		ledgerUnresolved, ledgerCheckedAt, ledgerHealed, ledgerHeld, dialFaults, trunksOpen, trunkDials} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (s *stored) Collect(ch chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.readAt) >= storedAge {
		s.read()
		s.readAt = time.Now()
	}
	hand := func(d *prometheus.Desc, value float64, labels ...string) {
		kind := prometheus.GaugeValue
		if d == ledgerHealed {
			kind = prometheus.CounterValue
		}
		ch <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	missing := 0
	for _, answer := range s.answers {
		if answer == nil {
			missing++
			continue
		}
		answer(hand)
	}
	hand(storeUp, truth(s.up))
	hand(unread, float64(missing))
}

// read asks for all groups at the same time. Only the ping says whether the database is there.
func (s *stored) read() {
	ctx, cancel := context.WithTimeout(context.Background(), storedTimeout)
	defer cancel()
	s.answers = make([]func(send), len(groups))
	var all sync.WaitGroup
	for i, g := range groups {
		all.Go(func() {
			answer, err := g.read(ctx, s.from)
			if err != nil {
				s.log.Warn().Err(err).Str("gauges", g.name).Msg("cannot read gauges of the database")
				return
			}
			s.answers[i] = answer
		})
	}
	s.up = s.from.Ping(ctx) == nil
	all.Wait()
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func readLive(ctx context.Context, from Stored) (func(send), error) {
	live, err := from.LiveByStatus(ctx)
	return func(send send) {
		for _, status := range []call.Status{call.StatusCreated, call.StatusQueued, call.StatusRinging, call.StatusAnswered} {
			send(callsLive, float64(live[status]), string(status))
		}
	}, err
}

func readDeliveries(ctx context.Context, from Stored) (func(send), error) {
	d, err := from.CountDeliveries(ctx)
	return func(send send) {
		send(deliveries, float64(d.Waiting-d.Parked), string(store.DeliveryPending))
		send(deliveries, float64(d.Parked), string(store.DeliveryParked))
		send(deliveries, float64(d.Dead), string(store.DeliveryDead))
		age := 0.0
		if d.OldestWaitingAt != nil {
			age = max(0, time.Since(*d.OldestWaitingAt).Seconds())
		}
		send(oldestWaiting, age)
	}, err
}

func readOverdue(ctx context.Context, from Stored) (func(send), error) {
	late, err := from.OverdueDeliveries(ctx, time.Now())
	return func(send send) { send(overdue, float64(late)) }, err
}

func readEndpoints(ctx context.Context, from Stored) (func(send), error) {
	e, err := from.CountEndpoints(ctx)
	return func(send send) {
		send(endpoints, float64(e.Well), "well")
		send(endpoints, float64(e.Failing), "failing")
		send(endpoints, float64(e.Open), "open")
	}, err
}

func readSums(ctx context.Context, from Stored) (func(send), error) {
	sums, err := from.LedgerSums(ctx, time.Now().Add(-ledgerPast))
	return func(send send) {
		for sum, n := range map[string]int{
			"accepted": sums.Accepted, "live": sums.Live, "outcomes": sums.Outcomes, "acknowledged": sums.Acknowledged,
			"waiting": sums.Waiting, "parked": sums.Parked, "dead": sums.Dead, "missing": sums.Missing,
		} {
			send(ledgerCalls, float64(n), sum)
		}
		send(ledgerUnbalanced, truth(!sums.Balanced()))
	}, err
}

func readCheck(ctx context.Context, from Stored) (func(send), error) {
	c, err := from.LedgerCheck(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return func(send) {}, nil
	}
	return func(send send) {
		send(ledgerUnresolved, float64(len(c.Unresolved)))
		send(ledgerCheckedAt, float64(c.At.Unix()))
		send(ledgerHealed, float64(c.CallsEndedTotal), "call")
		send(ledgerHealed, float64(c.DeliveriesStartedTotal), "delivery")
	}, err
}

func readBrake(ctx context.Context, from Stored) (func(send), error) {
	brake, err := from.LedgerBrake(ctx)
	held := 0
	if brake.HeldSince != nil && !brake.Released(time.Now()) {
		held = brake.Gone
	}
	return func(send send) { send(ledgerHeld, float64(held)) }, err
}

func readTrunkNumbers(ctx context.Context, from Stored) (func(send), error) {
	all, err := from.TrunkNumbers(ctx, time.Now().Add(-time.Hour))
	return func(send send) {
		for id, n := range all {
			for count, v := range map[string]int{"seizures": n.Seizures, "answered": n.Answered, "effective": n.Effective, "over": n.Over, "short": n.Short} {
				send(trunkDials, float64(v), id, count)
			}
		}
	}, err
}

func readBreakers(ctx context.Context, from Stored) (func(send), error) {
	open, err := from.OpenBreakers(ctx)
	return func(send send) { send(trunksOpen, float64(len(open))) }, err
}

func readFaults(ctx context.Context, from Stored) (func(send), error) {
	faults, err := from.DialFaults(ctx)
	held := map[store.FaultKind]int{}
	for _, f := range faults {
		if f.Holds(time.Now()) {
			held[f.Kind]++
		}
	}
	return func(send send) {
		for _, kind := range store.FaultKinds() {
			send(dialFaults, float64(held[kind]), string(kind))
		}
	}, err
}
