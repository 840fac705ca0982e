package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// deliveriesOf makes outcomes whose deliveries have the given states, oldest first, and returns their event ids.
func deliveriesOf(t *testing.T, s *store.Store, trunk call.Trunk, states ...store.DeliveryState) []string {
	t.Helper()
	hasEndpoint(t, s)
	events := make([]string, len(states))
	for i, state := range states {
		c := addCall(t, s, newCall(trunk, begin))
		endCall(t, s, c)
		events[i] = c.ID.EventID()
		a := store.Attempt{EventID: events[i], N: 1, Trigger: store.TriggerAutomatic, Run: "run", StartedAt: begin, Status: 500, ErrorClass: "status"}
		switch state {
		case store.DeliveryDead:
			require.NoError(t, s.SaveAttempt(t.Context(), a))
		case store.DeliveryDelivered:
			storetest.Delivered(t, s, events[i])
		default:
		}
	}
	return events
}

func newReplay(t *testing.T, s *store.Store, selection store.ReplaySelection) store.Replay {
	t.Helper()
	r, err := s.CreateReplay(t.Context(), store.NewReplay{Selection: selection, RatePerSecond: 20, CreatedBy: "asha"})
	require.NoError(t, err)
	return r
}

func eventsOf(t *testing.T, s *store.Store, r store.Replay) []string {
	t.Helper()
	items, err := s.ReplayItems(t.Context(), r.ID, 0, 1000)
	require.NoError(t, err)
	events := make([]string, len(items))
	for i, item := range items {
		require.Equal(t, i+1, item.N)
		events[i] = item.EventID
	}
	return events
}

func testReplaySelections(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	events := deliveriesOf(t, s, trunk, store.DeliveryPending, store.DeliveryDead, store.DeliveryDelivered, store.DeliveryDead)
	pending, dead, delivered, dead2 := events[0], events[1], events[2], events[3]
	created := func(event string) *time.Time {
		d, err := s.Delivery(ctx, event)
		require.NoError(t, err)
		return &d.CreatedAt
	}
	other := addTrunk(t, s)
	elsewhere := deliveriesOf(t, s, other, store.DeliveryDead)[0]
	for name, c := range map[string]struct {
		selection store.ReplaySelection
		want      []string
	}{
		"what is not delivered":  {store.ReplaySelection{TrunkID: trunk.ID}, []string{pending, dead, dead2}},
		"a state":                {store.ReplaySelection{States: []store.DeliveryState{store.DeliveryDead}}, []string{dead, dead2, elsewhere}},
		"two states, one trunk":  {store.ReplaySelection{States: []store.DeliveryState{store.DeliveryDead, store.DeliveryDelivered}, TrunkID: trunk.ID}, []string{dead, delivered, dead2}},
		"a call status":          {store.ReplaySelection{CallStatuses: []call.CallStatus{call.NotAnswered}, TrunkID: other.ID}, []string{elsewhere}},
		"since":                  {store.ReplaySelection{Since: created(dead2), TrunkID: trunk.ID}, []string{dead2}},
		"until":                  {store.ReplaySelection{Until: created(dead)}, []string{pending}},
		"ids, whatever they are": {store.ReplaySelection{EventIDs: []string{delivered, pending}}, []string{pending, delivered}},
	} {
		preview, err := s.PreviewReplay(ctx, c.selection)
		require.NoError(t, err, name)
		require.Equal(t, len(c.want), preview.Count, name)
		require.Equal(t, created(c.want[0]), preview.Oldest, name)
		require.Equal(t, created(c.want[len(c.want)-1]), preview.Newest, name)
		r := newReplay(t, s, c.selection)
		require.Equal(t, c.want, eventsOf(t, s, r), name)
		require.Equal(t, len(c.want), r.Total, name)
		require.Equal(t, c.selection, r.Selection, name)
	}
	preview, err := s.PreviewReplay(ctx, store.ReplaySelection{EndpointID: "ep_none"})
	require.NoError(t, err)
	require.Equal(t, store.ReplayPreview{ByState: map[store.DeliveryState]int{}, ByAnswer: map[store.DeliveryAnswer]int{}}, preview)
	preview, err = s.PreviewReplay(ctx, store.ReplaySelection{EventIDs: events})
	require.NoError(t, err)
	require.Equal(t, map[store.DeliveryState]int{store.DeliveryPending: 1, store.DeliveryDead: 2, store.DeliveryDelivered: 1}, preview.ByState)
}

