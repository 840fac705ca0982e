package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// end has the call show that it ends.
func (s *fakeStore) end(id call.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endings[id] = true
}

// TestOneWordEndsACall: of the customer's goodbye, the page's /hangup and the agent's leaving, which come within a moment, only the
// first is signalled when the call shows that it ends; when it does not, each is.
func TestOneWordEndsACall(t *testing.T) {
	t.Parallel()
	agentLeft := func(id call.ID) livekit.Event {
		e := left("EV_2", id)
		e.Room = &call.RoomEvent{At: e.Room.At, Participant: call.ParticipantAgent, SID: "PA_2", Reason: call.LeaveOrdinary, Source: call.SourceWebhook}
		return e
	}
	lost := func(id call.ID) livekit.Event {
		e := left("EV_3", id)
		e.Room.Reason, e.Room.Status = call.LeaveLost, call.LegActive
		return e
	}
	hangUp := func(b *bench, id call.ID) { b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/hangup", "").ok() }
	said := func(event func(call.ID) livekit.Event) func(*bench, call.ID) {
		return func(b *bench, id call.ID) { b.event(event(id)).ok() }
	}
	goodbye := said(func(id call.ID) livekit.Event { return left("EV_1", id) })
	for name, tt := range map[string]struct {
		words       []func(*bench, call.ID)
		ends, stays int // signals when the first word ends the call, and when nothing does
	}{
		"goodbye, /hangup, agent":           {[]func(*bench, call.ID){goodbye, hangUp, said(agentLeft)}, 1, 3},
		"/hangup, goodbye, agent":           {[]func(*bench, call.ID){hangUp, goodbye, said(agentLeft)}, 1, 3},
		"/hangup, then LiveKit's bad news":  {[]func(*bench, call.ID){hangUp, said(lost)}, 2, 2}, // why it ended is in it
		"LiveKit's bad news, then /hangup ": {[]func(*bench, call.ID){said(lost), hangUp}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, ends := range []bool{true, false} {
				b := newBench(t)
				id := b.open()
				for i, word := range tt.words {
					if i == 1 && ends { // the workflow is at it
						time.AfterFunc(60*time.Millisecond, func() { b.store.end(id) })
					}
					word(b, id)
				}
				want := tt.stays
				if ends {
					want = tt.ends
				}
				require.Len(t, b.workflows.sent(), want, "ends: %v", ends)
			}
		})
	}
}
