package world

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/servers"
)

func TestStateIsNewUnlessKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	ports := servers.DefaultPorts()
	first, err := openState(dir, ports, false)
	require.NoError(t, err)
	data := filepath.Join(dir, "click2call.db")
	require.NoError(t, os.WriteFile(data, []byte("x"), 0o600))

	kept, err := openState(dir, ports, true)
	require.NoError(t, err)
	require.Equal(t, first, kept)
	require.FileExists(t, data)

	other := ports
	other.Product++
	_, err = openState(dir, other, true)
	require.ErrorContains(t, err, "other ports")

	second, err := openState(dir, other, false)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.NoFileExists(t, data)
}

func TestForeignDirectoryIsNotEmptied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	precious := filepath.Join(dir, "thesis.txt")
	require.NoError(t, os.WriteFile(precious, []byte("x"), 0o600))
	_, err := openState(dir, servers.DefaultPorts(), false)
	require.ErrorContains(t, err, "not a lab's")
	require.FileExists(t, precious)
}

func TestSecretsAreStrongEnough(t *testing.T) {
	t.Parallel()
	s := newSecrets()
	require.GreaterOrEqual(t, len(s.LiveKitSecret), 32)
	signing, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.WebhookSecret, "whsec_"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(signing), 24, "the Standard Webhooks specification asks for 24 to 64 bytes")
	store, err := base64.StdEncoding.DecodeString(s.StoreKey)
	require.NoError(t, err)
	require.Len(t, store, 32)
	require.NotEqual(t, s, newSecrets())
}
