package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// ledgerCheck is a check under way.
type ledgerCheck struct {
	*Ledgering
	earlier      store.LedgerCheck
	before       time.Time // what is younger is not looked at
	until        time.Time // nothing more is begun afterwards
	watchStarted bool

	mu       sync.Mutex // guards what follows
	found    store.LedgerCheck
	suspects map[string]bool // ids of those that may have no workflow; true: looked at

	held, heldOf int // calls without a workflow that were not ended because they are too many, of how many
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
	c.found.CallsChecked = len(live)
	suspects, err := withoutWorkflow(ctx, live, c.Temporal.RunningCalls, func(id call.ID) call.ID { return id })
	if err != nil {
		return fmt.Errorf("list the running calls: %w", err)
	}
	takeTurns(c, suspects, func(id call.ID) string { return string(id) })
	gone, fates, lost, err := c.gone(ctx, suspects)
	if err != nil {
		return err
	}
	holds, err := c.holds(ctx, lost, len(live))
	if err != nil {
		return err
	}
	if holds { // what completed gets its outcome all the same
		gone = slices.DeleteFunc(gone, func(id call.ID) bool { return !fates[id].Completed })
	}
	_, err = each(ctx, c, gone, c.until, func(ctx context.Context, id call.ID) error { return c.healCall(ctx, id, fates[id]) })
	return err
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

func (c *ledgerCheck) deliveries(ctx context.Context) error {
	if err := c.Delivering.watchHeld(ctx); err != nil {
		return err
	}
	waiting, err := c.Store.WaitingBefore(ctx, c.before, ledgerDeliveries)
	if err != nil || len(waiting) == 0 {
		return err
	}
	c.found.DeliveriesChecked = len(waiting)
	suspects, err := withoutWorkflow(ctx, waiting, c.Temporal.RunningDeliveries, func(d store.WaitingDelivery) string { return d.EventID })
	if err != nil {
		return fmt.Errorf("list the running deliveries: %w", err)
	}
	takeTurns(c, suspects, func(d store.WaitingDelivery) string { return d.EventID })
	_, err = each(ctx, c, suspects, c.until, c.healDelivery)
	return err
}

// ledgerTellFor is how long a check has to write down and tell what it did, even when it was cancelled.
const ledgerTellFor = 30 * time.Second

// tell writes the check down and tells operators what they should know of it, also when it failed half-way. Only a whole check
// counts as one that was made: else checks that always fail would go unnoticed.
func (c *ledgerCheck) tell(ctx context.Context, failed error) (LedgerReport, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ledgerTellFor)
	defer cancel()
	c.found.Unresolved = c.unresolved(failed != nil)
	switch {
	case failed == nil:
		c.found.At = time.Now().UTC()
	case c.earlier.At.IsZero():
		c.found.At = time.Unix(0, 0).UTC()
	default:
		c.found.At = c.earlier.At
	}
	kept := c.Store.KeepLedgerCheck(ctx, c.found)
	sums, summed := c.Store.LedgerSums(ctx, time.Now().Add(-ledgerPast))
	overdue, counted := c.Store.OverdueDeliveries(ctx, time.Now())
	alerts := ledgerAlerts(c.found, c.earlier.Unresolved, sums, overdue)
	if c.held > 0 {
		alerts = append(alerts, brakeAlert(c.held, c.heldOf))
	}
	for _, alert := range alerts {
		c.Alerts.Alert(ctx, alert)
	}
	if err := errors.Join(summed, counted); err != nil { // the check itself was made
		c.Log.Warn().Err(err).Msg("the ledger was checked, but its sums could not be read")
	}
	if err := errors.Join(failed, kept); err != nil {
		return LedgerReport{}, err
	}
	f := c.found
	return LedgerReport{Sums: sums, Balanced: sums.Balanced(), CallsChecked: f.CallsChecked, DeliveriesChecked: f.DeliveriesChecked,
		CallsEnded: f.CallsEnded, DeliveriesStarted: f.DeliveriesStarted, WatchStarted: c.watchStarted, Overdue: overdue,
		CallsHeldBack: c.held, Unresolved: f.Unresolved}, nil
}

// unresolved are those that could not be healed, the ones that are known first: those of earlier checks that this one did not
// come to are among them. When it failed, nobody knows which they are.
func (c *ledgerCheck) unresolved(failed bool) []string {
	known := slices.DeleteFunc(slices.Clone(c.earlier.Unresolved), func(id string) bool {
		looked, suspect := c.suspects[id]
		return looked && !slices.Contains(c.found.Unresolved, id) || !suspect && !failed
	})
	fresh := slices.DeleteFunc(c.found.Unresolved, func(id string) bool { return slices.Contains(known, id) })
	all := append(known, fresh...)
	return all[:min(len(all), store.MaxUnresolved)]
}
