package api_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

func (b *bench) connect(id call.ID) *answer {
	return b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/connect", "")
}

func TestConnect(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	require.Equal(t, map[string]any{"status": "ringing"}, b.connect(id).ok().json())
	require.Equal(t, []signal{{name: "connect", id: id, at: b.clock.now()}}, b.workflows.sent())
	require.Equal(t, 1, b.livekit.looks)
}

func TestConnectAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []call.Status{call.StatusRinging, call.StatusAnswered} {
		b := newBench(t)
		id := b.open()
		b.store.set(id, func(c *call.Call) { c.Status = status })
		b.livekit.agent = false
		b.connect(id).ok()
		require.Zero(t, b.livekit.looks, "it is dialed already: nobody needs to look")
		require.Empty(t, b.workflows.sent(), "nor to be told again")
	}
}

func TestConnectAfterTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	b.connect(id).isProblem(http.StatusConflict, "call_ended")
	require.Zero(t, b.livekit.looks)
}

// TestConnectRacesTheEnd: the row does not know yet, the workflow does.
func TestConnectRacesTheEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.livekit.onLook = func(int) (livekit.Room, error) {
		b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
		return livekit.Room{Exists: true, Agent: true}, nil
	}
	b.connect(id).isProblem(http.StatusConflict, "call_ended")
}

func TestConnectWithoutAgent(t *testing.T) {
	t.Parallel()
	here, away := livekit.Room{Exists: true, Agent: true}, livekit.Room{Exists: true}
	for name, tt := range map[string]struct {
		look func(n int) (livekit.Room, error)
		code string // "" when it dials
	}{
		"never comes":                 {func(int) (livekit.Room, error) { return away, nil }, "agent_not_in_room"},
		"comes late":                  {func(n int) (livekit.Room, error) { return map[bool]livekit.Room{true: here, false: away}[n >= 3], nil }, ""},
		"LiveKit down":                {func(int) (livekit.Room, error) { return livekit.Room{}, errDown }, "livekit_unavailable"},
		"LiveKit hiccups":             {func(n int) (livekit.Room, error) { return here, map[bool]error{true: errDown}[n == 1] }, ""},
		"away, then LiveKit is down":  {func(n int) (livekit.Room, error) { return away, map[bool]error{true: errDown}[n > 1] }, "agent_not_in_room"},
		"the room is gone altogether": {func(int) (livekit.Room, error) { return livekit.Room{}, nil }, "agent_not_in_room"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			id := b.open()
			b.livekit.onLook = tt.look
			if tt.code == "" { // it ends as soon as the agent is there, however busy the machine is
				deps := b.deps()
				deps.AgentWait = time.Second
				b.handler = api.New(deps)
			}
			a := b.connect(id)
			switch tt.code {
			case "":
				a.ok()
				require.Len(t, b.workflows.sent(), 1)
			case "livekit_unavailable":
				a.isProblem(503, tt.code)
				require.Empty(t, b.workflows.sent(), "nobody was dialed")
			default:
				a.isProblem(http.StatusConflict, tt.code)
				require.Contains(t, a.problem.Detail, "/connect again")
				require.Empty(t, b.workflows.sent(), "nobody was dialed")
				require.Equal(t, "connect_refused", b.store.timeline(id)[0].Name)
			}
		})
	}
}

func TestConnectWithTheCheckOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.settings.change(func(s *store.Settings) { s.Knobs.RequireAgent = false })
	id := b.open()
	b.livekit.agent = false
	b.connect(id).ok()
	require.Zero(t, b.livekit.looks)
	require.Len(t, b.workflows.sent(), 1)
}

// A call keeps the rule that it began with: the dial goes by that one, too.
func TestConnectAsTheCallBegan(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.livekit.agent = false
	id := b.open()
	b.settings.change(func(s *store.Settings) { s.Knobs.RequireAgent = false })
	b.connect(id).isProblem(http.StatusConflict, "agent_not_in_room")
	free := b.open()
	b.settings.change(func(s *store.Settings) { s.Knobs.RequireAgent = true })
	b.connect(free).ok()
}

func TestConnectTenTimesAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() { b.connect(id).ok() })
	}
	all.Wait()
	for _, s := range b.workflows.sent() {
		require.Equal(t, "connect", s.name)
		require.Equal(t, id, s.id)
	}
}

func TestConnectWithoutDependencies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.workflows.fail(errTrouble)
	a := b.connect(id).isProblem(503, "temporal_unavailable")
	require.NotContains(t, string(a.body), "10.1.2.3")
	b.workflows.fail(nil)
	b.store.fail(errDown)
	b.connect(id).isProblem(503, "store_unavailable")
	require.Empty(t, b.workflows.sent())
}

// TestConnectToAnUnknownCall costs the same asking of Temporal as a known one, for an id that nobody has: a signal to the
// id that was sent could dial, should that call come to life just then.
func TestConnectToAnUnknownCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := call.NewID()
	b.connect(id).isProblem(http.StatusNotFound, "call_not_found")
	require.Len(t, b.workflows.asked, 1)
	require.NotEqual(t, id, b.workflows.asked[0])
}
