package store_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// told leases the next events of an endpoint, one of each call, and returns them as "type sequence status".
func toldOf(t *testing.T, s *store.Store, endpointID string) (events []store.OutboxEvent, said []string) {
	t.Helper()
	events, err := s.LeaseEvents(t.Context(), endpointID, "me", time.Now(), time.Minute, 10)
	require.NoError(t, err)
	for _, e := range events {
		var body struct {
			Type string
			Data struct {
				Sequence int
				Status   string
			}
		}
		require.NoError(t, json.Unmarshal(e.Body, &body))
		require.Equal(t, string(e.Type), body.Type)
		said = append(said, body.Type+" "+string(rune('0'+body.Data.Sequence))+" "+body.Data.Status)
	}
	return events, said
}

// testEventsOfACall brings a call to its end: each event is written once, with its change, and they are handed out one after the other.
func testEventsOfACall(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	e := subscribe(t, s, store.EventFilter{}, "call.*")
	subscribe(t, s, store.EventFilter{AgentPrefix: "nobody"}, "call.*")
	subscribe(t, s, store.EventFilter{}, "trunk.*", "call.ended")
	c := addCall(t, s, newCall(trunk, begin))
	for range 2 {
		require.NoError(t, s.AcceptCall(ctx, c.ID, after(time.Second)))
		_, err := s.Enqueue(ctx, store.Waiting{CallID: c.ID, Trunks: []string{trunk.ID}, ConnectedAt: begin, At: begin, Wait: time.Minute})
		require.NoError(t, err)
	}
	for range 2 {
		require.NoError(t, s.MarkRinging(ctx, c.ID, begin))
	}
	for range 2 {
		require.NoError(t, s.MarkAnswered(ctx, c.ID, begin, time.Second))
		require.NoError(t, s.MarkRinging(ctx, c.ID, begin))
	}
	endCall(t, s, c)
	require.NoError(t, s.MarkAnswered(ctx, c.ID, begin, time.Second))
	endpoints, err := s.EventEndpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{e.ID}, endpoints)

	ids := map[string]bool{}
	for _, want := range []string{"call.created 1 created", "call.queued 2 queued", "call.ringing 3 ringing", "call.answered 4 answered"} {
		events, said := toldOf(t, s, e.ID)
		require.Equal(t, []string{want}, said, "the next one waits for the one before")
		_, none := toldOf(t, s, e.ID)
		require.Empty(t, none, "it is leased")
		require.NoError(t, s.RetryEvent(ctx, events[0].EventID, "somebody else", begin))
		_, none = toldOf(t, s, e.ID)
		require.Empty(t, none, "nobody else gives it back")
		require.NoError(t, s.RetryEvent(ctx, events[0].EventID, "me", begin))
		again, _ := toldOf(t, s, e.ID)
		require.Equal(t, []any{events[0].EventID, events[0].Body, 2}, []any{again[0].EventID, again[0].Body, again[0].Attempts}, "the same id and bytes")
		ids[again[0].EventID] = true
		require.NoError(t, s.DeleteEvent(ctx, again[0].EventID))
	}
	require.Len(t, ids, 4)
	endpoints, err = s.EventEndpoints(ctx)
	require.NoError(t, err)
	require.Empty(t, endpoints)
	d, err := s.Delivery(ctx, c.ID.EventIDFor(e.ID))
	require.NoError(t, err)
	require.Contains(t, string(d.Body), `"sequence":5}`, "the end comes last, as a delivery")
}

