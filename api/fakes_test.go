package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

var (
	errDown    = errors.New("dial tcp 10.1.2.3:5432: connection refused")
	errTrouble = fmt.Errorf("%w: rpc error at 10.1.2.3:7233", workflows.ErrTemporalUnavailable)
)

// fakeStore keeps rows in memory by the rules that Store's comments state. down makes every method fail.
type fakeStore struct {
	trunks  map[string]call.Trunk // beside the default one
	mu      sync.Mutex
	down    error
	stuck   error // makes RefuseCall alone fail
	noTrunk bool

	busyLines bool
	faults    []store.DialFault
	calls     map[call.ID]call.Call
	accepted  map[call.ID]bool
	claims    map[string]claim
	entries   map[call.ID][]call.Entry
	endings   map[call.ID]bool
	knobs     map[call.ID]call.Knobs
	filters   []store.CallFilter
	page      store.CallPage
	listErr   error
	panicky   bool
	onCheck   func() // of an API key
	rules     call.PermissionRules
	audited   []store.AuditEntry
	listed    string // the do-not-call list that every number is on

	deliveries []store.Delivery // in the order of their births
	revoked    bool             // every API key
	linesFreed int              // since whenever
}

type claim struct {
	hash [32]byte
	id   call.ID
}

func newFakeStore() *fakeStore {
	return &fakeStore{
		calls: map[call.ID]call.Call{}, accepted: map[call.ID]bool{}, claims: map[string]claim{}, entries: map[call.ID][]call.Entry{},
		endings: map[call.ID]bool{}, knobs: map[call.ID]call.Knobs{},
		rules: call.DefaultPermissionRules(),
	}
}

func (s *fakeStore) rows() []call.ID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []call.ID
	for id := range s.calls {
		ids = append(ids, id)
	}
	return ids
}

func (s *fakeStore) accept(id call.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.calls[id]; there {
		s.accepted[id] = true
		return true
	}
	return false
}

func (s *fakeStore) set(id call.ID, change func(*call.Call)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[id]
	change(&c)
	s.calls[id] = c
}

func (s *fakeStore) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = err
}

// stick has RefuseCall fail alone.
func (s *fakeStore) stick(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = err
}

func (s *fakeStore) timeline(id call.ID) []call.Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[id]
}

func (s *fakeStore) AppendAudit(_ context.Context, e store.AuditEntry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.audited = append(s.audited, e)
	return s.down
}

func (s *fakeStore) Permission(_ context.Context, _ string, p call.Purpose, at time.Time) (call.Permission, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return call.Permission{}, s.down
	}
	if p == "" {
		p = s.rules.DefaultPurpose
	}
	return s.rules.Ask(call.PermissionQuestion{At: at, Purpose: p, List: s.listed}), nil
}

func (s *fakeStore) InsertCall(_ context.Context, c call.Call, k call.Knobs) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return s.down
	}
	s.calls[c.ID], s.knobs[c.ID] = c, k
	return nil
}

func (s *fakeStore) RequiresAgent(_ context.Context, id call.ID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.knobs[id].RequireAgent, s.down
}

func (s *fakeStore) RefuseCall(ctx context.Context, id call.ID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.down, s.stuck, ctx.Err()); err != nil {
		return false, err
	}
	if s.accepted[id] {
		return false, nil
	}
	delete(s.calls, id)
	return true, nil
}

func (s *fakeStore) Call(_ context.Context, id call.ID) (call.Call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.panicky {
		panic("a row that nobody thought of")
	}
	if s.down != nil {
		return call.Call{}, s.down
	}
	if !s.accepted[id] {
		return call.Call{}, fmt.Errorf("read call: %w", store.ErrNotFound)
	}
	return s.calls[id], nil
}

func (s *fakeStore) LiveCallOfAgent(_ context.Context, agentID string) (call.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, c := range s.calls {
		if s.accepted[id] && c.AgentID == agentID && c.Status != call.StatusEnded {
			return id, s.down
		}
	}
	return "", errors.Join(s.down, store.ErrNotFound)
}

func (s *fakeStore) LineFree(context.Context, call.ID, time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.busyLines, s.down
}

func (s *fakeStore) QueuePosition(context.Context, call.ID, time.Time) (int, error) { return 3, nil }

func (s *fakeStore) LinesFreed(context.Context, call.ID, time.Time) (int, error) {
	return s.linesFreed, nil
}

func (s *fakeStore) Ending(_ context.Context, id call.ID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return false, s.down
	}
	return s.endings[id] || s.calls[id].Status == call.StatusEnded, nil
}

func (s *fakeStore) Hold(_ context.Context, id call.ID, at time.Time) (bool, error) {
	return s.setHold(id, func(c *call.Call) bool {
		if c.HeldAt != nil {
			return false
		}
		c.HeldAt = &at
		return true
	})
}