func testReplayRefuses(t *testing.T, s *store.Store) {
	ctx := t.Context()
	event := deliveriesOf(t, s, addTrunk(t, s), store.DeliveryDead)[0]
	later := begin.Add(time.Hour)
	for hint, n := range map[string]store.NewReplay{
		"the selection is empty": {RatePerSecond: 1},
		"the rate must be":       {Selection: store.ReplaySelection{EventIDs: []string{event}}, RatePerSecond: store.MaxReplayRate + 1},
		"cannot be combined":     {Selection: store.ReplaySelection{EventIDs: []string{event}, TrunkID: "trk_1"}, RatePerSecond: 1},
		"check its spelling":     {Selection: store.ReplaySelection{EventIDs: []string{event, "evt_\x00"}}, RatePerSecond: 1},
		"is there twice":         {Selection: store.ReplaySelection{EventIDs: []string{event, event}}, RatePerSecond: 1},
		"too many":               {Selection: store.ReplaySelection{EventIDs: make([]string, 1001)}, RatePerSecond: 1},
		"since must be before":   {Selection: store.ReplaySelection{Since: &later, Until: &begin}, RatePerSecond: 1},
		"must be pending":        {Selection: store.ReplaySelection{States: []store.DeliveryState{"lost"}}, RatePerSecond: 1},
		"must be ANSWERED":       {Selection: store.ReplaySelection{CallStatuses: []call.CallStatus{"BUSY"}}, RatePerSecond: 1},
		"chooses no delivery":    {Selection: store.ReplaySelection{TrunkID: "trk_\x00"}, RatePerSecond: 1},
	} {
		_, err := s.CreateReplay(ctx, n)
		require.ErrorIs(t, err, store.ErrInvalid, hint)
		require.ErrorContains(t, err, hint)
	}
	page, err := s.Replays(ctx, "", 0)
	require.NoError(t, err)
	require.Empty(t, page.Replays, "what was refused left nothing")
	for range 10 {
		newReplay(t, s, store.ReplaySelection{EventIDs: []string{event}})
	}
	_, err = s.CreateReplay(ctx, store.NewReplay{Selection: store.ReplaySelection{EventIDs: []string{event}}, RatePerSecond: 1})
	require.ErrorIs(t, err, store.ErrConflict)
}

