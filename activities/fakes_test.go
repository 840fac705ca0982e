package activities_test

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

var errDown = errors.New("down")

// fakeRooms is a LiveKit whose answers a test sets.
type fakeRooms struct {
	mu         sync.Mutex
	room       livekit.Room
	lookErr    error
	openErr    error
	closes     int
	dials      []livekit.DialRequest
	dial       func(ctx context.Context, n int) (call.Dial, error)
	looks      int
	onLook     func(n int) (livekit.Room, error)
	rang       call.Rang // what a listener hears
	deaf       error     // nobody can listen
	listens    int
	restored   []bool // whether the leg was to hear the agent, each time
	restoreErr error
	onRestore  func()
	holds      []bool // whether the two were to be kept apart, each time
}

// Listen implements activities.Rooms.
func (f *fakeRooms) Listen(context.Context, call.ID) (activities.Listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listens++
	return heard{f.rang}, f.deaf
}

type heard struct{ rang call.Rang }

func (h heard) Rang(context.Context) call.Rang { return h.rang }
func (heard) Gone() <-chan struct{}            { return nil }
func (heard) Close()                           {}

func (f *fakeRooms) OpenRoom(context.Context, call.ID, call.Knobs) error { return f.openErr }

func (f *fakeRooms) CloseRoom(context.Context, call.ID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closes++
	f.room = livekit.Room{Leg: call.LegNoRoom}
	return nil
}

func (f *fakeRooms) Look(context.Context, call.ID) (livekit.Room, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looks++
	if f.onLook != nil {
		return f.onLook(f.looks)
	}
	return f.room, f.lookErr
}

func (f *fakeRooms) RestoreLeg(_ context.Context, _ call.ID, heard bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restored = append(f.restored, heard)
	if f.onRestore != nil {
		f.onRestore()
	}
	return f.restoreErr
}

func (f *fakeRooms) SetHold(_ context.Context, _ call.ID, on bool, _ string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds = append(f.holds, on)
	return "", nil
}

func (f *fakeRooms) Dial(ctx context.Context, r livekit.DialRequest) (call.Dial, error) {
	f.mu.Lock()
	f.dials = append(f.dials, r)
	n, dial := len(f.dials), f.dial
	f.mu.Unlock()
	return dial(ctx, n)
}

// fakeCalls is a store of one call.
type fakeCalls struct {
	mu      sync.Mutex
	call    call.Call
	trunk   call.Trunk
	readErr func(n int) error
	reads   int
	refused bool

	agentBusy bool
	breaker   call.BreakerRule
	wait      time.Duration // for a line, as the operator set it
	queued    []store.Waiting
	queueErr  error
	until     time.Time // of a call that waits
	ringing   chan time.Time
	answered  chan time.Time
	leg       *call.LegStatus
	outcome   *call.Outcome
	rival     *call.Outcome // somebody else records it between our reading and writing
	keepErr   error
	bodies    [][]byte
	started   []string
	startErr  error
	delivery  store.DeliveryState // of the outcome; empty: pending
	further   []store.Delivery    // to other endpoints
	watched   []string
	claimed   string          // the mark of who has the dial
	others    []call.Trunk    // that the call may be tried through after trunk
	full      map[string]bool // trunks without a free line
	ends      []call.Dial     // of attempts
	givenUp   bool
	onClaim   func() // nil: nothing
	missing   bool   // the database does not know the call
	asked     int    // for the call, while it was missing
	reply     *call.Dial
	replied   chan call.Dial
	refusal   call.Refusal // of the rules of permission
}

func newFakeCalls() *fakeCalls {
	return &fakeCalls{
		call:  call.Call{ID: call.NewID(), CustomerNumber: "9530251797", DID: "+919999999999", AgentID: "agent-42", CaseID: "abc"},
		trunk: call.Trunk{LiveKitTrunkID: "ST_1", Prefix: "0091"}, ringing: make(chan time.Time, 10), answered: make(chan time.Time, 10),
		replied: make(chan call.Dial, 10),
	}
}

func (f *fakeCalls) AcceptCall(context.Context, call.ID, time.Time) error {
	if f.agentBusy {
		return store.ErrConflict
	}
	if f.refused {
		return store.ErrNotFound
	}
	return nil
}

func (f *fakeCalls) RefuseCall(context.Context, call.ID) (bool, error) { return f.refused, f.keepErr }

func (f *fakeCalls) DialPlan(context.Context, call.ID, time.Time) (store.DialPlan, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	if f.readErr != nil {
		if err := f.readErr(f.reads); err != nil {
			return store.DialPlan{}, err
		}
	}
	plan := store.DialPlan{Wait: f.wait, Breaker: f.breaker, Call: f.call, Trunks: []store.PlannedTrunk{{Trunk: f.trunk, DID: f.call.DID}}}
	for _, t := range f.others {
		plan.Trunks = append(plan.Trunks, store.PlannedTrunk{Trunk: t, DID: t.DefaultDID})
	}
	return plan, nil
}

