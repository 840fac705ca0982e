package servers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/click2call/click2call/lab/servers"
)

func config(t *testing.T) servers.Config {
	t.Helper()
	return servers.Config{
		Dir: t.TempDir(), Ports: servers.DefaultPorts(),
		APIKey: "labkey", APISecret: strings.Repeat("s", 32),
		WebhookURL: "http://127.0.0.1:8080/webhooks/livekit",
	}
}

func read(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var content map[string]any
	require.NoError(t, yaml.Unmarshal(text, &content))
	return content
}

func TestConfigurationFiles(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	_, err := servers.New(cfg)
	require.NoError(t, err)

	livekit := read(t, filepath.Join(cfg.Dir, "livekit.yaml"))
	require.Equal(t, map[string]any{"labkey": cfg.APISecret}, livekit["keys"])
	require.Equal(t, []any{"127.0.0.1"}, livekit["bind_addresses"])
	require.Equal(t, []any{cfg.WebhookURL}, livekit["webhook"].(map[string]any)["urls"])
	require.Equal(t, false, livekit["room"].(map[string]any)["auto_create"])
	require.Equal(t, true, livekit["api"].(map[string]any)["enable_psrpc_for_get_list_participants"])

	sip := read(t, filepath.Join(cfg.Dir, "sip.yaml"))
	require.Equal(t, livekit["redis"], sip["redis"], "the two find each other through one Redis")
	require.Equal(t, "ws://127.0.0.1:7880", sip["ws_url"])
	require.Equal(t, 1, sip["max_cpu_utilization"])

	for _, name := range []string{"livekit.yaml", "sip.yaml"} {
		info, err := os.Stat(filepath.Join(cfg.Dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "%s holds a secret", name)
	}
}

func TestShortSecretIsRefused(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.APISecret = strings.Repeat("s", 31)
	_, err := servers.New(cfg)
	require.ErrorContains(t, err, "at least 32")
}
