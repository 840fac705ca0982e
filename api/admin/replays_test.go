package admin_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
	"github.com/click2call/click2call/workflows"
)

// replay makes a replay of one fresh outcome.
func (b *bench) replay() store.Replay {
	b.t.Helper()
	event := b.endedCall(b.trunk("t"), call.FromSIPCode(486)).ID.EventID()
	r, err := b.store.CreateReplay(b.t.Context(), store.NewReplay{
		Selection: store.ReplaySelection{EventIDs: []string{event}}, RatePerSecond: 20, CreatedBy: "somebody",
	})
	require.NoError(b.t, err)
	return r
}

func selects(selection map[string]any) map[string]any { return map[string]any{"selection": selection} }

func begins(selection map[string]any) map[string]any {
	return map[string]any{"selection": selection, "rate_per_second": 50}
}

func TestReplayPreview(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.endpoint(nowhere) // without one, outcomes are parked
	w, trunk := b.as(store.RoleViewer), b.trunk("Mumbai")
	waiting, done := b.endedCall(trunk, call.FromSIPCode(486)), b.endedCall(trunk, answered())
	storetest.Delivered(t, b.store, done.ID.EventID())
	got := w.post("/replays/preview", selects(map[string]any{"trunk_id": trunk.ID})).is(http.StatusOK)
	require.EqualValues(t, 1, got.at("count"))
	require.Equal(t, got.at("oldest"), got.at("newest"))
	require.Equal(t, map[string]any{"pending": 1.0, "parked": 0.0, "dead": 0.0, "delivered": 0.0}, got.at("by_state"))
	got = w.post("/replays/preview", selects(map[string]any{"event_ids": []string{waiting.ID.EventID(), done.ID.EventID()}})).is(http.StatusOK)
	require.EqualValues(t, 2, got.at("count"))
	got = w.post("/replays/preview", selects(map[string]any{"until": "2020-01-01T00:00:00Z"})).is(http.StatusOK)
	require.EqualValues(t, 0, got.at("count"))
	require.Nil(t, got.at("oldest"))
}

