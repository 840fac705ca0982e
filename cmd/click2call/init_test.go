package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func runInit(t *testing.T, args ...string) error {
	t.Helper()
	cmd := initCommand()
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetOut(&strings.Builder{})
	return cmd.ExecuteContext(t.Context())
}

var initArgs = []string{"--public-host", "calls.example.com", "--livekit-host", "livekit.example.com", "--public-ip", "203.0.113.10"}

func TestInitMakesAnInstallation(t *testing.T) {
	example, err := os.ReadFile(exampleFile)
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	require.ErrorContains(t, runInit(t, initArgs...), "directory of docker-compose.yml")
	require.NoError(t, os.WriteFile(envTemplate, example, 0o600))
	require.NoError(t, runInit(t, initArgs...))

	info, err := os.Stat(envFile)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	env, err := dotenv.Read(envFile)
	require.NoError(t, err)
	for name := range env {
		require.NotEmpty(t, env[name], "%s is left for the operator to make up", name)
	}
	_, err = store.ParseKey(env["CLICK2CALL_SECRET_KEY"])
	require.NoError(t, err)
	require.NoError(t, checkAdminPassword(env["CLICK2CALL_ADMIN_PASSWORD"]))

	first, err := os.ReadFile(envFile)
	require.NoError(t, err)
	require.ErrorContains(t, runInit(t, initArgs...), "left as it is")
	second, err := os.ReadFile(envFile)
	require.NoError(t, err)
	require.Equal(t, first, second, "the secrets of an installation exist once")
}

// What init writes is what docker compose asks for.
func TestInitSatisfiesComposeAndDiffersEachTime(t *testing.T) {
	example, err := os.ReadFile(exampleFile)
	require.NoError(t, err)
	file, err := filepath.Abs(composeFile)
	require.NoError(t, err)
	require.FileExists(t, file)
	var all []map[string]string
	for range 2 {
		values, err := installation("calls.example.com", "livekit.example.com", "203.0.113.10")
		require.NoError(t, err)
		text, err := fill(string(example), values)
		require.NoError(t, err)
		env, err := dotenv.Parse(strings.NewReader(text))
		require.NoError(t, err)
		p, err := loadCompose(env)
		require.NoError(t, err)
		require.Equal(t, "wss://livekit.example.com", *p.Services["api"].Environment["LIVEKIT_URL"])
		require.Equal(t, env["CLICK2CALL_ADMIN_PASSWORD"], *p.Services["api"].Environment["CLICK2CALL_ADMIN_PASSWORD"])
		all = append(all, values)
	}
	for name := range all[0] {
		if name != "PUBLIC_HOST" && name != "LIVEKIT_HOST" && name != "PUBLIC_IP" {
			require.NotEqual(t, all[0][name], all[1][name], name)
		}
	}
}

func TestInitRefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, args := range [][3]string{
		{"https://calls.example.com", "livekit.example.com", "203.0.113.10"},
		{"calls", "livekit.example.com", "203.0.113.10"},
		{"calls.example.com", "livekit.example.com:443", "203.0.113.10"},
		{"calls.example.com", "calls.example.com", "203.0.113.10"},
		{"calls.example.com", "livekit.example.com", "127.0.0.1"},
		{"calls.example.com", "livekit.example.com", "2001:db8::1"},
		{"calls.example.com", "livekit.example.com\nX=1", "203.0.113.10"},
	} {
		_, err := installation(args[0], args[1], args[2])
		require.Error(t, err, args)
	}
	_, err := fill("NEW_ONE=\n", nil)
	require.ErrorContains(t, err, "NEW_ONE")
	_, err = fill("", map[string]string{"OLD_ONE": "x"})
	require.ErrorContains(t, err, "OLD_ONE")
}