// testReplayCounts has several workers save the same places, twice.
func testReplayCounts(t *testing.T, s *store.Store) {
	ctx := t.Context()
	states := make([]store.DeliveryState, 12)
	for i := range states {
		states[i] = store.DeliveryDead
	}
	r := newReplay(t, s, store.ReplaySelection{EventIDs: deliveriesOf(t, s, addTrunk(t, s), states...)})
	results := []store.ReplayResult{store.ReplaySucceeded, store.ReplayFailed, store.ReplaySkipped}
	var workers sync.WaitGroup
	for range 3 {
		workers.Go(func() {
			for n := 1; n <= 9; n++ {
				if err := s.SaveReplayItem(ctx, r.ID, n, results[n%3]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	require.NoError(t, s.SaveReplayItem(ctx, r.ID, 1, store.ReplaySkipped), "the first result stays")
	require.ErrorIs(t, s.SaveReplayItem(ctx, r.ID, 10, "lost"), store.ErrInvalid)
	r, err := s.FinishReplay(ctx, r.ID)
	require.NoError(t, err)
	require.Equal(t, []int{12, 3, 3, 3, 6, 3}, []int{r.Total, r.Succeeded, r.Failed, r.Skipped, r.Sent(), r.Left()})
	require.Equal(t, store.ReplayRunning, r.State, "something is left")
	rest, err := s.ReplayItems(ctx, r.ID, 10, 1)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, 11, rest[0].N)
	for n := 10; n <= 12; n++ {
		require.NoError(t, s.SaveReplayItem(ctx, r.ID, n, store.ReplayFailed))
	}
	r, err = s.FinishReplay(ctx, r.ID)
	require.NoError(t, err)
	require.Equal(t, store.ReplayDone, r.State)
	require.True(t, r.Over())
	again, err := s.FinishReplay(ctx, r.ID)
	require.NoError(t, err)
	require.Equal(t, r, again)
}

func testReplaySteering(t *testing.T, s *store.Store) {
	ctx := t.Context()
	events := deliveriesOf(t, s, addTrunk(t, s), store.DeliveryDead, store.DeliveryDead)
	r := newReplay(t, s, store.ReplaySelection{EventIDs: events})
	steer := func(to store.ReplayState) store.Replay {
		t.Helper()
		got, err := s.SteerReplay(ctx, r.ID, to)
		require.NoError(t, err)
		require.Equal(t, to, got.State)
		return got
	}
	_, runs := r.Remaining(time.Now())
	require.True(t, runs)
	for range 2 {
		_, runs = steer(store.ReplayPaused).Remaining(time.Now())
		require.False(t, runs)
	}
	require.NoError(t, s.SaveReplayItem(ctx, r.ID, 1, store.ReplaySucceeded), "an attempt that was under way")
	for range 2 {
		rest, runs := steer(store.ReplayRunning).Remaining(time.Now())
		require.True(t, runs)
		require.Equal(t, time.Second/20, rest)
		rest, _ = steer(store.ReplayRunning).Remaining(time.Now().Add(100 * time.Second))
		require.InDelta(t, 100, rest.Seconds(), 5, "its own pace counts once it has run for a while")
	}
	over := steer(store.ReplayCancelled)
	require.NotNil(t, over.FinishedAt)
	require.Equal(t, over, steer(store.ReplayCancelled))
	_, err := s.SteerReplay(ctx, r.ID, store.ReplayRunning)
	require.ErrorIs(t, err, store.ErrConflict)
	_, err = s.SteerReplay(ctx, r.ID, store.ReplayDone)
	require.ErrorIs(t, err, store.ErrInvalid)
	_, err = s.SteerReplay(ctx, "rpl_none", store.ReplayPaused)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.TakeReplay(ctx, "rpl_none", "w")
	require.ErrorIs(t, err, store.ErrNotFound)
	taken, err := s.TakeReplay(ctx, r.ID, "worker 2")
	require.NoError(t, err)
	require.Equal(t, "worker 2", taken.Worker)
	require.NoError(t, s.SaveReplayItem(ctx, r.ID, 2, store.ReplayFailed), "what was under way at the end still counts")
	r, err = s.FinishReplay(ctx, r.ID)
	require.NoError(t, err)
	require.Equal(t, store.ReplayCancelled, r.State)
	require.Zero(t, r.Left())
}

func testReplayList(t *testing.T, s *store.Store) {
	ctx := t.Context()
	event := deliveriesOf(t, s, addTrunk(t, s), store.DeliveryDead)[0]
	var ids []string
	for range 5 {
		ids = append([]string{newReplay(t, s, store.ReplaySelection{EventIDs: []string{event}}).ID}, ids...)
	}
	var got []string
	for cursor := ""; ; {
		page, err := s.Replays(ctx, cursor, 2)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Replays), 2)
		for _, r := range page.Replays {
			got = append(got, r.ID)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, ids, got)
	_, err := s.Replays(ctx, "rpl_none", 2)
	require.ErrorIs(t, err, store.ErrBadCursor)
	_, err = s.Replays(ctx, "", 201)
	require.ErrorIs(t, err, store.ErrBadFilter)

	_, err = s.SteerReplay(ctx, ids[0], store.ReplayPaused)
	require.NoError(t, err)
	_, err = s.SteerReplay(ctx, ids[1], store.ReplayCancelled)
	require.NoError(t, err)
	strays, err := s.StrayReplays(ctx, time.Now().Add(time.Minute))
	require.NoError(t, err)
	require.Len(t, strays, 3, "neither the paused one nor the one that is over")
	strays, err = s.StrayReplays(ctx, begin)
	require.NoError(t, err)
	require.Empty(t, strays)

	require.NoError(t, s.Housekeep(ctx, time.Now().Add(89*24*time.Hour)))
	_, err = s.Replay(ctx, ids[1])
	require.NoError(t, err)
	require.NoError(t, s.Housekeep(ctx, time.Now().Add(91*24*time.Hour)))
	_, err = s.Replay(ctx, ids[1])
	require.ErrorIs(t, err, store.ErrNotFound)
	items, err := s.ReplayItems(ctx, ids[1], 0, 10)
	require.NoError(t, err)
	require.Empty(t, items)
	_, err = s.Replay(ctx, ids[0])
	require.NoError(t, err, "one that is not over stays")
}
