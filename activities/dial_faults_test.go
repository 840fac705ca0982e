package activities_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// faultBook remembers signs and calls the second one certain.
type faultBook struct {
	mu    sync.Mutex
	signs map[string]int
	noted chan string // every word, as "trunk kind" or "well trunk"
}

func newFaultBook() *faultBook {
	return &faultBook{signs: map[string]int{}, noted: make(chan string, 100)}
}

func (b *faultBook) AddFaultSign(_ context.Context, trunk string, kind store.FaultKind, _ time.Time) (store.DialFault, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.signs[trunk]++
	b.noted <- trunk + " " + string(kind)
	return store.DialFault{}, b.signs[trunk] == 2, nil
}

func (b *faultBook) EndFault(_ context.Context, trunk string, _ ...store.FaultKind) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	told := b.signs[trunk] >= 2
	delete(b.signs, trunk)
	b.noted <- "well " + trunk
	return told, nil
}

func (b *faultBook) TrunkFailed(_ context.Context, trunk string, _ call.BreakerRule, at time.Time) (*store.TrunkBreaker, error) {
	b.noted <- trunk + " failed"
	return &store.TrunkBreaker{TrunkID: trunk, Since: at, Why: "5 of its last 5 dials failed for its own sake."}, nil
}

func (b *faultBook) TrunkWorked(_ context.Context, trunk string, _ time.Time) (bool, error) {
	b.noted <- trunk + " worked"
	return true, nil
}

// alertBook remembers alerts.
type alertBook struct {
	mu   sync.Mutex
	told []string
}

func (b *alertBook) Alert(_ context.Context, a activities.Alert) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, string(a.Kind)+" "+a.TrunkID)
}

func (b *alertBook) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.told)
}

// TestDialsTellOfFaults: two dials that no SIP service took are told once; one that the carrier answers ends it.
func TestDialsTellOfFaults(t *testing.T) {
	t.Parallel()
	book, told := newFaultBook(), &alertBook{}
	dial := func(state call.DialState, detail string, code int) {
		t.Helper()
		rooms, calls := &fakeRooms{room: livekit.Room{Agent: true}}, newFakeCalls()
		calls.trunk.ID = "trk_a"
		rooms.dial = func(context.Context, int) (call.Dial, error) {
			return call.Dial{State: state, Detail: detail, SIPCode: code, Source: call.SourceDial, EndedAt: time.Now()}, nil
		}
		a, env := calling(t, rooms, calls)
		a.Faults = &activities.Faults{Store: book, Alerts: told, Log: zerolog.Nop()}
		run[call.Dial](t, env, a.Dial, activities.DialInput{CallID: calls.call.ID, ConnectedAt: time.Now(), RingTimeout: 30 * time.Second})
	}
	next := func() string { return <-book.noted }
	dial(call.DialNotSent, "no response from servers", 0)
	require.Equal(t, " no_sip_service", next())
	require.Empty(t, told.all(), "one sign")
	dial(call.DialNotSent, "no response from servers", 0)
	require.Equal(t, " no_sip_service", next())
	dial(call.DialRefused, "", 486)
	require.Equal(t, []string{"well ", "well trk_a"}, []string{next(), next()})
	dial(call.DialRefused, "", 407)
	require.Equal(t, []string{"well ", "trk_a trunk_login"}, []string{next(), next()})
	dial(call.DialRefused, "", 407)
	require.Equal(t, []string{"well ", "trk_a trunk_login"}, []string{next(), next()})
	require.Eventually(t, func() bool {
		return slices.Equal([]string{"sip_failing ", "sip_well ", "trunk_failing trk_a"}, told.all())
	}, 5*time.Second, time.Millisecond)
}

// liveKitTrunks is LiveKit's list.
type liveKitTrunks struct {
	ids []string
	err error
}

func (l *liveKitTrunks) Trunks(context.Context) (list []livekit.TrunkInfo, err error) {
	for _, id := range l.ids {
		list = append(list, livekit.TrunkInfo{ID: id})
	}
	return list, l.err
}

type ourTrunks []call.Trunk

func (o ourTrunks) Trunks(context.Context) ([]call.Trunk, error) { return o, nil }

// TestTrunksAreChecked: a trunk that LiveKit does not list is a sign, unless it is switched off or LiveKit does not answer.
func TestTrunksAreChecked(t *testing.T) {
	t.Parallel()
	book, theirs := newFaultBook(), &liveKitTrunks{ids: []string{"ST_b"}}
	w := &activities.Watching{
		Trunks: ourTrunks{
			{ID: "trk_a", LiveKitTrunkID: "ST_a", Enabled: true}, {ID: "trk_b", LiveKitTrunkID: "ST_b", Enabled: true}, {ID: "trk_c", LiveKitTrunkID: "ST_c"},
		},
		LiveKitTrunks: theirs, Faults: &activities.Faults{Store: book, Alerts: &alertBook{}, Log: zerolog.Nop()},
	}
	activities.CheckTrunksOnce(t.Context(), w)
	require.Equal(t, []string{"trk_a trunk_unknown", "well trk_b", "well trk_c"}, []string{<-book.noted, <-book.noted, <-book.noted})
	theirs.err = errors.New("LiveKit is away")
	activities.CheckTrunksOnce(t.Context(), w)
	theirs.err, theirs.ids = nil, make([]string, 1000)
	activities.CheckTrunksOnce(t.Context(), w)
	require.Empty(t, book.noted, "nothing is known of a trunk then")
}
