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

func claimOf(id call.ID, n int, mark string, trunk call.Trunk) store.Claim {
	return store.Claim{CallID: id, N: n, Mark: mark, Trunk: trunk, DID: "+911140000000", At: begin}
}

func testAttemptsAreClaimedOnce(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	c := addCall(t, s, newCall(trunk, begin))
	claim := func(n int, mark string) store.Admission {
		got, err := s.ClaimAttempt(ctx, claimOf(c.ID, n, mark, trunk))
		require.NoError(t, err)
		return got
	}
	for range 2 {
		require.Equal(t, store.Admitted, claim(1, "first"))
		require.Equal(t, store.Claimed, claim(1, "second"))
	}
	require.Equal(t, store.Claimed, claim(2, "first"), "the first attempt has not ended")
	require.NoError(t, s.EndAttempt(ctx, c.ID, 1, call.Dial{State: call.DialRefused, SIPCode: 503, Rang: call.RangNo, EndedAt: after(2 * time.Second)}))
	require.NoError(t, s.EndAttempt(ctx, c.ID, 1, call.Dial{State: call.DialAnswered, EndedAt: after(9 * time.Second)}), "the first end stays")
	require.Equal(t, store.Claimed, claim(2, "second"), "only who had the first attempt goes on")
	require.Equal(t, store.Claimed, claim(3, "first"))
	require.Equal(t, store.Admitted, claim(2, "first"))
	attempts, err := s.DialAttempts(ctx, c.ID)
	require.NoError(t, err)
	require.Len(t, attempts, 2)
	require.Equal(t, call.Attempt{Trunk: trunk.Label, TrunkID: trunk.ID, State: call.DialRefused, SIPCode: 503, Rang: call.RangNo,
		StartedAt: begin.Truncate(time.Microsecond), EndedAt: after(2 * time.Second).Truncate(time.Microsecond)}, attempts[0])
	require.True(t, attempts[1].EndedAt.IsZero())
	got, err := s.Call(ctx, c.ID)
	require.NoError(t, err)
	require.Equal(t, "+911140000000", got.DID, "the call shows what its latest attempt showed")

	_, err = s.ClaimAttempt(ctx, claimOf(call.NewID(), 1, "first", trunk))
	require.ErrorIs(t, err, store.ErrNotFound)
	hungUp := addCall(t, s, newCall(trunk, begin))
	_, err = s.KeepLegAtHangUp(ctx, hungUp.ID, call.LegGone)
	require.NoError(t, err)
	_, err = s.ClaimAttempt(ctx, claimOf(hungUp.ID, 1, "late", trunk))
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, s.EndAttempt(ctx, hungUp.ID, 1, call.Dial{}), store.ErrNotFound)
}

func testLinesAreLimited(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	trunk.Limits = call.Limits{Concurrent: 2, PerSecond: 3}
	at := begin
	claim := func() (call.ID, store.Admission) {
		c := addCall(t, s, newCall(trunk, begin))
		q := claimOf(c.ID, 1, "mark", trunk)
		q.At = at
		got, err := s.ClaimAttempt(ctx, q)
		require.NoError(t, err)
		return c.ID, got
	}
	first, got := claim()
	require.Equal(t, store.Admitted, got)
	_, got = claim()
	require.Equal(t, store.Admitted, got)
	at = at.Add(time.Minute)
	refused, got := claim()
	require.Equal(t, store.NoLine, got, "two lines")
	attempts, err := s.DialAttempts(ctx, refused)
	require.NoError(t, err)
	require.Empty(t, attempts, "nothing was written")

	endAs(t, s, call.Call{ID: first}, answeredFor(3))
	at = time.Now().Add(100 * time.Millisecond)
	_, got = claim()
	require.Equal(t, store.NoLine, got, "the carrier may not have heard the BYE yet")
	at = time.Now().Add(2 * time.Second)
	_, got = claim()
	require.Equal(t, store.Admitted, got, "the outcome gives the line back")
}

func testDialsASecondAreLimited(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	all := call.Limits{PerSecond: 3}
	at := begin
	claim := func() store.Admission {
		q := claimOf(addCall(t, s, newCall(trunk, begin)).ID, 1, "mark", trunk)
		q.At, q.All = at, all
		got, err := s.ClaimAttempt(ctx, q)
		require.NoError(t, err)
		return got
	}
	for range 3 {
		require.Equal(t, store.Admitted, claim())
		at = at.Add(100 * time.Millisecond)
	}
	require.Equal(t, store.NoLine, claim(), "the fourth within a second")
	at = begin.Add(1001 * time.Millisecond)
	require.Equal(t, store.Admitted, claim())
	require.Equal(t, store.NoLine, claim())
}

func testClaimsAtOnceKeepTheLimits(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	trunk.Limits = call.Limits{Concurrent: 5}
	var admitted atomic.Int64
	var all sync.WaitGroup
	for range 25 {
		c := addCall(t, s, newCall(trunk, begin))
		all.Go(func() {
			got, err := s.ClaimAttempt(t.Context(), claimOf(c.ID, 1, "mark", trunk))
			if err == nil && got == store.Admitted {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, int64(5), admitted.Load())
}

func testDialPlan(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.Seed(ctx, store.Seed{}))
	first := call.Trunk{ID: "trk_a", Default: true, Label: "A", LiveKitTrunkID: "ST_1", Prefix: "1", DefaultDID: "+911111111111", Enabled: true}
	second := call.Trunk{ID: "trk_b", Label: "B", LiveKitTrunkID: "ST_2", Prefix: "2", DefaultDID: "+912222222222", Enabled: true, Limits: call.Limits{Concurrent: 7}}
	require.NoError(t, s.SaveTrunk(ctx, first))
	require.NoError(t, s.SaveTrunk(ctx, second))
	c := newCall(first, begin)
	c.DID = first.DefaultDID
	c = addCall(t, s, c)
	first.Prefix = "9"
	require.NoError(t, s.SaveTrunk(ctx, first))
	plan, err := s.DialPlan(ctx, c.ID, begin)
	require.NoError(t, err)
	require.Len(t, plan.Trunks, 2)
	require.Equal(t, "1", plan.Trunks[0].Prefix, "as it was when the call was placed")
	require.Equal(t, first.DefaultDID, plan.Trunks[0].DID)
	require.Equal(t, second.DefaultDID, plan.Trunks[1].DID, "each trunk shows its own number")
	require.Equal(t, 7, plan.Trunks[1].Limits.Concurrent)

	own := newCall(first, begin)
	own.DID = "+913333333333"
	own = addCall(t, s, own)
	plan, err = s.DialPlan(ctx, own.ID, begin)
	require.NoError(t, err)
	require.Equal(t, "+913333333333", plan.Trunks[1].DID, "what the CRM chose stays")

	first.Enabled, second.Enabled = false, false
	require.NoError(t, s.SaveTrunk(ctx, first))
	require.NoError(t, s.SaveTrunk(ctx, second))
	plan, err = s.DialPlan(ctx, c.ID, begin)
	require.NoError(t, err)
	require.Len(t, plan.Trunks, 1, "a call that was placed is dialed")
	require.Equal(t, "trk_a", plan.Trunks[0].ID)
}
