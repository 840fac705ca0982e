package store_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func testMigrateTwice(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	require.NoError(t, s.Migrate(t.Context()))
	_, err := s.Call(t.Context(), c.ID)
	require.NoError(t, err)
}

func testCancelledContext(t *testing.T, s *store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Trunks(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, s.Seed(ctx, someSeed()), context.Canceled)
	require.NoError(t, s.Ping(t.Context()), "and the store goes on")
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for url, hint := range map[string]string{
		"":                                "sqlite: or postgres://",
		"mysql://u:hush@h/d":              "sqlite: or postgres://",
		"sqlite:":                         "name a file",
		"sqlite::memory:":                 "name a file",
		"sqlite:a.db?x=1":                 "name a file",
		"sqlite:/no/such/folder/x.db":     "no such file or directory",
		"postgres://u:hush@[bad/d":        "percent-encode",
		"postgres://u:hush@h:port/d":      "percent-encode",
		"postgres://":                     "percent-encode",
		"postgres://u:hush@h/d?sslmode=?": "database URL",
	} {
		_, err := store.Open(t.Context(), url, storetest.Key())
		require.ErrorContains(t, err, hint, url)
		require.NotContains(t, err.Error(), "hush", url)
	}
	_, err := store.Open(t.Context(), storetest.EmptySQLiteURL(t), store.Key{})
	require.ErrorContains(t, err, "secret key is empty")
}

// TestOtherProcess is not a test of its own: TestMigrateFromSeveralProcesses runs it in child processes.
func TestOtherProcess(t *testing.T) {
	url := os.Getenv("STORE_TEST_URL")
	if url == "" {
		return
	}
	s := storetest.Open(t, url)
	require.NoError(t, s.Migrate(t.Context()))
	require.NoError(t, s.Seed(t.Context(), someSeed()))
	trunk, err := nextTrunk(t, s)
	require.NoError(t, err)
	for range 20 {
		c := addCall(t, s, newCall(trunk, time.Now()))
		require.NoError(t, s.MarkRinging(t.Context(), c.ID, time.Now()))
		endCall(t, s, c)
	}
}

func TestMigrateFromSeveralProcesses(t *testing.T) {
	t.Parallel()
	for name, emptyURL := range map[string]func(testing.TB) string{
		"SQLite": storetest.EmptySQLiteURL, "Postgres": storetest.EmptyPostgresURL,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := emptyURL(t)
			const processes = 4
			var wg sync.WaitGroup
			for range processes {
				wg.Go(func() {
					child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOtherProcess$")
					child.Env = append(os.Environ(), "STORE_TEST_URL="+url)
					if out, err := child.CombinedOutput(); err != nil {
						t.Errorf("child: %v\n%s", err, out)
					}
				})
			}
			wg.Wait()
			s := storetest.Open(t, url)
			require.Len(t, allPages(t, s, store.CallFilter{Limit: 50}, func() {}), processes*20)
			trunks, err := s.Trunks(t.Context())
			require.NoError(t, err)
			require.Len(t, trunks, 1)
		})
	}
}

func TestMigrateFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"SQLite": storetest.EmptySQLiteURL(t), "Postgres": storetest.EmptyPostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wg sync.WaitGroup
			for range 5 {
				s := storetest.Open(t, url)
				wg.Go(func() {
					if err := s.Migrate(t.Context()); err != nil {
						t.Errorf("migrate: %v", err)
					}
				})
			}
			wg.Wait()
			require.NoError(t, storetest.Open(t, url).Seed(t.Context(), someSeed()))
		})
	}
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	url := storetest.EmptySQLiteURL(t)
	s := storetest.Open(t, url)
	require.NoError(t, s.Migrate(t.Context()))
	seed := someSeed()
	require.NoError(t, s.Seed(t.Context(), seed))
	endpoint, err := s.DefaultEndpoint(t.Context())
	require.NoError(t, err)
	_, _, err = s.ClaimIdempotencyKey(t.Context(), "key_1", "a secret idempotency key", [32]byte{}, call.NewID(), begin)
	require.NoError(t, err)

	files := storetest.DatabaseFiles(t, url)
	require.Greater(t, len(files), 1, "the log is not in the main file yet: both must be looked at")
	var raw []byte
	for _, path := range files {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, path)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		raw = append(raw, content...)
	}
	require.True(t, bytes.Contains(raw, []byte(seed.LiveKitAPIKey)), "this is where the settings are")
	for _, secret := range []string{
		seed.LiveKitAPISecret, seed.WebhookAPIKey, seed.InboundAPIKey, "a secret idempotency key",
		endpoint.Secrets[0].Secret, endpoint.Secrets[0].Secret[len("whsec_"):],
	} {
		require.False(t, bytes.Contains(raw, []byte(secret)))
	}
}

func TestWrongKey(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"SQLite": storetest.EmptySQLiteURL(t), "Postgres": storetest.PostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := storetest.Open(t, url)
			require.NoError(t, s.Migrate(t.Context()))
			require.NoError(t, s.Seed(t.Context(), someSeed()))

			wrong, err := store.Open(t.Context(), url, store.Key{1})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, wrong.Close()) })
			require.ErrorIs(t, wrong.CheckKey(t.Context()), store.ErrWrongKey)
			err = wrong.Migrate(t.Context())
			require.ErrorIs(t, err, store.ErrWrongKey)
			require.ErrorContains(t, err, "start with the key")
			_, err = wrong.Settings(t.Context())
			require.ErrorIs(t, err, store.ErrWrongKey)
			_, err = wrong.DefaultEndpoint(t.Context())
			require.ErrorIs(t, err, store.ErrWrongKey)
			_, err = wrong.CheckAPIKey(t.Context(), "the inbound key")
			require.NoError(t, err, "hashes need no key")
		})
	}
}
