package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	// ledgerAge is the age from which a call, or a delivery, must have a workflow: younger ones may just be on their way.
	ledgerAge = 15 * time.Second
	// ledgerPage is how many live calls are read at once; ledgerDeliveries how many waiting deliveries a check looks at, oldest first.
	ledgerPage       = 1000
	ledgerDeliveries = 20_000
	// ledgerHeals bounds what one check heals, and how many workflows it asks for one by one. The next check goes on.
	ledgerHeals = 500
	// askEach is the number of workflows up to which each is asked for. Beyond it Temporal's list, which may lag behind by
	// seconds, says first which ones run.
	askEach = 50
	// ledgerPast is how far back the sums go.
	ledgerPast = 24 * time.Hour
)

// Fate is how a workflow stands.
type Fate struct {
	Running    bool
	Terminated bool      // by an operator
	ClosedAt   time.Time // zero when nobody knows: Temporal does not have the workflow any more
}

// LedgerStore is what the ledger needs of the store.
type LedgerStore interface {
	LedgerSums(ctx context.Context, since time.Time) (store.LedgerSums, error)
	LiveBefore(ctx context.Context, accepted time.Time, after call.ID, limit int) ([]call.ID, error)
	WaitingBefore(ctx context.Context, created time.Time, limit int) ([]store.WaitingDelivery, error)
	KeepLedgerCheck(ctx context.Context, c store.LedgerCheck) error
	// LedgerCheck returns store.ErrNotFound before the first check.
	LedgerCheck(ctx context.Context) (store.LedgerCheck, error)
}

// LedgerTemporal is what the ledger asks of Temporal; package workflows implements it.
type LedgerTemporal interface {
	// StartWatch makes sure that the Watch runs, and reports whether it did not.
	StartWatch(ctx context.Context) (started bool, err error)
	// FateOfCall says how a call's workflow stands.
	FateOfCall(ctx context.Context, id call.ID) (Fate, error)
	FateOfDelivery(ctx context.Context, eventID string) (Fate, error)
	// RunningCalls and RunningDeliveries list what runs, as Temporal's list has it, which may be seconds old.
	RunningCalls(ctx context.Context) (map[call.ID]bool, error)
	RunningDeliveries(ctx context.Context) (map[string]bool, error)
}

// Ledgering holds the activity that checks the store against Temporal. Register it once on a worker of the calls task queue.
type Ledgering struct {
	Store      LedgerStore
	Temporal   LedgerTemporal
	Calling    *Calling    // ends calls
	Delivering *Delivering // starts deliveries, and the watch over an endpoint
	Alerts     Alerter
	Log        zerolog.Logger
	Age        time.Duration // 0 means 15 seconds: see ledgerAge
}

// LedgerReport is what a check shows in Temporal Web.
type LedgerReport struct {
	Sums              store.LedgerSums `json:"sums_of_24h"`
	Balanced          bool             `json:"balanced"`
	CallsChecked      int              `json:"calls_checked"`
	DeliveriesChecked int              `json:"deliveries_checked"`
	CallsEnded        int              `json:"calls_ended"`
	DeliveriesStarted int              `json:"deliveries_started"`
	WatchStarted      bool             `json:"watch_started,omitempty"`
	Unresolved        []string         `json:"unresolved,omitempty"`
}

// CheckLedger looks whether every live call and every waiting delivery has a workflow that runs. A call without one is ended:
// its room is deleted and it gets its one outcome. A delivery without one is started again, and so is the watch over an
// endpoint that is held back, and the Watch. What cannot be healed is told to operators, once.
//
// Idempotent: outcomes, deliveries and watches are unique. Time limit 4 minutes; it heartbeats. What it does not get done the
// next check does.
func (l *Ledgering) CheckLedger(ctx context.Context) (LedgerReport, error) {
	defer beat(ctx)()
	check := &ledgerCheck{Ledgering: l, before: time.Now().Add(-l.age())}
	if err := errors.Join(check.watch(ctx), check.calls(ctx), check.deliveries(ctx)); err != nil {
		return LedgerReport{}, err
	}
	sums, err := l.Store.LedgerSums(ctx, time.Now().Add(-ledgerPast))
	if err != nil {
		return LedgerReport{}, err
	}
	earlier, err := l.Store.LedgerCheck(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return LedgerReport{}, err
	}
	check.At = time.Now().UTC()
	if err := l.Store.KeepLedgerCheck(ctx, check.LedgerCheck); err != nil {
		return LedgerReport{}, err
	}
	for _, alert := range ledgerAlerts(check.LedgerCheck, earlier.Unresolved, sums) {
		l.Alerts.Alert(ctx, alert)
	}
	return LedgerReport{Sums: sums, Balanced: sums.Balanced(), CallsChecked: check.CallsChecked, DeliveriesChecked: check.DeliveriesChecked,
		CallsEnded: check.CallsEnded, DeliveriesStarted: check.DeliveriesStarted, WatchStarted: check.watchStarted, Unresolved: check.Unresolved}, nil
}

