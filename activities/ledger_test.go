package activities_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// ledgerBench is a ledger over a real store, a played LiveKit and a played Temporal that knows which workflows run.
type ledgerBench struct {
	*deliverBench
	ledger *activities.Ledgering
	rooms  *fakeRooms
	trunk  call.Trunk

	played  sync.Mutex                      // guards what follows
	fates   map[string]activities.Fate      // by call or event id; one that is missing is unknown to Temporal
	results map[call.ID]activities.Recorded // of those that completed
	lists   int
	asked   int
	alerts  []activities.AlertKind

	namespace string
	watchGone bool
	onAsk     func(ctx context.Context, id string) error
}

// NamespaceID implements activities.LedgerTemporal.
func (b *ledgerBench) NamespaceID(context.Context, string) (string, error) { return b.namespace, nil }

// ResultOfCall implements activities.LedgerTemporal.
func (b *ledgerBench) ResultOfCall(_ context.Context, id call.ID) (activities.Recorded, error) {
	b.played.Lock()
	defer b.played.Unlock()
	result, ok := b.results[id]
	if !ok {
		return result, errDown
	}
	return result, nil
}

// StartWatch implements activities.LedgerTemporal.
func (b *ledgerBench) StartWatch(context.Context) (bool, error) {
	gone := b.watchGone
	b.watchGone = false
	return gone, nil
}

func newLedgerBench(t *testing.T) *ledgerBench {
	t.Helper()
	b := &ledgerBench{deliverBench: newDeliverBench(t), rooms: &fakeRooms{room: livekit.Room{Leg: call.LegNoRoom}}, fates: map[string]activities.Fate{}, namespace: "one", results: map[call.ID]activities.Recorded{},
		trunk: call.Trunk{ID: store.NewTrunkID(), Label: "main", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}}
	require.NoError(t, b.store.SaveTrunk(t.Context(), b.trunk))
	b.ledger = &activities.Ledgering{
		Store: b.store, Temporal: b, Delivering: b.Delivering, Alerts: b, Log: zerolog.Nop(), Age: time.Nanosecond,
		Calling: &activities.Calling{Rooms: b.rooms, Calls: b.store, Outcomes: b.store, Replies: b.store, Temporal: b, Outbox: activities.NewOutbox(b.Delivering), Log: zerolog.Nop()},
	}
	return b
}

func (b *ledgerBench) Alert(_ context.Context, a activities.Alert) {
	b.alerts = append(b.alerts, a.Kind)
}

func (b *ledgerBench) StartDelivery(_ context.Context, eventID string, _ call.ID) error {
	b.played.Lock()
	defer b.played.Unlock()
	b.fates[eventID] = activities.Fate{Running: true}
	return nil
}

func (b *ledgerBench) FateOfCall(ctx context.Context, id call.ID) (activities.Fate, error) {
	return b.fate(ctx, string(id))
}

func (b *ledgerBench) FateOfDelivery(ctx context.Context, eventID string, id call.ID) (activities.Fate, error) {
	assert.Equal(b.t, id.EventID(), eventID, "whose call's own attempt counts")
	return b.fate(ctx, eventID)
}

func (b *ledgerBench) fate(ctx context.Context, id string) (activities.Fate, error) {
	if b.onAsk != nil {
		if err := b.onAsk(ctx, id); err != nil {
			return activities.Fate{}, err
		}
	}
	b.played.Lock()
	defer b.played.Unlock()
	b.asked++
	return b.fates[id], nil
}

func (b *ledgerBench) RunningCalls(context.Context) (map[call.ID]bool, error) {
	b.played.Lock()
	defer b.played.Unlock()
	b.lists++
	running := map[call.ID]bool{}
	for id, fate := range b.fates {
		running[call.ID(id)] = fate.Running
	}
	return running, nil
}

func (b *ledgerBench) RunningDeliveries(context.Context) (map[string]bool, error) {
	b.played.Lock()
	defer b.played.Unlock()
	b.lists++
	running := map[string]bool{}
	for id, fate := range b.fates {
		running[id] = fate.Running
	}
	return running, nil
}

func (b *ledgerBench) live() call.ID {
	b.t.Helper()
	c := call.Call{ID: call.NewID(), CaseID: "case", AgentID: "agent", CustomerNumber: "9530251797", DID: "+912233445566", TrunkID: b.trunk.ID,
		Status: call.StatusCreated, CreatedAt: time.Now().UTC().Add(-time.Minute)}
	require.NoError(b.t, b.store.InsertCall(b.t.Context(), c, call.DefaultKnobs()))
	require.NoError(b.t, b.store.AcceptCall(b.t.Context(), c.ID, c.CreatedAt))
	b.fates[string(c.ID)] = activities.Fate{Running: true}
	return c.ID
}

func (b *ledgerBench) check() activities.LedgerReport {
	b.t.Helper()
	report, err := b.tryCheck()
	require.NoError(b.t, err)
	return report
}

func (b *ledgerBench) tryCheck() (report activities.LedgerReport, err error) {
	b.t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(b.ledger)
	value, err := env.ExecuteActivity(b.ledger.CheckLedger)
	if err == nil {
		require.NoError(b.t, value.Get(&report))
	}
	return report, err
}