func (s *fakeStore) Unhold(_ context.Context, id call.ID) (bool, error) {
	return s.setHold(id, func(c *call.Call) bool {
		was := c.HeldAt != nil
		c.HeldAt = nil
		return was
	})
}

func (s *fakeStore) setHold(id call.ID, change func(*call.Call) bool) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[id]
	if s.down != nil || !s.accepted[id] || c.Status == call.StatusEnded {
		return false, errors.Join(s.down, store.ErrNotFound)
	}
	changed := change(&c)
	s.calls[id] = c
	return changed, nil
}

func (s *fakeStore) ListCalls(_ context.Context, f store.CallFilter) (store.CallPage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filters = append(s.filters, f)
	return s.page, errors.Join(s.down, s.listErr)
}

func (s *fakeStore) ClaimIdempotencyKey(_ context.Context, owner, key string, hash [32]byte, id call.ID, _ time.Time) (call.ID, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return "", false, s.down
	}
	earlier, claimed := s.claims[owner+"/"+key]
	switch {
	case !claimed || earlier.id == id:
		s.claims[owner+"/"+key] = claim{hash, id}
		return id, true, nil
	case earlier.hash != hash:
		return "", false, store.ErrConflict
	default:
		return earlier.id, false, nil
	}
}

func (s *fakeStore) CallOfIdempotencyKey(_ context.Context, owner, key string, hash [32]byte, _ time.Time) (call.ID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	earlier, ok := s.claims[owner+"/"+key]
	switch {
	case s.down != nil:
		return "", s.down
	case !ok:
		return "", store.ErrNotFound
	case earlier.hash != hash:
		return "", store.ErrConflict
	}
	return earlier.id, nil
}

func (s *fakeStore) ReleaseIdempotencyKey(ctx context.Context, owner, key string, id call.ID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(s.down, ctx.Err()); err != nil {
		return err
	}
	if s.claims[owner+"/"+key].id == id {
		delete(s.claims, owner+"/"+key)
	}
	return nil
}

func (s *fakeStore) DeliveriesSince(_ context.Context, after store.DeliveryMark) ([]store.DeliveryMark, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var marks []store.DeliveryMark
	for _, d := range s.deliveries {
		if d.CreatedAt.After(after.CreatedAt) || (d.CreatedAt.Equal(after.CreatedAt) && d.EventID > after.EventID) {
			marks = append(marks, store.DeliveryMark{EventID: d.EventID, CreatedAt: d.CreatedAt})
		}
	}
	return marks, s.down
}

func (s *fakeStore) DeliveriesOf(_ context.Context, ids []string) ([]store.Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []store.Delivery
	for _, d := range s.deliveries {
		if slices.Contains(ids, d.EventID) {
			found = append(found, d)
		}
	}
	return found, s.down
}

func (s *fakeStore) revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
}

func (s *fakeStore) Endpoint(_ context.Context, id string) (store.Endpoint, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down == nil && id != "ep_crm" && id != "ep_other" {
		return store.Endpoint{}, store.ErrNotFound
	}
	return store.Endpoint{ID: id}, s.down
}

// deliverTo has the outcome of a delivery go to another endpoint, too.
func (s *fakeStore) deliverTo(endpointID string, d store.Delivery) store.Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.EventID, d.EndpointID = d.EventID+"_other", endpointID
	s.deliveries = append(s.deliveries, d)
	return d
}

// deliver has an outcome be born.
func (s *fakeStore) deliver(at time.Time, body string) store.Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := call.NewID()
	d := store.Delivery{EventID: id.EventID(), CallID: id, EndpointID: "ep_crm", Body: []byte(body), CreatedAt: at}
	s.deliveries = append(s.deliveries, d)
	return d
}

func (s *fakeStore) CheckAPIKey(_ context.Context, key string) (store.APIKey, error) {
	if s.onCheck != nil {
		s.onCheck()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return store.APIKey{}, s.down
	}
	if key != goodKey || s.revoked {
		return store.APIKey{}, store.ErrNotFound
	}
	return store.APIKey{ID: "key-1"}, nil
}

func (s *fakeStore) Trunk(_ context.Context, id string) (call.Trunk, error) {
	if t, ok := s.trunks[id]; ok {
		return t, nil
	}
	return call.Trunk{}, store.ErrNotFound
}

func (s *fakeStore) PlaceRoute(context.Context, call.RouteQuestion) (call.Trunk, string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.noTrunk {
		return call.Trunk{}, "", store.ErrNotFound
	}
	return call.Trunk{ID: "trunk-1", Label: "Main", Prefix: "77", DefaultDID: "+911140000000"}, "+911140000000", s.down
}

func (s *fakeStore) DialFaults(context.Context) ([]store.DialFault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults, s.down
}

