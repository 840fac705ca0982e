package servers_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/servers"
)

// shell is a child that runs a script and is ready when the script has made the file $READY.
func shell(t *testing.T, script string, change func(*servers.Spec)) *servers.Process {
	t.Helper()
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	spec := servers.Spec{
		Name: "Shell", Path: "/bin/sh", Args: []string{"-c", script}, Dir: dir,
		Env:     []string{"READY=" + ready, "PATH=/usr/bin:/bin"},
		LogFile: filepath.Join(dir, "log"),
		Ready:   func(context.Context) error { _, err := os.Stat(ready); return err },
		ReadyIn: 10 * time.Second,
	}
	if change != nil {
		change(&spec)
	}
	p := servers.NewProcess(spec)
	t.Cleanup(p.Kill)
	return p
}

func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestProcessLife(t *testing.T) {
	t.Parallel()
	p := shell(t, `echo up; touch $READY; exec sleep 1000`, nil)
	require.Zero(t, p.PID())
	require.Error(t, p.Pause(), "nothing runs yet")

	require.NoError(t, p.Start(t.Context()))
	first := p.PID()
	require.NotZero(t, first)
	require.NoError(t, p.Start(t.Context()), "starting twice is harmless")
	require.Equal(t, first, p.PID())

	group, err := syscall.Getpgid(first)
	require.NoError(t, err)
	require.Equal(t, first, group, "a terminal's Ctrl-C must not reach it past us")

	require.NoError(t, p.Restart(t.Context()))
	require.True(t, gone(first))
	require.NotEqual(t, first, p.PID())
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(p.LogFile())
		return err == nil && string(text) == "up\nup\n" // the log of the first run is kept
	}, 5*time.Second, 5*time.Millisecond)
	exited := p.Exited()
	p.Stop()
	<-exited
	require.Zero(t, p.PID())
	p.Stop()
}

func TestStopInsists(t *testing.T) {
	t.Parallel()
	p := shell(t, `trap "" TERM; touch $READY; while :; do sleep 0.05; done`,
		func(s *servers.Spec) { s.StopGrace = 200 * time.Millisecond })
	require.NoError(t, p.Start(t.Context()))
	pid := p.PID()
	began := time.Now()
	p.Stop()
	require.GreaterOrEqual(t, time.Since(began), 200*time.Millisecond)
	require.True(t, gone(pid))
}

func TestStopEndsAPausedProgramGently(t *testing.T) {
	t.Parallel()
	p := shell(t, `trap 'echo bye; exit 0' TERM; sleep 1000 & touch $READY; wait`, nil)
	require.NoError(t, p.Start(t.Context()))
	pid := p.PID()
	require.NoError(t, p.Pause())
	require.Eventually(t, func() bool { return state(t, pid) == "T" }, 5*time.Second, 5*time.Millisecond)
	p.Stop()
	text, err := os.ReadFile(p.LogFile())
	require.NoError(t, err)
	require.Contains(t, string(text), "bye\n")
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	p := shell(t, `touch $READY; exec sleep 1000`, nil)
	require.NoError(t, p.Start(t.Context()))
	pid := p.PID()
	require.NoError(t, p.Pause())
	require.Eventually(t, func() bool { return state(t, pid) == "T" }, 5*time.Second, 5*time.Millisecond)
	require.NoError(t, p.Resume())
	require.Eventually(t, func() bool { return state(t, pid) != "T" }, 5*time.Second, 5*time.Millisecond)
}

// state is a process's state letter, from proc(5).
func state(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(text), ") ")
	require.True(t, ok)
	return after[:1]
}

func TestEarlyExitShowsTheLog(t *testing.T) {
	t.Parallel()
	p := shell(t, `echo "cannot open the pod bay doors"; exit 3`, nil)
	err := p.Start(t.Context())
	require.ErrorContains(t, err, "start Shell: exited before it was ready: exit status 3")
	require.ErrorContains(t, err, "cannot open the pod bay doors")
	require.Zero(t, p.PID())
}

func TestNotReadyInTimeIsStopped(t *testing.T) {
	t.Parallel()
	p := shell(t, `exec sleep 1000`, func(s *servers.Spec) { s.ReadyIn = 150 * time.Millisecond })
	require.ErrorContains(t, p.Start(t.Context()), "not ready within 150ms")
	require.Zero(t, p.PID())
}

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	port := ln.Addr().(*net.TCPAddr).Port
	p := shell(t, `touch $READY; exec sleep 1000`, func(s *servers.Spec) {
		s.Listens = []servers.Listen{{Network: "udp", Port: port}, {Network: "tcp", Port: port}}
	})
	err = p.Start(t.Context())
	require.ErrorIs(t, err, servers.ErrPortTaken)
	require.ErrorContains(t, err, "Shell")
	require.ErrorContains(t, err, strconv.Itoa(port)+"/tcp")
}

// TestChildrenDieWithTheirParent kills a process that runs a child through this package, as a developer's kill -9
// or a test's panic would.
func TestChildrenDieWithTheirParent(t *testing.T) {
	t.Parallel()
	if file := os.Getenv("SERVERS_TEST_CHILD_PID_FILE"); file != "" {
		beParent(t, file)
		return
	}
	file := filepath.Join(t.TempDir(), "pid")
	parent := exec.Command(os.Args[0], "-test.run=^TestChildrenDieWithTheirParent$")
	parent.Env = append(os.Environ(), "SERVERS_TEST_CHILD_PID_FILE="+file)
	require.NoError(t, parent.Start())
	t.Cleanup(func() { _ = parent.Process.Kill() })
	var child int
	require.Eventually(t, func() bool {
		text, _ := os.ReadFile(file)
		pid, err := strconv.Atoi(strings.TrimSuffix(string(text), "."))
		child = pid
		return err == nil && strings.HasSuffix(string(text), ".")
	}, 20*time.Second, 10*time.Millisecond)
	require.False(t, gone(child))

	require.NoError(t, parent.Process.Kill())
	_ = parent.Wait()
	require.Eventually(t, func() bool { return gone(child) || state(t, child) == "Z" }, 5*time.Second, 10*time.Millisecond)
}

func beParent(t *testing.T, file string) {
	p := shell(t, `touch $READY; exec sleep 1000`, nil)
	require.NoError(t, p.Start(t.Context()))
	require.NoError(t, os.WriteFile(file, []byte(strconv.Itoa(p.PID())+"."), 0o600))
	<-p.Exited()
}
