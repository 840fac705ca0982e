package store_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// healWithin is how long after there is a server that takes writes again everything works.
const healWithin = 10 * time.Second

// TestUselessSessions makes all sessions of a pool useless, in each way in which that happens, and then well again.
func TestUselessSessions(t *testing.T) {
	t.Parallel()
	cluster, err := storetest.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cluster.Close()) })
	require.NoError(t, cluster.Exec(t.Context(), "CREATE DATABASE c2c"))
	s, err := store.Open(t.Context(), cluster.URL("c2c"), storetest.Key())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() }) // it says which of the sessions were dead
	require.NoError(t, s.Migrate(t.Context()))
	trunk := addTrunk(t, s)
	exec := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			require.NoError(t, cluster.Exec(t.Context(), statement))
		}
	}
	const reload = "SELECT pg_reload_conf()"
	for _, kind := range []struct {
		name         string
		breaks, ends func()
		reads        bool // it answers meanwhile, and only that
	}{
		{"ended by an operator", func() {
			exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'c2c'")
		}, func() {}, false},
		{"restarted", func() { require.NoError(t, cluster.Stop()) }, func() { require.NoError(t, cluster.Resume(t.Context())) }, false},
		{"made read-only", func() { exec("ALTER SYSTEM SET default_transaction_read_only = on", reload) },
			func() { exec("ALTER SYSTEM SET default_transaction_read_only = off", reload) }, true},
		{"a standby", func() { require.NoError(t, cluster.Demote(t.Context())) }, func() { exec("SELECT pg_promote()") }, true},
	} {
		fillPool(t, s)
		kind.breaks()
		if kind.reads {
			require.EventuallyWithT(t, func(check *assert.CollectT) {
				_, err := s.Trunks(t.Context())
				require.NoError(check, err)
			}, healWithin, 50*time.Millisecond, kind.name)
			require.Eventually(t, func() bool { return s.Ping(t.Context()) != nil }, 5*time.Second, 50*time.Millisecond, "%s: it must not be ready", kind.name)
		}
		kind.ends()
		require.EventuallyWithT(t, func(check *assert.CollectT) {
			require.NoError(check, s.Ping(t.Context()))
		}, healWithin, 50*time.Millisecond, kind.name)
		endCall(t, s, addCall(t, s, newCall(trunk, begin)))
	}

	fillPool(t, s)
	exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'c2c'")
	failed := 0
	for range 20 {
		if _, err := s.Trunks(t.Context()); err != nil {
			failed++
		}
	}
	require.LessOrEqual(t, failed, 1, "one that was ended tells of the others")
}

// fillPool has the store open a dozen sessions.
func fillPool(t *testing.T, s *store.Store) {
	t.Helper()
	var users sync.WaitGroup
	for range 12 {
		users.Go(func() {
			for range 30 {
				_, err := s.Trunks(t.Context())
				assert.NoError(t, err)
			}
		})
	}
	users.Wait()
}

// TestPingWritesOnceASecond: however many ask for readiness.
func TestPingWritesOnceASecond(t *testing.T) {
	t.Parallel()
	var writes writeCount
	s, err := store.Open(t.Context(), storetest.PostgresURL(t), storetest.Key(), store.WithObserver(&writes))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	began := time.Now()
	given, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.Ping(given), context.Canceled)
	require.NoError(t, s.Ping(t.Context()), "who gives up takes nobody along")
	var askers sync.WaitGroup
	for range 50 {
		askers.Go(func() {
			for range 20 {
				assert.NoError(t, s.Ping(t.Context()))
			}
		})
	}
	askers.Wait()
	require.Positive(t, writes.n.Load())
	require.LessOrEqual(t, writes.n.Load(), int64(time.Since(began)/time.Second)+1)
}

type writeCount struct{ n atomic.Int64 }

func (w *writeCount) Statement(group string, _ time.Duration, failed bool) {
	if group == "update key_check" && !failed {
		w.n.Add(1)
	}
}
