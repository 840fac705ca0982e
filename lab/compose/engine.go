package compose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/servers"
)

const (
	engineWithin = time.Minute
	engineGrace  = 30 * time.Second
	cgroup       = "click2call-compose" // the parent of all our containers' control groups
	outputShown  = 2000
)

// engine is a Docker Engine with a data directory, a state directory, a socket and a pid file of its own. It knows nothing of any other
// Docker on this machine, and none knows of it.
type engine struct {
	dir     string
	compose string // path of docker-compose
	proc    *servers.Process
}

// newEngine prepares one. A builder has no bridge and no firewall rules: it builds in this machine's network and runs no container.
func newEngine(dir, compose string, builder bool) *engine {
	e := &engine{dir: dir, compose: compose}
	args := []string{
		"--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"), "--pidfile", filepath.Join(dir, "pid"),
		"--host", e.host(), "--cgroup-parent", "/" + cgroup, "--config-file", filepath.Join(dir, "daemon.json"),
	}
	if builder {
		args = append(args, "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false")
	}
	e.proc = servers.NewProcess(servers.Spec{
		Name: "Docker Engine", Path: "dockerd", Args: args, Env: e.env(), LogFile: filepath.Join(dir, "dockerd.log"),
		Ready: e.ping, ReadyIn: engineWithin, StopGrace: engineGrace,
	})
	return e
}

func (e *engine) socket() string { return filepath.Join(e.dir, "docker.sock") }
func (e *engine) host() string   { return "unix://" + e.socket() }

// env is the whole environment of the engine and its clients: nothing of the developer's Docker.
func (e *engine) env() []string {
	return []string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + e.dir, "DOCKER_HOST=" + e.host(), "DOCKER_CONFIG=" + filepath.Join(e.dir, "client"),
		"DOCKER_BUILDKIT=1", "BUILDKIT_PROGRESS=plain", "COMPOSE_ANSI=never", "COMPOSE_PROGRESS=plain", "COMPOSE_BAKE=false", "LC_ALL=C.UTF-8",
	}
}

func (e *engine) start(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Join(e.dir, "client"), 0o700); err != nil {
		return fmt.Errorf("prepare the engine: %w", err)
	}
	// Not the machine's /etc/docker/daemon.json.
	if err := os.WriteFile(filepath.Join(e.dir, "daemon.json"), []byte("{}\n"), 0o600); err != nil {
		return fmt.Errorf("prepare the engine: %w", err)
	}
	if err := os.Remove(filepath.Join(e.dir, "pid")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("prepare the engine: %w", err) // left by a sandbox that was killed; the lab's lock says that none runs
	}
	return e.proc.Start(ctx)
}

func (e *engine) ping(ctx context.Context) error {
	client := &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", e.socket())
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/_ping", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ping: %s", resp.Status)
	}
	return nil
}

// docker runs the client and returns what it printed.
func (e *engine) docker(ctx context.Context, args ...string) (string, error) {
	return e.run(ctx, "", nil, "/usr/bin/docker", args...)
}

// run runs a program against the engine. The error of one that failed ends with what it printed last.
func (e *engine) run(ctx context.Context, dir string, stdin []byte, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env = dir, e.env()
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if err == nil {
		return out.String(), nil
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	printed := strings.TrimSpace(out.String() + "\n" + errs.String())
	return out.String(), fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, printed[max(0, len(printed)-outputShown):])
}
