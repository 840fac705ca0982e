package health

import (
	"fmt"
	"time"
)

const (
	// checkLate is how long after the latest check of the ledger the next one is missed; it is made every five minutes.
	checkLate = 15 * time.Minute
	// backlogLate is how long a task may wait for a worker.
	backlogLate = 10 * time.Second
	// watchLate is how late the periodic room check may be; Click2callWatchLate has the same.
	watchLate = 30 * time.Second
)

// Dependency is the word on LiveKit, Temporal or the store; /readyz asks for it alone.
func Dependency(kind Kind, a Answer) Part {
	p := Part{Kind: kind, State: Working}
	switch kind {
	case KindLiveKit:
		p.Name = "LiveKit"
		p.What = "LiveKit does not answer, or refuses the key: check that it runs, and its URL, key and secret in Settings."
		p.Means = "New calls are refused. Calls in progress go on."
		p.Action = &Action{Kind: OpenSettings, Label: "Open the LiveKit settings"}
	case KindTemporal:
		p.Name = "Temporal"
		p.What = "Temporal does not answer: check that it runs, and TEMPORAL_ADDRESS."
		p.Means = "New calls are refused. Calls in progress go on; they are recorded and delivered when it is back."
	default:
		p.Name = "Database"
		p.What = "The database does not answer, or takes no writes: check that it runs and is no standby, and DATABASE_URL."
		p.Means = "New calls are refused. Calls in progress go on, and their outcomes wait. The numbers here are the last known."
	}
	if !a.Failed {
		p.What, p.Means, p.Action = "", "", nil
		return p
	}
	p.State, p.Since, p.stops = Failing, moment(a.Since), true
	return p
}

func ledger(f Facts) Part {
	p := Part{Kind: KindLedger, Name: "Ledger", State: Working}
	l := f.Ledger
	switch {
	case !l.Known:
		p.State, p.What, p.Means = Unknown, "Its sums cannot be read now.", "Calls go on."
	case l.Held > 0:
		p.State, p.Since = Failing, moment(l.HeldSince)
		p.What = count(l.Held, "call seems", "calls seem") + " to have lost their workflow: too many to end without an operator's word."
		p.Means = "They go on, and are not noticed to end. See docs/operations.md, Click2callLedgerHeld."
	case !l.Balanced:
		p.State, p.What = Failing, "It does not add up: calls or outcomes are missing."
		p.Means = "The CRM may not be told how some calls ended."
	case l.Unresolved > 0:
		p.State, p.What = Failing, count(l.Unresolved, "call or delivery", "calls and deliveries")+" could not be repaired."
		p.Means = "These are unfinished until the next check repairs them."
	case l.Overdue > 0:
		p.State, p.What = Failing, count(l.Overdue, "delivery is", "deliveries are")+" more than a minute late."
		p.Means = "The CRM is told late how these calls ended."
		p.Action = &Action{Kind: SeeDeliveries, Target: "state=pending", Label: "See the waiting deliveries"}
	case !l.CheckedAt.IsZero() && f.At.Sub(l.CheckedAt) > checkLate:
		p.State, p.Since, p.What = Failing, moment(l.CheckedAt), "It has not been checked against Temporal for more than a quarter of an hour."
		p.Means = "What a failed worker left behind is not repaired."
	}
	return p
}

func workers(f Facts) Part {
	p := Part{Kind: KindWorker, Name: "Workers", State: Working}
	w := f.Workers
	switch {
	case f.Temporal.Failed || !w.Known:
		p.State, p.What, p.Means = Unknown, "Temporal does not say how the workers do.", "Calls go on if they work."
	case w.Polling == 0:
		p.State, p.stops, p.What = Failing, true, "No worker takes work: check that one runs, and its log."
		p.Means = "New calls are refused, and those in progress are not noticed to end."
	case w.Backlog > backlogLate:
		p.State, p.What = Failing, fmt.Sprintf("They are behind: a task waits for %s.", w.Backlog.Round(time.Second))
		p.Means = "Calls open, connect and end late. Add a worker."
	case w.WatchStopped:
		p.State, p.What = Failing, "The periodic room check does not run; the next check of the ledger starts it again."
		p.Means = "How calls end may be noticed late."
	case w.WatchLate > watchLate:
		p.State, p.What = Failing, fmt.Sprintf("The periodic room check is %s late: it has more rooms than it may look into.", w.WatchLate.Round(time.Second))
		p.Means = "An end that neither LiveKit's events nor the agent's page tell is noticed that much later. See WATCH_RATE and LIVEKIT_API_BUDGET."
	}
	return p
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