// testEventsExpire: what nobody could send in a minute is dropped, but not from under somebody's hands; what was leased by a worker that died
// is leased again.
func testEventsExpire(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	e := subscribe(t, s, store.EventFilter{}, "call.created")
	addCall(t, s, newCall(trunk, begin))
	soon := time.Now().Add(30 * time.Second)
	first, err := s.LeaseEvents(ctx, e.ID, "dies", soon, 15*time.Second, 10)
	require.NoError(t, err)
	require.Len(t, first, 1)
	dropped, err := s.DropEvents(ctx, soon, 10)
	require.NoError(t, err)
	require.Empty(t, dropped)
	again, err := s.LeaseEvents(ctx, e.ID, "lives", soon.Add(16*time.Second), 20*time.Second, 10)
	require.NoError(t, err)
	require.Equal(t, []any{1, first[0].EventID}, []any{len(again), again[0].EventID})
	late := time.Now().Add(62 * time.Second)
	dropped, err = s.DropEvents(ctx, late, 10)
	require.NoError(t, err)
	require.Empty(t, dropped, "somebody posts it")
	late = late.Add(time.Minute)
	again, err = s.LeaseEvents(ctx, e.ID, "lives", late, time.Minute, 10)
	require.NoError(t, err)
	require.Empty(t, again, "it is worth nothing any more")
	dropped, err = s.DropEvents(ctx, late, 10)
	require.NoError(t, err)
	require.Equal(t, map[call.EventType]int{call.EventCallCreated: 1}, dropped)

	addCall(t, s, newCall(trunk, begin))
	require.NoError(t, s.RemoveEndpoint(ctx, e.ID))
	dropped, err = s.DropEvents(ctx, time.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, map[call.EventType]int{call.EventCallCreated: 1}, dropped, "its endpoint was removed")
}

// testNoEventsForTheHeld: a paused endpoint, and one whose breaker is open, hear of nothing that is worth nothing later.
func testNoEventsForTheHeld(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	paused := subscribe(t, s, store.EventFilter{}, "*")
	_, err := s.ChangeEndpoint(ctx, paused.ID, store.EndpointTarget{State: ptr(store.EndpointPaused)})
	require.NoError(t, err)
	c := addCall(t, s, newCall(trunk, begin))
	require.NoError(t, s.MarkRinging(ctx, c.ID, begin))
	endpoints, err := s.EventEndpoints(ctx)
	require.NoError(t, err)
	require.Empty(t, endpoints)
	endCall(t, s, c)
	d, err := s.Delivery(ctx, c.ID.EventIDFor(paused.ID))
	require.NoError(t, err)
	require.Equal(t, store.DeliveryParked, d.State, "the end is kept for it")
	require.Contains(t, string(d.Body), `"sequence":3}`, "events count, whoever hears of them")
}

func testEventsOfATrunk(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	e := subscribe(t, s, store.EventFilter{TrunkIDs: []string{trunk.ID}}, "trunk.*")
	subscribe(t, s, store.EventFilter{TrunkIDs: []string{"trk_other"}}, "trunk.*")
	c := addCall(t, s, newCall(trunk, begin))
	_, err := s.ClaimAttempt(ctx, store.Claim{CallID: c.ID, N: 1, Mark: "mark", Trunk: trunk, At: begin})
	require.NoError(t, err)
	require.NoError(t, s.EndAttempt(ctx, c.ID, 1, call.Dial{State: call.DialNoReply, EndedAt: begin}))
	for range 2 {
		_, err = s.TrunkFailed(ctx, trunk.ID, call.BreakerRule{Dials: 20, Share: 1, Minimum: 1}, begin)
		require.NoError(t, err)
		_, err = s.TrunkFailed(ctx, trunk.ID, call.BreakerRule{Dials: 20, Share: 1, Minimum: 1}, begin)
		require.NoError(t, err)
	}
	for range 2 {
		_, err = s.TrunkWorked(ctx, trunk.ID, after(time.Second))
		require.NoError(t, err)
	}
	for _, want := range []call.EventType{call.EventTrunkDegraded, call.EventTrunkRecovered} {
		events, _ := toldOf(t, s, e.ID)
		require.Len(t, events, 1)
		require.Equal(t, want, events[0].Type)
		require.Contains(t, string(events[0].Body), `"trunk_id":"`+trunk.ID+`","label":"`+trunk.Label+`"`)
		require.NoError(t, s.DeleteEvent(ctx, events[0].EventID))
	}
	endpoints, err := s.EventEndpoints(ctx)
	require.NoError(t, err)
	require.Empty(t, endpoints)
}

// eventQueries are asked with an endpoint that wants all events.
func eventQueries() []query {
	return []query{{"events are told", func(ctx context.Context, s *store.Store) error {
		_, err := s.EventEndpoints(ctx)
		if err != nil {
			return err
		}
		if _, err = s.LeaseEvents(ctx, "ep_rare", "me", time.Now(), time.Minute, 5); err != nil {
			return err
		}
		if err = s.RetryEvent(ctx, "evt_1", "me", begin); err != nil {
			return err
		}
		if err = s.DeleteEvent(ctx, "evt_1"); err != nil {
			return err
		}
		return told(s.DropEvents(ctx, begin, 5))
	}}}
}
