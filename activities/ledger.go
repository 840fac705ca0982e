package activities

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/sdk/activity"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	// ledgerAge is the age from which a call, or a delivery, must have a workflow: younger ones may just be on their way.
	ledgerAge = 15 * time.Second
	// ledgerPage is how many live calls are read at once; ledgerDeliveries how many waiting deliveries a check looks at, oldest first.
	ledgerPage       = 1000
	ledgerDeliveries = 20_000
	// ledgerHeals bounds what one check heals, and how many workflows it asks for one by one, of calls and of deliveries. The next
	// check goes on. ledgerAtOnce of each are under way at the same time, and each has ledgerEach.
	ledgerHeals  = 10_000
	ledgerAtOnce = 8
	ledgerEach   = 20 * time.Second
	// ledgerSpare is how long before its own time limit a check begins nothing more: what it did is to be written down and told.
	ledgerSpare = time.Minute
	// askEach is the number of workflows up to which each is asked for. Beyond it Temporal's list, which may lag behind by
	// seconds, says first which ones run.
	askEach = 50
	// ledgerPast is how far back the sums go.
	ledgerPast = 24 * time.Hour
)

// Fate is how a workflow stands.
type Fate struct {
	Running    bool
	Completed  bool      // it came to its end: a call recorded its outcome, a delivery was delivered
	Terminated bool      // by an operator
	ClosedAt   time.Time // zero when nobody knows: Temporal does not have the workflow any more
}

// LedgerStore is what the ledger needs of the store.
type LedgerStore interface {
	LedgerSums(ctx context.Context, since time.Time) (store.LedgerSums, error)
	LiveBefore(ctx context.Context, accepted time.Time, after call.ID, limit int) ([]call.ID, error)
	WaitingBefore(ctx context.Context, created time.Time, limit int) ([]store.WaitingDelivery, error)
	OverdueDeliveries(ctx context.Context, at time.Time) (int, error)
	// MarkDelivered makes a waiting delivery one that the CRM took.
	MarkDelivered(ctx context.Context, eventID string, at time.Time) error
	KeepLedgerCheck(ctx context.Context, c store.LedgerCheck) error
	// KeepTemporal keeps the first namespace that it is ever told, and returns the one that is kept.
	KeepTemporal(ctx context.Context, n store.TemporalNamespace) (store.TemporalNamespace, error)
	LedgerBrake(ctx context.Context) (store.LedgerBrake, error)
	HoldLedger(ctx context.Context, at time.Time, gone, live int) error
	FreeLedger(ctx context.Context) error
	// MissWorkflow returns since when a call is found without a workflow; store.ErrNotFound when it does not live.
	MissWorkflow(ctx context.Context, id call.ID, at time.Time) (time.Time, error)
	// LedgerCheck returns store.ErrNotFound before the first check.
	LedgerCheck(ctx context.Context) (store.LedgerCheck, error)
}

// LedgerTemporal is what the ledger asks of Temporal; package workflows implements it.
type LedgerTemporal interface {
	// NamespaceID returns the id of a namespace: another one after Temporal lost its data.
	NamespaceID(ctx context.Context, name string) (string, error)
	// StartWatch makes sure that the Watch runs, and reports whether it did not.
	StartWatch(ctx context.Context) (started bool, err error)
	// FateOfCall says how a call's workflow stands.
	FateOfCall(ctx context.Context, id call.ID) (Fate, error)
	// ResultOfCall returns the outcome that a completed workflow recorded.
	ResultOfCall(ctx context.Context, id call.ID) (Recorded, error)
	// FateOfDelivery says how the delivery of a call's outcome stands, by its own workflow or by the call's, whose is the first attempt.
	FateOfDelivery(ctx context.Context, eventID string, id call.ID) (Fate, error)
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
	Heals      int           // 0 means 10,000: see ledgerHeals
	Spare      time.Duration // 0 means a minute: see ledgerSpare
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
	Overdue           int              `json:"deliveries_overdue,omitempty"`
	CallsHeldBack     int              `json:"calls_held_back,omitempty"` // without a workflow, and too many to be ended without an operator's word
	Unresolved        []string         `json:"unresolved,omitempty"`
}

// CheckLedger looks whether every live call and every waiting delivery has a workflow that runs. A call without one is ended:
// its room is deleted and it gets its one outcome; but where its workflow completed, and the database lost that, it gets the outcome
// and the bytes of then. A delivery without one is started again, and so is the watch over an
// endpoint that is held back, and the Watch. What cannot be healed is told to operators, once.
//
// It doubts what it sees. In a Temporal namespace that is not the one of this database it does nothing but say so. When more than
// twenty calls, and more than one in ten, seem to have lost their workflows, it ends none of them before an operator says so. A
// call in whose room agent and customer are is ended by a second check only.
//
// Idempotent: outcomes, deliveries and watches are unique. Time limit 4 minutes; it heartbeats. What it does not get done the
// next check does. When it fails, what it did until then is written down and told all the same, and Temporal tries it again.
func (l *Ledgering) CheckLedger(ctx context.Context) (LedgerReport, error) {
	defer beat(ctx)()
	if err := l.fenced(ctx); err != nil {
		return LedgerReport{}, err
	}
	earlier, err := l.Store.LedgerCheck(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return LedgerReport{}, err
	}
	check := l.newCheck(ctx, earlier)
	var both errgroup.Group // calls that cannot be ended must not keep deliveries from being started
	both.Go(func() error { return check.calls(ctx) })
	both.Go(func() error { return check.deliveries(ctx) })
	return check.tell(ctx, errors.Join(check.watch(ctx), both.Wait()))
}

func (l *Ledgering) newCheck(ctx context.Context, earlier store.LedgerCheck) *ledgerCheck {
	age, spare := l.Age, l.Spare
	if age == 0 {
		age = ledgerAge
	}
	if spare == 0 {
		spare = ledgerSpare
	}
	return &ledgerCheck{Ledgering: l, earlier: earlier, before: time.Now().Add(-age), until: activity.GetInfo(ctx).Deadline.Add(-spare),
		suspects: map[string]bool{}}
}
