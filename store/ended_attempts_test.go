package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testEndedAttempts(t *testing.T, s *store.Store) {
	ctx, trunk, other := t.Context(), addTrunk(t, s), addTrunk(t, s)
	at := begin
	dial := func(trunk call.Trunk, d call.Dial) call.ID {
		t.Helper()
		at = at.Add(time.Minute)
		c := claimOf(addCall(t, s, newCall(trunk, begin)).ID, 1, "mark", trunk)
		c.At = at
		got, err := s.ClaimAttempt(ctx, c)
		require.NoError(t, err)
		require.Equal(t, store.Admitted, got)
		if d.State != call.DialNone {
			d.EndedAt = at.Add(2 * time.Second)
			require.NoError(t, s.EndAttempt(ctx, c.CallID, 1, d))
		}
		return c.CallID
	}
	answered, refused := call.Dial{State: call.DialAnswered, SIPCode: 200}, call.Dial{State: call.DialRefused, SIPCode: 503}
	over := dial(trunk, answered)
	endAs(t, s, call.Call{ID: over}, answeredFor(3))
	dial(trunk, answered) // they talk
	endCall(t, s, call.Call{ID: dial(trunk, refused), CreatedAt: begin})
	dial(trunk, call.Dial{}) // it rings
	dial(other, refused)

	read := func(since, until time.Time, trunkID string) (all []store.EndedAttempt) {
		t.Helper()
		require.NoError(t, s.EndedAttempts(ctx, since, until, trunkID, func(e store.EndedAttempt) error {
			all = append(all, e)
			return nil
		}))
		return all
	}
	all := read(begin, at.Add(time.Second), "")
	require.Len(t, all, 4, "not the one that rings")
	require.Equal(t, 3*time.Second, *all[0].Talk)
	require.Nil(t, all[1].Talk)
	require.Zero(t, *all[2].Talk)
	require.Equal(t, 503, all[2].SIPCode)
	require.Equal(t, 2*time.Second, all[2].EndedAt.Sub(all[2].StartedAt))
	require.Len(t, read(begin, at.Add(time.Second), trunk.ID), 3)
	require.Len(t, read(begin, at, ""), 3, "until is not included")
	require.Len(t, read(all[1].StartedAt, at.Add(time.Second), ""), 3, "since is")

	for chunk := 1; chunk <= 6; chunk++ {
		n := 0
		require.NoError(t, s.EndedAttemptsInChunks(ctx, begin, at.Add(time.Second), chunk, func(e store.EndedAttempt) error {
			require.Equal(t, all[n], e)
			n++
			return nil
		}))
		require.Equal(t, len(all), n, "in chunks of %d", chunk)
	}

	numbers, err := s.TrunkNumbers(ctx, begin)
	require.NoError(t, err)
	require.Equal(t, call.TrunkNumbers{Seizures: 3, Answered: 2, Effective: 2, Over: 1, Talk: 3 * time.Second, Short: 1, Refused: 1, Delay: 2 * time.Second},
		numbers[trunk.ID])
	require.Equal(t, 1, numbers[other.ID].Seizures)
}
