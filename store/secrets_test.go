package store_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestParseKey(t *testing.T) {
	t.Parallel()
	key := storetest.Key()
	for _, text := range []string{
		hex.EncodeToString(key[:]), base64.StdEncoding.EncodeToString(key[:]), base64.RawURLEncoding.EncodeToString(key[:]),
		" " + base64.StdEncoding.EncodeToString(key[:]) + "\n",
	} {
		got, err := store.ParseKey(text)
		require.NoError(t, err)
		require.Equal(t, key, got)
	}
	for _, text := range []string{"", "hush", hex.EncodeToString(key[:31]), base64.StdEncoding.EncodeToString(append(key[:], 1))} {
		_, err := store.ParseKey(text)
		require.ErrorContains(t, err, "openssl rand -base64 32")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.Equal(t, "[secret key]", fmt.Sprintf(verb, key))
	}
}

func TestLoadOrCreateKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "click2call.key")
	var keys [20]store.Key
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := store.LoadOrCreateKey(path)
			if err != nil {
				t.Errorf("load or create: %v", err)
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for _, key := range keys {
		require.Equal(t, keys[0], key)
	}
	require.NotEqual(t, store.Key{}, keys[0])
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	require.NoError(t, err)
	require.Equal(t, []string{path}, left)

	require.NoError(t, os.Chmod(path, 0o640)) //nolint:gosec // what is tested
	_, err = store.LoadOrCreateKey(path)
	require.ErrorContains(t, err, "chmod 600")
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.WriteFile(path, []byte("half a k"), 0o600))
	_, err = store.LoadOrCreateKey(path)
	require.ErrorContains(t, err, path)
	_, err = store.LoadOrCreateKey("/no/such/folder/key")
	require.Error(t, err)
}
