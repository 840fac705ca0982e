package api_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

func (b *bench) hangUp(id call.ID, body string) *answer {
	return b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/hangup", body, "Content-Type", "text/plain;charset=UTF-8")
}

// in has LiveKit show the agent in the room by a session, "" for nobody, from one look on.
func in(sessions ...string) func(n int) (livekit.Room, error) {
	return func(n int) (livekit.Room, error) {
		sid := sessions[min(n, len(sessions))-1]
		return livekit.Room{Exists: true, Agent: sid != "", AgentSID: sid}, nil
	}
}

// A hang-up that names its session ends the call unless another session is seen twice.
func TestHangUpOfASession(t *testing.T) {
	t.Parallel()
	down := func(int) (livekit.Room, error) { return livekit.Room{}, errDown }
	for name, tt := range map[string]struct {
		look   func(n int) (livekit.Room, error)
		body   string
		status string
	}{
		"its own":                     {in("PA_new"), `{"session":"PA_new"}`, "ending"},
		"of a page that was replaced": {in("PA_new"), `{"session":"PA_old"}`, "replaced"},
		"LiveKit's list lagged":       {in("PA_old", "PA_new"), `{"session":"PA_new"}`, "ending"},
		"the other left meanwhile":    {in("PA_new", ""), `{"session":"PA_old"}`, "ending"},
		"a third came":                {in("PA_new", "PA_third"), `{"session":"PA_old"}`, "ending"},
		"the page left first":         {in(""), `{"session":"PA_old"}`, "ending"},
		"LiveKit is down":             {down, `{"session":"PA_old"}`, "ending"},
		"none is named":               {in("PA_new"), `{}`, "ending"},
		"no text":                     {in("PA_new"), `{"session":7}`, "ending"},
		"too long":                    {in("PA_new"), `{"session":"` + strings.Repeat("x", 129) + `"}`, "ending"},
		"broken":                      {in("PA_new"), `{"session":"PA_old"`, "ending"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				id := b.open()
				b.livekit.onLook = tt.look
				require.Equal(t, tt.status, b.hangUp(id, tt.body).ok().str("status"))
				if tt.status == "replaced" {
					require.Empty(t, b.workflows.sent())
					require.Equal(t, "hangup_replaced", b.store.timeline(id)[0].Name)
				} else {
					require.Len(t, b.workflows.sent(), 1)
				}
			})
		})
	}
}

func TestHangUpWithoutASessionLooksNowhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.hangUp(b.open(), "").ok()
	require.Zero(t, b.livekit.looks)
}

const leaves = `{"session":"PA_old","back_within_seconds":5}`

// A page that leaves is waited for: loaded again, it goes on with the call; closed, it has ended it.
func TestLeave(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		look func(n int) (livekit.Room, error)
		ends time.Duration // after which the call is hung up; 0 for never
	}{
		"closed":                      {in(""), 5 * time.Second},
		"closed, LiveKit has not yet": {in("PA_old"), 5 * time.Second},
		"loaded again":                {in("PA_old", "", "PA_new"), 0},
		"LiveKit hiccups": {func(n int) (livekit.Room, error) {
			return livekit.Room{Exists: true}, map[bool]error{true: errDown}[n < 14]
		}, 7 * time.Second},
		"LiveKit stays down": {func(int) (livekit.Room, error) { return livekit.Room{}, errDown }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				id := b.open()
				b.livekit.onLook = tt.look
				asked := b.clock.now()
				require.Equal(t, "leaving", b.hangUp(id, leaves).ok().str("status"))
				if tt.ends > 0 {
					time.Sleep(tt.ends - time.Second)
					synctest.Wait()
					require.Empty(t, b.workflows.sent(), "it may still come back")
					time.Sleep(2 * time.Second)
					synctest.Wait()
					require.Equal(t, []signal{{name: "hangup by browser", id: id, at: asked}}, b.workflows.sent())
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Len(t, b.workflows.sent(), map[bool]int{true: 1, false: 0}[tt.ends > 0])
			})
		})
	}
}

// A page that is loaded again twice has its full time from the second on.
func TestLeaveTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		id := b.open()
		b.livekit.onLook = in("")
		b.hangUp(id, leaves).ok()
		time.Sleep(4 * time.Second)
		b.hangUp(id, `{"session":"PA_second","back_within_seconds":5}`).ok()
		time.Sleep(4 * time.Second)
		synctest.Wait()
		require.Empty(t, b.workflows.sent())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Len(t, b.workflows.sent(), 1)
	})
}

// TestLeaveOutlivesAnOutage: the beacon came once, and Temporal was away when its time was over.
func TestLeaveOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		deps := b.deps()
		deps.ResendEvery = time.Second
		b.handler = api.New(deps)
		id := b.open()
		b.livekit.onLook = in("")
		b.hangUp(id, leaves).ok()
		b.workflows.fail(errTrouble)
		time.Sleep(10 * time.Second)
		b.workflows.fail(nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Len(t, b.workflows.sent(), 1)
	})
}

func TestLeaveOfACallThatIsOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	require.Equal(t, "ended", b.hangUp(id, leaves).ok().str("status"))
	b.hangUp(call.NewID(), leaves).isProblem(http.StatusNotFound, "call_not_found")
	require.Zero(t, b.livekit.looks)
}