func (f *fakeCalls) ClaimAttempt(_ context.Context, c store.Claim) (store.Admission, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.givenUp {
		return "", store.ErrNotFound
	}
	if f.full[c.Trunk.ID] {
		return store.NoLine, nil
	}
	if f.claimed == "" {
		f.claimed = c.Mark
	}
	if f.claimed != c.Mark || len(f.ends) != c.N-1 {
		return store.Claimed, nil
	}
	if f.onClaim != nil {
		f.onClaim()
	}
	return store.Admitted, nil
}

func (f *fakeCalls) Enqueue(_ context.Context, w store.Waiting) (time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queued = append(f.queued, w)
	if f.until.IsZero() {
		f.until = w.At.Add(w.Wait)
	}
	return f.until, f.queueErr
}

func (f *fakeCalls) QueuedUntil(context.Context, call.ID, time.Time) (time.Time, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.until.IsZero() {
		return time.Time{}, store.ErrNotFound
	}
	return f.until, nil
}

func (f *fakeCalls) EndAttempt(_ context.Context, _ call.ID, n int, d call.Dial) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ends) == n-1 {
		f.ends = append(f.ends, d)
	}
	if f.ends[n-1].Rang == call.RangUnknown {
		f.ends[n-1].Rang = d.Rang
	}
	return nil
}

func (f *fakeCalls) DialAttempts(context.Context, call.ID) ([]call.Attempt, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var attempts []call.Attempt
	for _, d := range f.ends {
		attempts = append(attempts, call.Attempt{State: d.State, EndedAt: d.EndedAt})
	}
	return attempts, nil
}

func (f *fakeCalls) PermitDial(context.Context, call.Call, time.Time) (call.Permission, error) {
	return call.Permission{Refusal: f.refusal, Why: "for a test"}, nil
}

func (f *fakeCalls) MarkRinging(_ context.Context, _ call.ID, at time.Time) error {
	f.ringing <- at
	return nil
}

func (f *fakeCalls) MarkAnswered(_ context.Context, _ call.ID, at time.Time, _ time.Duration) error {
	f.answered <- at
	return nil
}

func (f *fakeCalls) Call(context.Context, call.ID) (call.Call, error) {
	if f.missing {
		f.asked++
		return call.Call{}, store.ErrNotFound
	}
	c := f.call
	c.Outcome = f.outcome
	return c, nil
}

func (f *fakeCalls) OnHold(context.Context, call.ID) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.call.HeldAt != nil, nil
}

func (f *fakeCalls) KeepLegAtHangUp(_ context.Context, _ call.ID, s call.LegStatus) (call.LegStatus, error) {
	if f.keepErr != nil {
		return "", f.keepErr
	}
	if f.leg == nil {
		f.leg = &s
	}
	return *f.leg, nil
}

func (f *fakeCalls) KeepDialReply(_ context.Context, _ call.ID, d call.Dial) error {
	f.replied <- d
	return nil
}

func (f *fakeCalls) DialReply(context.Context, call.ID) (*call.Dial, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reply, nil
}

func (f *fakeCalls) RecordOutcome(_ context.Context, _ call.ID, o call.Outcome, _ *time.Time, _ []call.Entry, body []byte) (bool, error) {
	if f.rival != nil {
		f.outcome = f.rival
	}
	if f.outcome != nil {
		return false, nil
	}
	f.outcome, f.bodies = &o, append(f.bodies, body)
	return true, nil
}

func (f *fakeCalls) StartDelivery(_ context.Context, eventID string, _ call.ID) error {
	f.started = append(f.started, eventID)
	return f.startErr
}

// DeliveriesOfCall implements activities.Outbox.
func (f *fakeCalls) DeliveriesOfCall(context.Context, call.ID) ([]store.Delivery, error) {
	first := store.Delivery{EventID: f.call.ID.EventID(), EndpointID: "ep_crm", State: cmp.Or(f.delivery, store.DeliveryPending)}
	return append([]store.Delivery{first}, f.further...), nil
}

// WatchParked implements activities.Outbox.
func (f *fakeCalls) WatchParked(_ context.Context, endpointID string) {
	f.watched = append(f.watched, endpointID)
}

// calling returns the activities over the fakes, registered in an environment that runs them as a worker would.
func calling(t *testing.T, rooms *fakeRooms, calls *fakeCalls) (*activities.Calling, *testsuite.TestActivityEnvironment) {
	t.Helper()
	a := &activities.Calling{Rooms: rooms, Calls: calls, Outcomes: calls, Replies: calls, Temporal: calls, Outbox: calls, Log: zerolog.Nop()}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(a)
	env.SetTestTimeout(time.Minute)
	return a, env
}

func run[T any](t *testing.T, env *testsuite.TestActivityEnvironment, activity, in any) T {
	t.Helper()
	value, err := env.ExecuteActivity(activity, in)
	require.NoError(t, err)
	var out T
	require.NoError(t, value.Get(&out))
	return out
}