func TestReplayRefusals(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.endpoint(nowhere) // without one, outcomes are parked
	w := b.as(store.RoleOperator)
	event := b.endedCall(b.trunk("t"), call.FromSIPCode(486)).ID.EventID()
	for name, selection := range map[string]map[string]any{
		"an unknown id":      {"event_ids": []string{"evt_none"}},
		"ids and a state":    {"event_ids": []string{event}, "state": []string{"dead"}},
		"nothing to be sent": {"state": []string{"parked"}},
		"no time at all":     {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
	} {
		got := w.post("/replays", begins(selection)).isProblem(http.StatusBadRequest, "invalid_request").names("selection")
		require.NotEmpty(t, got.problem.Errors[0].Message, name)
	}
	w.post("/replays", begins(map[string]any{})).isProblem(http.StatusBadRequest, "invalid_request").names("selection")
	w.post("/replays", begins(map[string]any{"state": []string{"lost"}})).isProblem(http.StatusBadRequest, "invalid_request").names("selection.state.0")
	w.post("/replays", map[string]any{"selection": map[string]any{"event_ids": []string{event}}, "rate_per_second": 201}).
		isProblem(http.StatusBadRequest, "invalid_request").names("rate_per_second")
	require.Empty(t, b.workflows.told)
	for range 10 {
		w.post("/replays", begins(map[string]any{"event_ids": []string{event}})).is(http.StatusCreated)
	}
	got := w.post("/replays", begins(map[string]any{"event_ids": []string{event}})).isProblem(http.StatusConflict, "conflict")
	require.Equal(t, "10 replays are under way: wait for one to end, or cancel one.", got.problem.Detail)
}

func TestReplayLife(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.endpoint(nowhere) // without one, outcomes are parked
	w, viewer := b.as(store.RoleOperator), b.as(store.RoleViewer)
	b.endedCall(b.trunk("t"), call.FromSIPCode(486))
	selection := map[string]any{"since": "2020-01-01T00:00:00Z", "call_status": []any{"NOT_ANSWERED"}, "state": []any{"pending", "dead"}}
	begun := w.post("/replays", begins(selection)).is(http.StatusCreated)
	id := begun.str("replay_id")
	require.Equal(t, selection, begun.at("selection"))
	require.Equal(t, "operator1", begun.at("created_by"))
	require.EqualValues(t, 1, begun.at("eta_seconds"))
	require.Equal(t, "running", viewer.get("/replays/"+id).is(http.StatusOK).at("state"))

	paused := w.post("/replays/"+id+"/pause", nil).is(http.StatusOK)
	require.Equal(t, "paused", paused.at("state"))
	require.NotContains(t, string(paused.body), "eta_seconds")
	require.Equal(t, "running", w.post("/replays/"+id+"/resume", nil).is(http.StatusOK).at("state"))
	require.Equal(t, "cancelled", w.post("/replays/"+id+"/cancel", nil).is(http.StatusOK).at("state"))
	got := w.post("/replays/"+id+"/resume", nil).isProblem(http.StatusConflict, "conflict")
	require.Equal(t, "The replay is cancelled; begin a new one for what it left.", got.problem.Detail)
	require.Equal(t, []string{"start " + id, "paused " + id, "running " + id, "cancelled " + id}, b.workflows.told)
	require.Subset(t, b.audited(), []string{
		"operator1 replay_begun " + id, "operator1 replay_paused " + id, "operator1 replay_resumed " + id, "operator1 replay_cancelled " + id,
	})
	list := viewer.get("/replays?limit=1").is(http.StatusOK)
	require.Equal(t, 1, list.count("items"))
	require.Equal(t, id, list.str("items.0.replay_id"))
	viewer.get("/replays?cursor=x").isProblem(http.StatusBadRequest, "invalid_request").names("cursor")
}

// TestReplayCounts reads what the store has counted.
func TestReplayCounts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	trunk := b.trunk("t")
	for range 4 {
		b.endedCall(trunk, call.FromSIPCode(486))
	}
	w := b.as(store.RoleOperator)
	id := w.post("/replays", begins(map[string]any{"trunk_id": trunk.ID})).is(http.StatusCreated).str("replay_id")
	for n, result := range []store.ReplayResult{store.ReplaySucceeded, store.ReplayFailed, store.ReplaySkipped} {
		require.NoError(t, b.store.SaveReplayItem(t.Context(), id, n+1, result))
	}
	var got struct{ Total, Sent, Succeeded, Failed, Skipped, Left int }
	require.NoError(t, json.Unmarshal(w.get("/replays/"+id).is(http.StatusOK).body, &got))
	require.Equal(t, struct{ Total, Sent, Succeeded, Failed, Skipped, Left int }{4, 2, 1, 1, 1, 1}, got)
}

// TestReplayWithoutTemporal leaves nothing behind that would begin by itself later.
func TestReplayWithoutTemporal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	running := b.replay()
	b.workflows.err = workflows.ErrTemporalUnavailable
	w.post("/replays", begins(map[string]any{"event_ids": running.Selection.EventIDs})).isProblem(http.StatusServiceUnavailable, "temporal_unavailable")
	page, err := b.store.Replays(t.Context(), "", 1)
	require.NoError(t, err)
	require.Equal(t, store.ReplayCancelled, page.Replays[0].State)

	w.post("/replays/"+running.ID+"/pause", nil).isProblem(http.StatusServiceUnavailable, "temporal_unavailable")
	after, err := b.store.Replay(t.Context(), running.ID)
	require.NoError(t, err)
	require.Equal(t, store.ReplayPaused, after.State, "whoever works on it reads it in the store")
	require.Contains(t, b.audited(), "operator1 replay_paused "+running.ID)
}

// TestReplaysAreTended has a replay whose workflow was never started, and one whose workflow somebody terminated.
func TestReplaysAreTended(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r, replays := b.replay(), &api.Replays{Store: b.store, Workflows: b.workflows}
	require.NoError(t, replays.Tend(t.Context(), time.Now()))
	require.Empty(t, b.workflows.told, "whoever began it may just be about to start it")
	later := time.Now().Add(2 * time.Minute)
	require.NoError(t, replays.Tend(t.Context(), later))
	require.Equal(t, []string{"start " + r.ID}, b.workflows.told)
	b.workflows.err = workflows.ErrReplayOver
	require.NoError(t, replays.Tend(t.Context(), later))
	after, err := b.store.Replay(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, store.ReplayCancelled, after.State)
	require.NoError(t, replays.Tend(t.Context(), later))
}