func (s *fakeStore) AppendEntry(_ context.Context, id call.ID, e call.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return s.down
	}
	s.entries[id] = append(s.entries[id], e)
	return nil
}

func (s *fakeStore) Ping(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// signal is one that was sent.
type signal struct {
	name string
	id   call.ID
	at   time.Time
	room call.RoomEvent
}

// fakeWorkflows records what was asked of Temporal. Calls that were accepted and did not end are running.
type fakeWorkflows struct {
	store *fakeStore
	open  func(context.Context, workflows.CallInput) error // accepts the row when nil
	slow  time.Duration                                    // how long a signal takes

	mu      sync.Mutex
	down    error
	inputs  []workflows.CallInput
	signals []signal
	asked   []call.ID // whom signals were meant for, arrived or not
}

func (w *fakeWorkflows) opened() []workflows.CallInput {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.inputs
}

func (w *fakeWorkflows) sent() []signal {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.signals
}

func (w *fakeWorkflows) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = err
}

func (w *fakeWorkflows) Open(ctx context.Context, in workflows.CallInput) error {
	w.mu.Lock()
	w.inputs = append(w.inputs, in)
	w.mu.Unlock()
	if w.open != nil {
		return w.open(ctx, in)
	}
	if !w.store.accept(in.CallID) {
		return workflows.ErrRefused
	}
	return nil
}

func (w *fakeWorkflows) signal(s signal) error {
	time.Sleep(w.slow)
	w.store.mu.Lock()
	running := w.store.accepted[s.id] && w.store.calls[s.id].Status != call.StatusEnded
	w.store.mu.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, s.id)
	if w.down != nil {
		return w.down
	}
	if !running {
		return workflows.ErrOver
	}
	w.signals = append(w.signals, s)
	return nil
}

func (w *fakeWorkflows) Connect(_ context.Context, id call.ID, at time.Time) error {
	return w.signal(signal{name: "connect", id: id, at: at})
}

func (w *fakeWorkflows) HangUp(ctx context.Context, id call.ID, source call.Source, at time.Time) error {
	return errors.Join(ctx.Err(), w.signal(signal{name: "hangup by " + string(source), id: id, at: at}))
}

func (w *fakeWorkflows) Report(_ context.Context, id call.ID, at time.Time) error {
	return w.signal(signal{name: "report", id: id, at: at})
}

func (w *fakeWorkflows) RoomEvent(_ context.Context, id call.ID, e call.RoomEvent) error {
	return w.signal(signal{name: "event", id: id, room: e})
}

func (w *fakeWorkflows) Ping(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

// fakeLiveKit mints recognisable tokens and takes the body of a webhook for the event itself.
type fakeLiveKit struct {
	mu     sync.Mutex
	agent  bool
	down   error
	looks  int
	onLook func(n int) (livekit.Room, error)
	minted int
	keys   []string // what was sent, as "digits in call id"
	noLeg  error    // what sending keys and holding fail with
	holds  []bool   // what was applied
	leg    call.LegStatus
}

func (l *fakeLiveKit) AgentToken(_ context.Context, id call.ID) (string, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down != nil {
		return "", "", l.down
	}
	l.minted++
	return "wss://livekit.example.com", fmt.Sprintf("token-%d-for-%s", l.minted, id.Room()), nil
}

func (l *fakeLiveKit) Look(_ context.Context, _ call.ID) (livekit.Room, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.looks++
	if l.onLook != nil {
		return l.onLook(l.looks)
	}
	return livekit.Room{Exists: true, Agent: l.agent, Leg: l.leg}, l.down
}

func (l *fakeLiveKit) SendKeys(_ context.Context, id call.ID, digits string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.down, l.noLeg); err != nil {
		return err
	}
	l.keys = append(l.keys, digits+" in "+string(id))
	return nil
}

func (l *fakeLiveKit) SetHold(_ context.Context, _ call.ID, on bool, _ string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(l.down, l.noLeg); err != nil {
		return "", err
	}
	l.holds = append(l.holds, on)
	return "applied", nil
}

func (l *fakeLiveKit) ReceiveEvent(r *http.Request) (livekit.Event, error) {
	if r.Header.Get("Authorization") != "signed" {
		return livekit.Event{}, livekit.ErrForged
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var e livekit.Event
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil {
		return livekit.Event{}, errors.Join(livekit.ErrForged, err)
	}
	return e, l.down
}

func (l *fakeLiveKit) Ping(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.down
}

// fakeSettings is what operators set.
type fakeSettings struct {
	mu    sync.Mutex
	value store.Settings
	down  error
}

func newFakeSettings() *fakeSettings {
	return &fakeSettings{value: store.Settings{Knobs: call.DefaultKnobs(), AllowedOrigins: []string{"*"}}}
}

func (s *fakeSettings) Get(context.Context) (store.Settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value, s.down
}

func (s *fakeSettings) change(change func(*store.Settings)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.value)
}
