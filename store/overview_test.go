package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func endAs(t *testing.T, s *store.Store, c call.Call, o call.Outcome) {
	t.Helper()
	o.EndedAt = c.CreatedAt.Add(time.Minute)
	_, err := s.RecordOutcome(t.Context(), c.ID, o, nil, nil, bodyOf(c))
	require.NoError(t, err)
}

func answeredFor(seconds int) call.Outcome {
	return call.Outcome{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, DurationSeconds: seconds, RingSeconds: 4, HangupBy: call.PartyCustomer}
}

func testCounts(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	endAs(t, s, addCall(t, s, newCall(trunk, begin.Add(-time.Hour))), answeredFor(9))
	addCall(t, s, newCall(trunk, begin.Add(-2*time.Hour)))
	require.NoError(t, s.InsertCall(ctx, newCall(trunk, begin), call.DefaultKnobs()))
	endAs(t, s, addCall(t, s, newCall(trunk, begin)), answeredFor(9))
	endAs(t, s, addCall(t, s, newCall(trunk, begin)), call.FromSIPCode(486))
	dead := addCall(t, s, newCall(trunk, begin))
	endAs(t, s, dead, call.FromSIPCode(404))
	counts, err := s.CountCalls(ctx, begin)
	require.NoError(t, err)
	require.Equal(t, store.CallCounts{Live: 1, Answered: 1, NotAnswered: 1, Failed: 1}, counts)

	storetest.Dead(t, s, dead.ID.EventID())
	deliveries, err := s.CountDeliveries(ctx)
	require.NoError(t, err)
	require.Equal(t, 3, deliveries.Waiting)
	require.Equal(t, 1, deliveries.Dead)
	require.WithinDuration(t, time.Now(), *deliveries.OldestWaitingAt, time.Minute)
}

func testTrunkRecords(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	dial := func(at time.Duration, o call.Outcome) { endAs(t, s, addCall(t, s, newCall(trunk, after(at))), o) }
	records, err := s.TrunkRecords(ctx, begin)
	require.NoError(t, err)
	require.Empty(t, records)
	dial(-time.Second, call.FromSIPCode(503))
	for i := range 15 {
		dial(time.Duration(i)*time.Second, call.FromSIPCode(503))
	}
	for i := range 18 {
		dial(time.Minute+time.Duration(i)*time.Second, answeredFor(3))
	}
	dial(2*time.Minute, call.FromSIPCode(403))
	dial(3*time.Minute, call.Outcome{CallStatus: call.Failed, Reason: call.ReasonNeverConnected, HangupBy: call.PartySystem})
	records, err = s.TrunkRecords(ctx, begin)
	require.NoError(t, err)
	require.Equal(t, map[string]store.TrunkRecord{
		trunk.ID: {Dialed: 20, Failed: 2, LastDialedAt: after(2 * time.Minute).Truncate(time.Microsecond), FailingSince: after(14 * time.Second).Truncate(time.Microsecond)},
	}, records, "the last 20 dials: one 503, 18 answers, one 403")
}

func testListDeliveries(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	var calls []call.Call
	for i := range 7 {
		c := newCall(trunk, after(time.Duration(i)*time.Second))
		c.CaseID = string(rune('a' + i))
		addCall(t, s, c)
		endAs(t, s, c, call.FromSIPCode(486))
		calls = append(calls, c)
	}
	storetest.Dead(t, s, calls[0].ID.EventID())
	storetest.Delivered(t, s, calls[1].ID.EventID())
	list := func(f store.DeliveryFilter) (cases string) {
		for {
			page, err := s.ListDeliveries(ctx, f)
			require.NoError(t, err)
			for _, d := range page.Deliveries {
				cases += d.CaseID
				require.Equal(t, call.NotAnswered, d.CallStatus)
				require.Empty(t, d.Body)
			}
			if f.Cursor = page.Next; f.Cursor == "" {
				return cases
			}
		}
	}
	require.Equal(t, "gfedcba", list(store.DeliveryFilter{Limit: 2}))
	require.Equal(t, "a", list(store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryDead}}))
	require.Equal(t, "ba", list(store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryDead, store.DeliveryDelivered}, Limit: 1}))
	require.Empty(t, list(store.DeliveryFilter{CallStatuses: []call.CallStatus{call.Answered}}))
	require.Equal(t, "gfedcba", list(store.DeliveryFilter{TrunkID: trunk.ID}))
	require.Empty(t, list(store.DeliveryFilter{Until: &begin}))
	_, err := s.ListDeliveries(ctx, store.DeliveryFilter{Cursor: "x"})
	require.ErrorIs(t, err, store.ErrBadCursor)
	_, err = s.ListDeliveries(ctx, store.DeliveryFilter{Limit: 201})
	require.ErrorIs(t, err, store.ErrBadFilter)
}

func testEndedCalls(t *testing.T, s *store.Store) {
	ctx, a, b := t.Context(), addTrunk(t, s), addTrunk(t, s)
	endAs(t, s, addCall(t, s, newCall(a, begin.Add(-time.Microsecond))), answeredFor(1))
	endAs(t, s, addCall(t, s, newCall(b, after(time.Minute))), call.FromSIPCode(486))
	endAs(t, s, addCall(t, s, newCall(a, begin)), answeredFor(2))
	endAs(t, s, addCall(t, s, newCall(a, after(time.Hour))), answeredFor(3))
	addCall(t, s, newCall(a, after(time.Second)))
	read := func(f store.EndedFilter) (ended []store.EndedCall) {
		require.NoError(t, s.EndedCalls(ctx, f, func(c store.EndedCall) error {
			ended = append(ended, c)
			return nil
		}))
		return ended
	}
	day := store.EndedFilter{Since: begin, Until: after(time.Hour)}
	require.Equal(t, []store.EndedCall{
		{CreatedAt: begin.Truncate(time.Microsecond), TrunkID: a.ID, AgentID: "agent-1", CallStatus: call.Answered,
			Reason: call.ReasonCustomerHangup, DurationSeconds: 2, RingSeconds: 4},
		{CreatedAt: after(time.Minute).Truncate(time.Microsecond), TrunkID: b.ID, AgentID: "agent-1", CallStatus: call.NotAnswered,
			Reason: call.ReasonBusy, SIPCode: ptr(486)},
	}, read(day))
	day.TrunkID = b.ID
	require.Len(t, read(day), 1)
	day.AgentID = "somebody-else"
	require.Empty(t, read(day))
	for chunk := 1; chunk <= 4; chunk++ {
		n := 0
		all := store.EndedFilter{Since: begin.Add(-time.Hour), Until: after(2 * time.Hour)}
		require.NoError(t, s.EndedCallsInChunks(ctx, all, chunk, func(store.EndedCall) error { n++; return nil }))
		require.Equal(t, 4, n, "in chunks of %d", chunk)
	}
	stop := errors.New("enough")
	require.ErrorIs(t, s.EndedCalls(ctx, store.EndedFilter{Since: begin, Until: after(time.Hour)}, func(store.EndedCall) error { return stop }), stop)

	page, err := s.ListCalls(ctx, store.CallFilter{Live: true})
	require.NoError(t, err)
	require.Len(t, page.Calls, 1)
	page, err = s.ListCalls(ctx, store.CallFilter{SIPCode: 486})
	require.NoError(t, err)
	require.Len(t, page.Calls, 1)
}
