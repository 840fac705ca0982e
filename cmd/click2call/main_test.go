package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store/storetest"
)

// runMain makes the test binary be the program, so that exit codes and output are the real ones.
const runMain = "CLICK2CALL_TEST_RUN_MAIN=1"

func TestMain(m *testing.M) {
	if os.Getenv("CLICK2CALL_TEST_RUN_MAIN") == "1" {
		main()
		return
	}
	os.Exit(storetest.Main(m))
}

// program is the program with nothing in its environment but what is given, in a directory of its own.
func program(t *testing.T, environment []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{runMain, "HOME=" + cmd.Dir, "CLICK2CALL_METRICS_LISTEN=off", "CLICK2CALL_DRAIN_NOTICE=0s"}, environment...)
	return cmd
}

func exitCode(t *testing.T, cmd *exec.Cmd) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exited *exec.ExitError
	if !errors.As(err, &exited) {
		require.NoError(t, err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	other := filepath.Join(t.TempDir(), "other.db")
	code, stdout, stderr := exitCode(t, program(t, []string{"DATABASE_URL=sqlite:" + other}, "migrate"))
	require.Zero(t, code, stderr)
	require.Equal(t, "the database is up to date\n", stdout)

	key := "CLICK2CALL_SECRET_KEY=" + strings.Repeat("0f", 32)
	for name, tc := range map[string]struct {
		command     string
		environment []string
		code        int
		variable    string
	}{
		"misspelled duration":     {"migrate", []string{"RING_TIMEOUT=soon"}, 2, "RING_TIMEOUT"},
		"unknown database":        {"migrate", []string{"DATABASE_URL=mysql://root:hunter2@db/c2c"}, 2, "DATABASE_URL"},
		"postgres, no key":        {"api", []string{"DATABASE_URL=postgres://c2c:hunter2@127.0.0.1:1/c2c"}, 2, "CLICK2CALL_SECRET_KEY"},
		"no tables":               {"worker", nil, 1, ""},
		"unreachable postgres":    {"worker", []string{"DATABASE_URL=postgres://c2c:hunter2@127.0.0.1:1/c2c", key}, 2, "DATABASE_URL"},
		"another database's key":  {"serve", []string{"DATABASE_URL=sqlite:" + other, key}, 2, "CLICK2CALL_SECRET_KEY"},
		"broken Temporal TLS":     {"serve", []string{"TEMPORAL_TLS_CLIENT_KEY_DATA=x"}, 2, "TEMPORAL_TLS_CLIENT_KEY_DATA"},
		"address taken":           {"api", []string{"DATABASE_URL=sqlite:" + other, "CLICK2CALL_LISTEN=" + taken.Addr().String()}, 2, "CLICK2CALL_LISTEN"},
		"address taken, worker":   {"worker", []string{"DATABASE_URL=sqlite:" + other, "CLICK2CALL_LISTEN=" + taken.Addr().String()}, 2, "CLICK2CALL_LISTEN"},
		"healthcheck, misspelled": {"healthcheck", []string{"CLICK2CALL_LISTEN=8080"}, 2, "CLICK2CALL_LISTEN"},
		"unknown command":         {"dance", nil, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, _, stderr := exitCode(t, program(t, tc.environment, tc.command))
			require.Equal(t, tc.code, code, stderr)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			want := "click2call: "
			if tc.variable != "" {
				want += tc.variable + ": "
			}
			last := lines[len(lines)-1]
			require.True(t, strings.HasPrefix(last, want), last)
			for _, line := range lines[:len(lines)-1] {
				require.True(t, json.Valid([]byte(line)), "only the log may come before: %s", line)
			}
			require.NotContains(t, stderr, "hunter2")
		})
	}
}

// The old key must open nothing afterwards, and the new one everything.
func TestRotateKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "c2c.db")
	database := "DATABASE_URL=sqlite:" + file
	next := strings.Repeat("0e", 32)
	rotate := func(environment ...string) (int, string, string) {
		cmd := program(t, append([]string{database}, environment...), "rotate-key")
		cmd.Stdin = strings.NewReader(next + "\n")
		return exitCode(t, cmd)
	}
	code, _, stderr := exitCode(t, program(t, []string{database, "LIVEKIT_API_SECRET=s", "CRM_WEBHOOK_URL=https://crm.example.com"}, "migrate"))
	require.Zero(t, code, stderr)
	code, stdout, stderr := rotate()
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "sealed with the new key")
	require.NotContains(t, stdout+stderr, next)
	code, _, stderr = exitCode(t, program(t, []string{database}, "migrate"))
	require.Equal(t, 2, code, stderr)
	require.NoError(t, os.WriteFile(strings.TrimSuffix(file, ".db")+".key", []byte(next), 0o600))
	code, _, stderr = exitCode(t, program(t, []string{database}, "migrate"))
	require.Zero(t, code, stderr)
	code, _, stderr = rotate()
	require.Equal(t, 1, code, "it is the present one")
	require.Contains(t, stderr, "openssl rand")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	code, stdout, _ := exitCode(t, program(t, []string{"RING_TIMEOUT=soon"}, "version"))
	require.Zero(t, code)
	require.Equal(t, version+"\n", stdout)
}

// started runs a role until it has said where it listens.
func started(t *testing.T, environment []string, role ...string) (cmd *exec.Cmd, address string) {
	t.Helper()
	cmd = program(t, append(environment, "CLICK2CALL_LISTEN=127.0.0.1:0"), role...)
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		var entry struct{ Address, Message string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &entry), lines.Text())
		if strings.HasSuffix(entry.Message, "is listening") {
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // a full pipe would block the process
			return cmd, entry.Address
		}
	}
	require.FailNow(t, "the program ended before it listened")
	return nil, ""
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

// Temporal is away in this test: each role must be alive, not ready, and end cleanly.
func TestHealthOfEachRoleWithoutTemporal(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"api", "worker", "serve"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			database := "DATABASE_URL=sqlite:" + filepath.Join(t.TempDir(), "c2c.db")
			code, _, stderr := exitCode(t, program(t, []string{database}, "migrate"))
			require.Zero(t, code, stderr)
			cmd, address := started(t, []string{database, "TEMPORAL_ADDRESS=127.0.0.1:1"}, role)
			status, body := get(t, "http://"+address+"/healthz")
			require.Equal(t, http.StatusOK, status, body)
			status, body = get(t, "http://"+address+"/readyz")
			require.Equal(t, http.StatusServiceUnavailable, status, body)
			require.Contains(t, body, "TEMPORAL_ADDRESS")

			listen := []string{"CLICK2CALL_LISTEN=" + address}
			code, _, stderr = exitCode(t, program(t, listen, "healthcheck"))
			require.Zero(t, code, stderr)
			code, _, stderr = exitCode(t, program(t, listen, "healthcheck", "--ready"))
			require.Equal(t, 1, code)
			require.Contains(t, stderr, "TEMPORAL_ADDRESS", "the container's health log must say what is missing")

			require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
			require.NoError(t, cmd.Wait())
			code, _, stderr = exitCode(t, program(t, listen, "healthcheck"))
			require.Equal(t, 1, code, stderr)
		})
	}
}