func TestLedgerLeavesAloneWhatRuns(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	id, event := b.live(), b.outcome()
	b.fates[event] = activities.Fate{Running: true}
	report := b.check()
	require.Equal(t, activities.LedgerReport{Sums: store.LedgerSums{Accepted: 2, Live: 1, Outcomes: 1, Waiting: 1}, Balanced: true,
		CallsChecked: 1, DeliveriesChecked: 1}, report)
	c, err := b.store.Call(t.Context(), id)
	require.NoError(t, err)
	require.Nil(t, c.Outcome)
	require.Zero(t, b.rooms.closes)
	require.Empty(t, b.told)
	require.Empty(t, b.alerts)
}

func TestLedgerEndsACallWithoutAWorkflow(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	id := b.live()
	answered := time.Now().UTC().Add(-20 * time.Second)
	require.NoError(t, b.store.MarkRinging(t.Context(), id, answered.Add(-5*time.Second)))
	require.NoError(t, b.store.MarkAnswered(t.Context(), id, answered, 7*time.Second))
	b.rooms.room = livekit.Room{Exists: true, Agent: true, Leg: call.LegActive}
	b.fates[string(id)] = activities.Fate{Terminated: true, ClosedAt: time.Now().UTC().Add(-10 * time.Second)}

	require.Zero(t, b.check().CallsEnded, "both are in the room, and one sign is not enough")
	require.Zero(t, b.rooms.closes)
	require.Equal(t, []call.ID{id}, unresolved(b))
	b.ledger.Store = halfAMinuteLater{b.store}
	report := b.check()
	require.Equal(t, 1, report.CallsEnded)
	require.Positive(t, b.rooms.closes, "nobody else would end the line")
	c, err := b.store.Call(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, call.Answered, c.Outcome.CallStatus)
	require.Equal(t, call.PartyOperator, c.Outcome.HangupBy)
	require.GreaterOrEqual(t, c.Outcome.DurationSeconds, 20, "they talked until the room was deleted")
	require.True(t, b.fates[id.EventID()].Running, "its delivery was started")
	timeline, err := b.store.Timeline(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "workflow_gone", timeline[len(timeline)-1].Name)
	require.Equal(t, []activities.AlertKind{activities.AlertLedgerUnresolved, activities.AlertLedgerHealed}, b.alerts)

	again := b.check()
	require.Zero(t, again.CallsEnded)
	require.True(t, again.Balanced)
	kept, err := b.store.LedgerCheck(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, kept.CallsEndedTotal)
}

// halfAMinuteLater is the store as it is half a minute after a call was missed.
type halfAMinuteLater struct{ activities.LedgerStore }

func (s halfAMinuteLater) MissWorkflow(ctx context.Context, id call.ID, at time.Time) (time.Time, error) {
	first, err := s.LedgerStore.MissWorkflow(ctx, id, at)
	return first.Add(-31 * time.Second), err
}

func TestLedgerWaitsForLiveKit(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	id := b.live()
	b.fates[string(id)] = activities.Fate{}
	b.ledger.Calling.Rooms = deafRooms{b.rooms}
	require.Equal(t, []string{string(id)}, b.check().Unresolved)
	b.check()
	require.Equal(t, []activities.AlertKind{activities.AlertLedgerUnresolved}, b.alerts, "once, not by every check")
	c, err := b.store.Call(t.Context(), id)
	require.NoError(t, err)
	require.Nil(t, c.Outcome, "people may still talk in its room")

	b.ledger.Calling.Rooms = b.rooms
	require.Equal(t, 1, b.check().CallsEnded)
}

// deafRooms is a LiveKit that is away.
type deafRooms struct{ *fakeRooms }

func (deafRooms) CloseRoom(context.Context, call.ID) error { return errDown }

func TestLedgerStartsADeliveryAgain(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	gone, delivered, dead := b.outcome(), b.outcome(), b.outcome()
	storetest.Delivered(t, b.store, delivered)
	storetest.Dead(t, b.store, dead)
	report := b.check()
	require.Equal(t, 1, report.DeliveriesStarted)
	require.Equal(t, 1, report.DeliveriesChecked, "dead ones wait for an operator")
	require.Equal(t, []string{"resume " + gone}, b.told)
	require.True(t, report.Balanced)
}

func TestLedgerWatchesOverAHeldEndpoint(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	event := b.outcome()
	b.fates[event] = activities.Fate{Running: true}
	_, health, err := b.store.RecordResult(t.Context(), "ep_crm", store.EndpointResult{At: time.Now(), EventID: event, Gone: true, Error: "answered 410"})
	require.NoError(t, err)
	require.True(t, health.Open())
	b.check()
	require.Equal(t, []string{"watch ep_crm 1"}, b.told)
}

func TestLedgerStartsTheWatch(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.watchGone = true
	require.True(t, b.check().WatchStarted)
	require.False(t, b.check().WatchStarted)
	require.Equal(t, []activities.AlertKind{activities.AlertWatchStarted}, b.alerts, "only when it really had to be started")
}

// With many, Temporal's list says which workflows run, and only the others are asked for.
func TestLedgerAsksLittle(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	for range 60 {
		b.live()
	}
	gone := b.live()
	delete(b.fates, string(gone))
	report := b.check()
	require.Equal(t, 61, report.CallsChecked)
	require.Equal(t, 1, report.CallsEnded)
	require.Equal(t, 1, b.lists)
	require.Equal(t, 1, b.asked)
}

func TestLedgerLooksAtNothingYoung(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.ledger.Age = time.Hour
	id := b.live()
	delete(b.fates, string(id))
	report := b.check()
	require.Zero(t, report.CallsChecked)
	require.Zero(t, b.asked)
}
