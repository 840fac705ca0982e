package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// TestPostgresOutage has a cluster of its own, which it stops, starts and freezes.
func TestPostgresOutage(t *testing.T) {
	t.Parallel()
	cluster, err := storetest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Close()) })
	require.NoError(t, cluster.Exec(t.Context(), "CREATE DATABASE c2c"))
	s := storetest.Open(t, cluster.URL("c2c"))
	require.NoError(t, s.Migrate(t.Context()))
	c := addCall(t, s, newCall(addTrunk(t, s), begin))

	require.NoError(t, cluster.Stop())
	start := time.Now()
	_, err = s.Call(t.Context(), c.ID)
	require.Error(t, err)
	require.NotErrorIs(t, err, store.ErrNotFound)
	require.Error(t, s.Ping(t.Context()))
	_, err = store.Open(t.Context(), cluster.URL("c2c"), storetest.Key())
	require.Error(t, err)
	require.Less(t, time.Since(start), 5*time.Second)

	require.NoError(t, cluster.Resume(t.Context()))
	require.EventuallyWithT(t, func(check *assert.CollectT) {
		_, err := s.Call(t.Context(), c.ID)
		require.NoError(check, err)
	}, 10*time.Second, 50*time.Millisecond, "the store heals by itself")
	endCall(t, s, c)

	require.NoError(t, cluster.Freeze())
	start = time.Now()
	_, err = s.Call(t.Context(), c.ID)
	frozen := time.Since(start)
	require.NoError(t, cluster.Thaw())
	require.Error(t, err)
	require.Less(t, frozen, 20*time.Second, "a server that hangs must not hang us")
	require.EventuallyWithT(t, func(check *assert.CollectT) {
		_, err := s.Call(t.Context(), c.ID)
		require.NoError(check, err)
	}, 10*time.Second, 50*time.Millisecond)
}
