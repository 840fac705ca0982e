package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testCallLife(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	want := newCall(trunk, begin)
	require.NoError(t, s.InsertCall(t.Context(), want, call.DefaultKnobs()))
	require.NoError(t, s.InsertCall(t.Context(), want, call.DefaultKnobs()), "a retried insert")
	require.NoError(t, s.AcceptCall(t.Context(), want.ID, begin))
	require.NoError(t, s.AcceptCall(t.Context(), want.ID, after(time.Hour)))

	got, err := s.Call(t.Context(), want.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, gotTrunk, err := s.CallWithTrunk(t.Context(), want.ID)
	require.NoError(t, err)
	require.Equal(t, want, got)
	require.Equal(t, trunk, gotTrunk)

	orphan := newCall(call.Trunk{ID: "trk_unknown"}, begin)
	require.ErrorIs(t, s.InsertCall(t.Context(), orphan, call.DefaultKnobs()), store.ErrConflict)
}

func testUnacceptedIsInvisible(t *testing.T, s *store.Store) {
	c := newCall(addTrunk(t, s), begin)
	require.NoError(t, s.InsertCall(t.Context(), c, call.DefaultKnobs()))

	_, err := s.Call(t.Context(), c.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, _, err = s.CallWithTrunk(t.Context(), c.ID)
	require.ErrorIs(t, err, store.ErrNotFound)
	page, err := s.ListCalls(t.Context(), store.CallFilter{})
	require.NoError(t, err)
	require.Empty(t, page.Calls)
	require.ErrorIs(t, s.MarkRinging(t.Context(), c.ID, begin), store.ErrNotFound)
	require.ErrorIs(t, s.MarkAnswered(t.Context(), c.ID, begin, 7*time.Second), store.ErrNotFound)
	require.ErrorIs(t, s.AppendEntry(t.Context(), c.ID, call.Entry{At: begin, Name: "status"}), store.ErrNotFound)
	_, err = s.KeepLegAtHangUp(t.Context(), c.ID, call.LegActive)
	require.ErrorIs(t, err, store.ErrNotFound)
	recorded, err := s.RecordOutcome(t.Context(), c.ID, busy(begin), nil, nil, bodyOf(c))
	require.ErrorIs(t, err, store.ErrNotFound)
	require.False(t, recorded)
}

func testRefuseAndAccept(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	c := newCall(trunk, begin)
	require.NoError(t, s.InsertCall(t.Context(), c, call.DefaultKnobs()))
	for range 2 {
		refused, err := s.RefuseCall(t.Context(), c.ID)
		require.NoError(t, err)
		require.True(t, refused)
	}
	require.ErrorIs(t, s.AcceptCall(t.Context(), c.ID, begin), store.ErrNotFound)

	accepted := addCall(t, s, newCall(trunk, begin))
	refused, err := s.RefuseCall(t.Context(), accepted.ID)
	require.NoError(t, err)
	require.False(t, refused)
	_, err = s.Call(t.Context(), accepted.ID)
	require.NoError(t, err)
}

func testProgressOnlyForward(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	// The answer's projection overtakes the one before it.
	require.NoError(t, s.MarkAnswered(t.Context(), c.ID, after(9*time.Second), 7*time.Second))
	require.NoError(t, s.MarkRinging(t.Context(), c.ID, after(2*time.Second)))
	require.NoError(t, s.MarkRinging(t.Context(), c.ID, after(3*time.Second)))
	require.NoError(t, s.MarkAnswered(t.Context(), c.ID, after(10*time.Second), 8*time.Second))
	got, err := s.Call(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, call.StatusAnswered, got.Status)
	require.Equal(t, ptr(after(2*time.Second)), got.ConnectedAt)
	require.Equal(t, ptr(after(9*time.Second)), got.AnsweredAt)
	require.Equal(t, 7, got.RingSeconds)

	endCall(t, s, c)
	ended, err := s.Call(t.Context(), c.ID)
	require.NoError(t, err)
	require.NoError(t, s.MarkRinging(t.Context(), c.ID, after(time.Hour)))
	require.NoError(t, s.MarkAnswered(t.Context(), c.ID, after(time.Hour), 7*time.Second))
	again, err := s.Call(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, ended, again)
	require.Nil(t, again.AnsweredAt, "the outcome knows better than a projection")
	require.ErrorIs(t, s.MarkRinging(t.Context(), call.NewID(), begin), store.ErrNotFound)
}

// What a call began with stays when operators change it meanwhile.
func testPinned(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	c, free := addCall(t, s, newCall(trunk, begin)), newCall(trunk, begin)
	knobs := call.DefaultKnobs()
	knobs.RequireAgent = false
	require.NoError(t, s.InsertCall(ctx, free, knobs))
	require.NoError(t, s.AcceptCall(ctx, free.ID, begin))
	changed := trunk
	changed.Prefix = "777"
	require.NoError(t, s.SaveTrunk(ctx, changed))

	_, dialed, err := s.CallWithTrunk(ctx, c.ID)
	require.NoError(t, err)
	require.Equal(t, trunk.Prefix, dialed.Prefix)
	_, dialed, err = s.CallWithTrunk(ctx, addCall(t, s, newCall(trunk, begin)).ID)
	require.NoError(t, err)
	require.Equal(t, "777", dialed.Prefix)
	for id, want := range map[call.ID]bool{c.ID: true, free.ID: false} {
		required, err := s.RequiresAgent(ctx, id)
		require.NoError(t, err)
		require.Equal(t, want, required)
	}
	_, err = s.RequiresAgent(ctx, call.NewID())
	require.ErrorIs(t, err, store.ErrNotFound)
}

func testWatchedCalls(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	ctx := t.Context()
	created := addCall(t, s, newCall(trunk, begin))
	ringing := addCall(t, s, newCall(trunk, begin))
	require.NoError(t, s.MarkRinging(ctx, ringing.ID, begin))
	ended := addCall(t, s, newCall(trunk, begin))
	require.NoError(t, s.MarkRinging(ctx, ended.ID, begin))
	endCall(t, s, ended)

	slow := newCall(trunk, begin)
	knobs := call.DefaultKnobs()
	knobs.AnswerDetection, knobs.AgentRejoinGrace = call.DetectionWebhook, 90*time.Second
	require.NoError(t, s.InsertCall(ctx, slow, knobs))
	require.NoError(t, s.AcceptCall(ctx, slow.ID, begin))
	require.NoError(t, s.MarkAnswered(ctx, slow.ID, begin, 7*time.Second))

	watched, err := s.WatchedCalls(ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, []store.WatchedCall{
		{ID: created.ID, Every: time.Second, Grace: 20 * time.Second, Status: call.StatusCreated},
		{ID: ringing.ID, Every: time.Second, Grace: 20 * time.Second, Status: call.StatusRinging},
		{ID: slow.ID, Every: 10 * time.Second, Grace: 90 * time.Second, Status: call.StatusAnswered},
	}, watched)
}

func testLegAtHangUp(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	for _, first := range []call.LegStatus{call.LegActive, call.LegGone, call.LegUnknown} {
		c := addCall(t, s, newCall(trunk, begin))
		for _, look := range []call.LegStatus{first, call.LegNoRoom, call.LegHangup} {
			kept, err := s.KeepLegAtHangUp(t.Context(), c.ID, look)
			require.NoError(t, err)
			require.Equal(t, first, kept)
		}
	}

	c := addCall(t, s, newCall(trunk, begin))
	require.NoError(t, s.MarkRinging(t.Context(), c.ID, begin))
	requireEnding(t, s, c.ID, false)
	watched, err := s.WatchedCalls(t.Context())
	require.NoError(t, err)
	require.Len(t, watched, 1)
	_, err = s.KeepLegAtHangUp(t.Context(), c.ID, call.LegActive)
	require.NoError(t, err)
	requireEnding(t, s, c.ID, true)
	watched, err = s.WatchedCalls(t.Context())
	require.NoError(t, err)
	require.Empty(t, watched, "our own deletion of the room is no news")
	_, err = s.Ending(t.Context(), call.NewID())
	require.ErrorIs(t, err, store.ErrNotFound)

	// Its leg has gone by itself, and nobody knows why: LiveKit's word is needed.
	silent := addCall(t, s, newCall(trunk, begin))
	require.NoError(t, s.MarkRinging(t.Context(), silent.ID, begin))
	_, err = s.KeepLegAtHangUp(t.Context(), silent.ID, call.LegGone)
	require.NoError(t, err)
	requireEnding(t, s, silent.ID, false)
	require.NoError(t, s.KeepDialReply(t.Context(), silent.ID, call.Dial{State: call.DialRefused, SIPCode: 486}))
	requireEnding(t, s, silent.ID, true)

	ended := addCall(t, s, newCall(trunk, begin))
	endCall(t, s, ended)
	requireEnding(t, s, ended.ID, true)
}

func testEndedAmong(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	live, ended := addCall(t, s, newCall(trunk, begin)), addCall(t, s, newCall(trunk, begin))
	endCall(t, s, ended)
	refused := newCall(trunk, begin)
	require.NoError(t, s.InsertCall(t.Context(), refused, call.DefaultKnobs()))
	gone, err := s.RefuseCall(t.Context(), refused.ID)
	require.NoError(t, err)
	require.True(t, gone)
	ids := []call.ID{live.ID, ended.ID, refused.ID}
	for range 1200 {
		ids = append(ids, call.NewID())
	}
	got, err := s.EndedAmong(t.Context(), ids)
	require.NoError(t, err)
	require.ElementsMatch(t, []call.ID{ended.ID, refused.ID}, got)
	require.NoError(t, s.Housekeep(t.Context(), time.Now().Add(25*time.Hour)))
	got, err = s.EndedAmong(t.Context(), ids)
	require.NoError(t, err)
	require.Equal(t, []call.ID{ended.ID}, got, "a refused call is forgotten after a day")
	none, err := s.EndedAmong(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func testDialReply(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	none, err := s.DialReply(t.Context(), c.ID)
	require.NoError(t, err)
	require.Nil(t, none)

	busy := call.Dial{State: call.DialRefused, SIPCode: 486, Detail: "Busy Here", StartedAt: begin, EndedAt: begin.Add(6 * time.Second), Source: call.SourceDial}
	require.NoError(t, s.KeepDialReply(t.Context(), c.ID, busy))
	require.NoError(t, s.KeepDialReply(t.Context(), c.ID, call.Dial{State: call.DialUnknown}), "the first one wins")
	kept, err := s.DialReply(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, busy, *kept)

	_, err = s.DialReply(t.Context(), call.NewID())
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, s.KeepDialReply(t.Context(), call.NewID(), busy), store.ErrNotFound)
}

func requireEnding(t *testing.T, s *store.Store, id call.ID, want bool) {
	t.Helper()
	ending, err := s.Ending(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, want, ending)
}

func testOutcomeKeepsEveryField(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	answered := call.Outcome{
		CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, SIPCode: ptr(200), DurationSeconds: 42, RingSeconds: 7,
		HangupBy: call.PartyCustomer, AnsweredAt: ptr(after(9 * time.Second)), EndedAt: after(51 * time.Second),
	}
	neverConnected := call.Outcome{
		CallStatus: call.Failed, Reason: call.ReasonNeverConnected, HangupBy: call.PartySystem, EndedAt: after(2 * time.Minute),
	}
	for _, o := range []call.Outcome{answered, neverConnected, busy(after(time.Second))} {
		c := addCall(t, s, newCall(trunk, begin))
		entries := []call.Entry{{At: begin, Source: call.SourceDial, Name: "dial", Detail: "486 Busy Here"}}
		var connectedAt *time.Time
		if o.CallStatus == call.Answered {
			connectedAt = ptr(after(time.Second))
		}
		recorded, err := s.RecordOutcome(t.Context(), c.ID, o, connectedAt, entries, bodyOf(c))
		require.NoError(t, err)
		require.True(t, recorded)

		got, err := s.Call(t.Context(), c.ID)
		require.NoError(t, err)
		want := c
		want.Status, want.Outcome, want.ConnectedAt = call.StatusEnded, &o, connectedAt
		want.AnsweredAt, want.EndedAt, want.RingSeconds = o.AnsweredAt, ptr(o.EndedAt), o.RingSeconds
		require.Equal(t, want, got)
		timeline, err := s.Timeline(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, entries, timeline)
	}
}

func testOutcomeOnce(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	const rivals = 100
	var wg sync.WaitGroup
	var won atomic.Int64
	for i := range rivals {
		wg.Go(func() {
			o := busy(after(time.Duration(i) * time.Second))
			entry := call.Entry{At: begin, Source: call.SourceTimer, Name: "rival"}
			recorded, err := s.RecordOutcome(t.Context(), c.ID, o, nil, []call.Entry{entry}, bodyOf(c))
			if err != nil {
				t.Errorf("rival %d: %v", i, err)
			}
			if recorded {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	timeline, err := s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	require.Len(t, timeline, 1)
	d, err := s.Delivery(t.Context(), c.ID.EventID())
	require.NoError(t, err)
	require.Equal(t, bodyOf(c), d.Body)
	_, err = s.RecordOutcome(t.Context(), call.NewID(), busy(begin), nil, nil, bodyOf(c))
	require.ErrorIs(t, err, store.ErrNotFound)
}

func testOutcomeIsOneTransaction(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	impossible := busy(begin)
	impossible.CallStatus = "PERHAPS"
	_, err := s.RecordOutcome(t.Context(), c.ID, impossible, nil, []call.Entry{{At: begin, Name: "end"}}, bodyOf(c))
	require.Error(t, err)
	_, err = s.RecordOutcome(t.Context(), c.ID, busy(begin), nil, nil, make([]byte, 65<<10))
	require.ErrorIs(t, err, store.ErrInvalid)
	requireNothingRecorded(t, s, c)

	other := addCall(t, s, newCall(addTrunk(t, s), begin))
	endCall(t, s, other)
	inTheWay := `UPDATE deliveries SET event_id = ? WHERE call_id = ?`
	_, err = s.Pool().ExecContext(t.Context(), s.Pool().Rebind(inTheWay), c.ID.EventID(), other.ID)
	require.NoError(t, err)
	_, err = s.RecordOutcome(t.Context(), c.ID, busy(begin), nil, []call.Entry{{At: begin, Name: "end"}}, bodyOf(c))
	require.ErrorIs(t, err, store.ErrConflict, "an outcome whose delivery cannot be written")
	requireNothingRecorded(t, s, c)
}

func requireNothingRecorded(t *testing.T, s *store.Store, c call.Call) {
	t.Helper()
	got, err := s.Call(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, call.StatusCreated, got.Status)
	require.Nil(t, got.Outcome)
	timeline, err := s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	require.Empty(t, timeline)
	deliveries, err := s.DeliveriesOfCall(t.Context(), c.ID)
	require.NoError(t, err)
	require.Empty(t, deliveries)
}