func (l *Ledgering) age() time.Duration {
	if l.Age == 0 {
		return ledgerAge
	}
	return l.Age
}

// ledgerCheck is a check under way.
type ledgerCheck struct {
	*Ledgering
	store.LedgerCheck
	before       time.Time // what is younger is not looked at
	watchStarted bool
}

// watch starts the Watch when it does not run, and tells at once: nobody else notices, and without it a call whose events are
// lost stays open for its longest time.
func (c *ledgerCheck) watch(ctx context.Context) (err error) {
	if c.watchStarted, err = c.Temporal.StartWatch(ctx); err == nil && c.watchStarted {
		c.Alerts.Alert(ctx, Alert{Kind: AlertWatchStarted,
			Text: "Nobody looked into the rooms of live calls: the workflow that does was gone, and the ledger started it. Find out who ended it."})
	}
	return err
}

func (c *ledgerCheck) calls(ctx context.Context) error {
	live, err := c.live(ctx)
	if err != nil || len(live) == 0 {
		return err
	}
	c.CallsChecked = len(live)
	suspects, err := withoutWorkflow(ctx, live, c.Temporal.RunningCalls, func(id call.ID) call.ID { return id })
	if err != nil {
		return fmt.Errorf("list the running calls: %w", err)
	}
	for _, id := range suspects[:min(len(suspects), ledgerHeals)] {
		fate, err := c.Temporal.FateOfCall(ctx, id)
		if err != nil {
			return err
		}
		if fate.Running {
			continue
		}
		switch ended, err := c.end(ctx, id, fate); {
		case err != nil:
			c.Log.Warn().Err(err).Str("call_id", string(id)).Msg("cannot end a call whose workflow is gone; the next check tries again")
			c.Unresolved = append(c.Unresolved, string(id))
		case ended:
			c.CallsEnded++
		}
	}
	return ctx.Err()
}

func (c *ledgerCheck) live(ctx context.Context) ([]call.ID, error) {
	var live []call.ID
	for after := call.ID(""); ; after = live[len(live)-1] {
		page, err := c.Store.LiveBefore(ctx, c.before, after, ledgerPage)
		if err != nil {
			return nil, err
		}
		live = append(live, page...)
		if len(page) < ledgerPage {
			return live, nil
		}
		activity.RecordHeartbeat(ctx, len(live))
	}
}

// withoutWorkflow are those of all that Temporal's list does not show as running, or simply all when they are few.
func withoutWorkflow[T any, K comparable](ctx context.Context, all []T, list func(context.Context) (map[K]bool, error), key func(T) K) ([]T, error) {
	if len(all) <= askEach {
		return all, nil
	}
	running, err := list(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(one T) bool { return running[key(one)] }), nil
}

