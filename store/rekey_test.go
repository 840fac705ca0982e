package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestRekey(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"SQLite": storetest.EmptySQLiteURL, "Postgres": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, address := t.Context(), url(t)
			s := storetest.Open(t, address)
			require.NoError(t, s.Migrate(ctx))
			require.NoError(t, s.Seed(ctx, store.Seed{LiveKitURL: "wss://livekit.example.com", LiveKitAPIKey: "key", LiveKitAPISecret: "the secret of LiveKit"}))
			endpoint := someEndpoint("ep_1")
			endpoint.Headers = map[string]string{"X-Tenant": "7"}
			endpoint.TLS.CA = certificate
			require.NoError(t, s.SaveEndpoint(ctx, endpoint))
			_, err := s.Standing(ctx, "9530251797", time.Now()) // makes the key of numbers
			require.NoError(t, err)
			_, err = s.Rekey(ctx, storetest.Key())
			require.ErrorContains(t, err, "present one")
			next := store.Key([]byte("another key for tests, 32 bytes!"))
			sealed, err := s.Rekey(ctx, next)
			require.NoError(t, err)
			require.Equal(t, 7, sealed)

			require.ErrorIs(t, s.CheckKey(ctx), store.ErrWrongKey, "the old key opens nothing")
			_, err = s.Settings(ctx)
			require.ErrorIs(t, err, store.ErrWrongKey)
			_, err = s.Rekey(ctx, store.Key{9})
			require.ErrorIs(t, err, store.ErrWrongKey)

			again, err := store.Open(ctx, address, next)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, again.Close()) })
			require.NoError(t, again.CheckKey(ctx))
			settings, err := again.Settings(ctx)
			require.NoError(t, err)
			require.Equal(t, "the secret of LiveKit", settings.LiveKit.APISecret)
			read, err := again.Endpoint(ctx, "ep_1")
			require.NoError(t, err)
			require.Equal(t, endpoint.APIKey, read.APIKey)
			require.Equal(t, endpoint.Headers, read.Headers)
			require.Equal(t, endpoint.TLS, read.TLS)
			require.Equal(t, endpoint.Secrets[0].Secret, read.Secrets[0].Secret)
		})
	}
}

// TestRekeyKnowsEveryColumn looks for columns that are sealed and that a rotation would forget.
func TestRekeyKnowsEveryColumn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	rekey, err := os.ReadFile("rekey.go")
	require.NoError(t, err)
	constant := regexp.MustCompile(`\b(\w+Column)\s*=\s*"\w+\.\w+"`)
	found := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range constant.FindAllStringSubmatch(string(text), -1) {
			require.Contains(t, string(rekey), "{"+m[1]+",", file)
			found++
		}
	}
	require.Equal(t, 7, found)
}
