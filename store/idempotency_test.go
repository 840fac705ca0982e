package store_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testIdempotencyKeys(t *testing.T, s *store.Store) {
	ctx := t.Context()
	body, otherBody := [32]byte{1}, [32]byte{2}
	first, second := call.NewID(), call.NewID()

	claimed, fresh, err := s.ClaimIdempotencyKey(ctx, "key_1", "abc", body, first, begin)
	require.NoError(t, err)
	require.True(t, fresh)
	require.Equal(t, first, claimed)

	claimed, fresh, err = s.ClaimIdempotencyKey(ctx, "key_1", "abc", body, second, after(24*time.Hour-time.Microsecond))
	require.NoError(t, err)
	require.False(t, fresh)
	require.Equal(t, first, claimed)
	_, _, err = s.ClaimIdempotencyKey(ctx, "key_1", "abc", otherBody, second, after(time.Hour))
	require.ErrorIs(t, err, store.ErrConflict)
	_, fresh, err = s.ClaimIdempotencyKey(ctx, "key_2", "abc", otherBody, second, begin)
	require.NoError(t, err)
	require.True(t, fresh, "another CRM's key of the same name is another key")

	require.NoError(t, s.ReleaseIdempotencyKey(ctx, "key_1", "abc", second), "not its key")
	_, fresh, err = s.ClaimIdempotencyKey(ctx, "key_1", "abc", body, second, begin)
	require.NoError(t, err)
	require.False(t, fresh)
	for range 2 {
		require.NoError(t, s.ReleaseIdempotencyKey(ctx, "key_1", "abc", first))
	}
	_, fresh, err = s.ClaimIdempotencyKey(ctx, "key_1", "abc", otherBody, first, begin)
	require.NoError(t, err)
	require.True(t, fresh)
	claimed, fresh, err = s.ClaimIdempotencyKey(ctx, "key_1", "abc", body, second, after(24*time.Hour))
	require.NoError(t, err)
	require.True(t, fresh, "24 hours are over")
	require.Equal(t, second, claimed)
}

func testIdempotencyRace(t *testing.T, s *store.Store) {
	const rivals = 50
	var wg sync.WaitGroup
	var won atomic.Int64
	ids := make([]call.ID, rivals)
	for i := range rivals {
		wg.Go(func() {
			claimed, fresh, err := s.ClaimIdempotencyKey(t.Context(), "key_1", "abc", [32]byte{1}, call.NewID(), begin)
			if err != nil {
				t.Errorf("rival %d: %v", i, err)
			}
			if fresh {
				won.Add(1)
			}
			ids[i] = claimed
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
}

// A CRM that sends a key with every call: housekeeping must keep up, however many there are.
func testHousekeepAllKeys(t *testing.T, s *store.Store) {
	for i := range 1500 {
		_, _, err := s.ClaimIdempotencyKey(t.Context(), "key_1", strconv.Itoa(i), [32]byte{1}, call.NewID(), begin)
		require.NoError(t, err)
	}
	require.NoError(t, s.Housekeep(t.Context(), after(24*time.Hour)))
	n, err := s.PurgeIdempotencyKeys(t.Context(), after(24*time.Hour))
	require.NoError(t, err)
	require.Zero(t, n, "none are left")
}

func testIdempotencyPurge(t *testing.T, s *store.Store) {
	id := call.NewID()
	for key, at := range map[string]time.Time{"old": begin, "new": after(time.Hour)} {
		_, _, err := s.ClaimIdempotencyKey(t.Context(), "key_1", key, [32]byte{1}, id, at)
		require.NoError(t, err)
	}
	n, err := s.PurgeIdempotencyKeys(t.Context(), after(24*time.Hour))
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	_, fresh, err := s.ClaimIdempotencyKey(t.Context(), "key_1", "new", [32]byte{1}, call.NewID(), after(2*time.Hour))
	require.NoError(t, err)
	require.False(t, fresh)
}