// end ends a call whose workflow is gone, and reports false when it had ended by itself.
func (c *ledgerCheck) end(ctx context.Context, id call.ID, fate Fate) (bool, error) {
	found, err := c.Calling.Outcomes.Call(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && found.Outcome != nil { // its workflow ended in this moment
		return false, nil
	}
	if err != nil {
		return false, err
	}
	room, err := c.Calling.HangUp(ctx, CallRef{CallID: id})
	if err == nil && !room.Closed {
		err = errors.New("its room could not be deleted")
	}
	if err != nil {
		return false, err
	}
	// The end of the dial may only just have been written down.
	if found, err = c.Calling.Outcomes.Call(ctx, id); err != nil {
		return false, err
	}
	reply, err := c.Calling.Replies.DialReply(ctx, id)
	if err != nil {
		return false, err
	}
	a := call.Abandoned{Call: found, Reply: reply, Leg: room.Leg, Terminated: fate.Terminated, GoneAt: fate.ClosedAt, ClosedAt: time.Now().UTC()}
	_, err = c.Calling.Record(ctx, RecordInput{CallID: id, Outcome: call.Classify(a.Evidence()), ConnectedAt: found.ConnectedAt,
		Timeline: a.Timeline(fate.words())})
	return err == nil, err
}

func (f Fate) words() string {
	switch {
	case f.Terminated:
		return "an operator terminated the call's workflow; the ledger ended the call"
	case f.ClosedAt.IsZero():
		return "Temporal does not have the call's workflow any more; the ledger ended the call"
	default:
		return "the call's workflow ended without an outcome; the ledger ended the call"
	}
}

func (c *ledgerCheck) deliveries(ctx context.Context) error {
	waiting, err := c.Store.WaitingBefore(ctx, c.before, ledgerDeliveries)
	if err != nil || len(waiting) == 0 {
		return err
	}
	c.DeliveriesChecked = len(waiting)
	if err := c.Delivering.watchHeld(ctx); err != nil {
		return err
	}
	suspects, err := withoutWorkflow(ctx, waiting, c.Temporal.RunningDeliveries, func(d store.WaitingDelivery) string { return d.EventID })
	if err != nil {
		return fmt.Errorf("list the running deliveries: %w", err)
	}
	for _, d := range suspects[:min(len(suspects), ledgerHeals)] {
		fate, err := c.Temporal.FateOfDelivery(ctx, d.EventID)
		if err != nil {
			return err
		}
		if fate.Running {
			continue
		}
		if err := c.restart(ctx, d); err != nil {
			c.Log.Warn().Err(err).Str("event_id", d.EventID).Msg("cannot start a delivery whose workflow is gone; the next check tries again")
			c.Unresolved = append(c.Unresolved, d.EventID)
		}
	}
	return ctx.Err()
}

// restart starts a delivery again, unless it came to its end in this moment.
func (c *ledgerCheck) restart(ctx context.Context, d store.WaitingDelivery) error {
	delivery, err := c.Delivering.Deliveries.Delivery(ctx, d.EventID)
	if err != nil {
		return err
	}
	if delivery.State != store.DeliveryPending && delivery.State != store.DeliveryParked {
		return nil
	}
	if err := c.Delivering.Workflows.Resume(ctx, d.EventID); err != nil {
		return err
	}
	c.Log.Warn().Str("call_id", string(d.CallID)).Str("event_id", d.EventID).Msg("started a delivery whose workflow was gone")
	c.DeliveriesStarted++
	return nil
}

// watchHeld makes sure that somebody watches over the endpoint while it is held back.
func (d *Delivering) watchHeld(ctx context.Context) error {
	endpoint, err := d.Endpoints.Endpoint(ctx, "")
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the endpoint: %w", err)
	}
	if !endpoint.Health.Open() && endpoint.State != store.EndpointPaused {
		return nil
	}
	return d.Workflows.WatchEndpoint(ctx, d.watchpoint(endpoint.ID, endpoint.Health.Holds))
}

// ledgerAlerts is what operators should hear of a check: what it healed, and what it could not heal that it could before.
func ledgerAlerts(c store.LedgerCheck, known []string, sums store.LedgerSums) []Alert {
	var alerts []Alert
	if c.CallsEnded+c.DeliveriesStarted > 0 {
		alerts = append(alerts, Alert{Kind: AlertLedgerHealed, Text: fmt.Sprintf(
			"The ledger ended %d calls and started %d deliveries whose workflows were gone. Nothing is lost; find out who ended the workflows.",
			c.CallsEnded, c.DeliveriesStarted)})
	}
	fresh := slices.DeleteFunc(slices.Clone(c.Unresolved), func(id string) bool { return slices.Contains(known, id) })
	if len(fresh) > 0 {
		alerts = append(alerts, Alert{Kind: AlertLedgerUnresolved, Text: fmt.Sprintf(
			"The ledger cannot heal %d calls or deliveries yet, the first is %s. It tries again every five minutes; the log says why.", len(fresh), fresh[0])})
	}
	if !sums.Balanced() {
		alerts = append(alerts, Alert{Kind: AlertLedgerUnbalanced, Text: fmt.Sprintf(
			"The ledger of the last 24 hours does not add up: %d calls accepted, %d live, %d outcomes; of these %d acknowledged, %d waiting, %d parked, %d dead, %d without a delivery.",
			sums.Accepted, sums.Live, sums.Outcomes, sums.Acknowledged, sums.Waiting, sums.Parked, sums.Dead, sums.Missing)})
	}
	return alerts
}
