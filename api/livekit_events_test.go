package api_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/workflows"
)

func (b *bench) event(e livekit.Event) *answer {
	b.t.Helper()
	body, err := json.Marshal(e)
	require.NoError(b.t, err)
	return b.do(http.MethodPost, "/webhooks/livekit", string(body), "Authorization", "signed", "Content-Type", "application/webhook+json")
}

func left(eventID string, id call.ID) livekit.Event {
	return livekit.Event{ID: eventID, Name: "participant_left", CallID: id, Room: &call.RoomEvent{
		At: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Participant: call.ParticipantCustomer, SID: "PA_1",
		Reason: call.LeaveOrdinary, Status: call.LegHangup, Source: call.SourceWebhook, EventID: eventID,
	}}
}

func TestEventIsHandedOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	e := left("EV_1", id)
	b.event(e).ok()
	require.Equal(t, []signal{{name: "event", id: id, room: *e.Room}}, b.workflows.sent())

	b.event(left("EV_2", id)).ok()
	require.Len(t, b.workflows.sent(), 2)
}

func TestEventsThatChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	replaced := left("EV_5", id)
	replaced.Room.Reason = call.LeaveReplaced
	for name, e := range map[string]livekit.Event{
		"a room that is not ours":    {ID: "EV_1", Name: "room_finished"},
		"nothing about the end":      {ID: "EV_2", Name: "track_published", CallID: id},
		"a call that never was":      left("EV_3", call.NewID()),
		"a newer session took over":  replaced,
		"an event without an id":     {Name: "room_started", CallID: id},
		"an old call, for ever over": left("EV_4", call.NewID()),
	} {
		require.Equal(t, map[string]any{"status": "ok"}, b.event(e).ok().json(), name)
	}
	require.Empty(t, b.workflows.sent())
}

// TestNewsOfACallThatIsEnding: what the hang-up itself causes must not keep the workflow from ending.
func TestNewsOfACallThatIsEnding(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.endings[id] = true
	b.event(left("EV_1", id)).ok()
	require.Equal(t, map[string]any{"status": "ending"}, b.do(http.MethodPost, "/api/c2c/calls/"+string(id)+"/hangup", "").ok().json())
	require.Empty(t, b.workflows.sent())
}

// TestEventIsRetried: after a 503 LiveKit sends the event again, and that is no duplicate.
func TestEventIsRetried(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.workflows.fail(errTrouble)
	b.event(left("EV_1", id)).isProblem(503, "temporal_unavailable")
	b.workflows.fail(nil)
	b.event(left("EV_1", id)).ok()
	require.Len(t, b.workflows.sent(), 1)
}

func TestForgedEvent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	body, err := json.Marshal(left("EV_1", id))
	require.NoError(t, err)
	for _, header := range []string{"", "Bearer signed", "forged"} {
		b.do(http.MethodPost, "/webhooks/livekit", string(body), "Authorization", header).isProblem(http.StatusUnauthorized, "unauthorized")
	}
	b.do(http.MethodPost, "/webhooks/livekit", "{", "Authorization", "signed").isProblem(http.StatusUnauthorized, "unauthorized")
	require.Empty(t, b.workflows.sent())
}

func TestEventThatCannotBeVerified(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.livekit.down = errDown // the credentials could not be read
	b.event(left("EV_1", call.NewID())).isProblem(503, "livekit_unavailable")
}

// TestEventOfACallThatEnded: LiveKit repeats what is over, even a day later.
func TestEventOfACallThatEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	require.ErrorIs(t, b.workflows.RoomEvent(t.Context(), id, call.RoomEvent{}), workflows.ErrOver)
	b.event(left("EV_1", id)).ok()
	require.Empty(t, b.workflows.sent())
}
