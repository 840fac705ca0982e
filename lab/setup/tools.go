package setup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Tool is a program that is built from a pinned module of its own under lab/tools.
type Tool struct {
	Name     string
	Module   string        // directory under lab/tools
	Package  string        // main package, listed as `tool` in the module's go.mod
	Expected time.Duration // of a build on two cores with nothing cached
	Stamp    string        // variable that is set to the version of the package's module; "" for none
}

// The tools. lab/tools/*/go.mod holds their versions.
var (
	Temporal = Tool{"temporal", "temporal", "github.com/temporalio/cli/cmd/temporal", 4 * time.Minute, ""}
	LiveKit  = Tool{"livekit-server", "livekit", "github.com/livekit/livekit-server/cmd/server", 2 * time.Minute, ""}

	LiveKitSIP = Tool{"livekit-sip", "livekit-sip", "github.com/livekit/sip/cmd/livekit-sip", 3 * time.Minute, ""}

	GolangciLint = Tool{"golangci-lint", "lint",
		"github.com/golangci/golangci-lint/v2/cmd/golangci-lint", 3 * time.Minute, ""}
	Workflowcheck = Tool{"workflowcheck", "workflowcheck",
		"go.temporal.io/sdk/contrib/tools/workflowcheck", 20 * time.Second, ""}
	Gitleaks    = Tool{"gitleaks", "gitleaks", "github.com/zricethezav/gitleaks/v8", time.Minute, ""}
	Govulncheck = Tool{"govulncheck", "govulncheck", "golang.org/x/vuln/cmd/govulncheck", 30 * time.Second, ""}

	Helm          = Tool{"helm", "helm", "helm.sh/helm/v3/cmd/helm", 90 * time.Second, ""}
	Etcd          = Tool{"etcd", "etcd", "go.etcd.io/etcd/server/v3", 30 * time.Second, ""}
	KubeAPIServer = Tool{"kube-apiserver", "kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver", 5 * time.Minute,
		"k8s.io/component-base/version.gitVersion"} // Helm refuses a server that does not know its version

	DockerCompose   = Tool{"docker-compose", "compose", "github.com/docker/compose/v2/cmd", 2 * time.Minute, ""}
	Caddy           = Tool{"caddy", "caddy", "github.com/caddyserver/caddy/v2/cmd/caddy", 90 * time.Second, ""}
	TemporalServer  = Tool{"temporal-server", "temporal-server", "go.temporal.io/server/cmd/server", time.Minute, ""}
	TemporalSQLTool = Tool{"temporal-sql-tool", "temporal-server", "go.temporal.io/server/cmd/tools/sql", time.Minute, ""}
	TemporalUI      = Tool{"temporal-ui", "temporal-server", "github.com/temporalio/ui-server/v2/cmd/server", 30 * time.Second, ""}
)

// Tool returns the path of the built program, after building it if the cache does not hold it. Two runs
// that want the same tool at once build it once.
func (s Setup) Tool(ctx context.Context, t Tool) (string, error) {
	dir := filepath.Join(s.Root, "lab", "tools", t.Module)
	version, err := goVersion(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", t.Name, err)
	}
	flags, err := t.flags(dir)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", t.Name, err)
	}
	what := t.Package
	if t.Stamp != "" {
		what += " " + flags
	}
	key, err := CacheKey(dir, what, version)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", t.Name, err)
	}
	cache, err := s.cacheDir()
	if err != nil {
		return "", fmt.Errorf("build %s: %w", t.Name, err)
	}
	path := filepath.Join(cache, t.Name+"-"+key)
	unlock, err := s.lock(ctx, path+".lock", t.Name)
	if err != nil {
		return "", fmt.Errorf("build %s: %w", t.Name, err)
	}
	defer unlock()
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		return path, nil
	}
	return path, s.build(ctx, t, dir, path, flags)
}

// build compiles into a file beside path and renames it, so that path is never half a program.
func (s Setup) build(ctx context.Context, t Tool, dir, path, flags string) error {
	partial := path + ".partial"
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags="+flags, "-o", partial, t.Package)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	done := s.progress(fmt.Sprintf("building %s", t.Name), t.Expected)
	out, err := s.quietly(ctx, "build-"+t.Name, cmd)
	done(err)
	if err != nil {
		_ = os.Remove(partial)
		return fmt.Errorf("build %s: %w (log %s)%s", t.Name, err, out.path, out.tail())
	}
	if err := os.Rename(partial, path); err != nil {
		return fmt.Errorf("build %s: %w", t.Name, err)
	}
	return nil
}

// flags are the linker's.
func (t Tool) flags(dir string) (string, error) {
	const stripped = "-s -w"
	if t.Stamp == "" {
		return stripped, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("read pinned versions: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && strings.HasPrefix(t.Package, f[0]+"/") && strings.HasPrefix(f[1], "v") {
			return stripped + " -X " + t.Stamp + "=" + f[1], nil
		}
	}
	return "", fmt.Errorf("go.mod pins no module of %s", t.Package)
}

// CacheKey names a build by all that goes into it: the pinned versions and sums, the Go release and platform,
// and the package.
func CacheKey(moduleDir, pkg, goVersion string) (string, error) {
	sum := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(moduleDir, name))
		if err != nil {
			return "", fmt.Errorf("read pinned versions: %w", err)
		}
		_, _ = fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	_, _ = fmt.Fprintf(sum, "%s\n%s", goVersion, pkg)
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// goVersion asks in the module's directory: its go.mod may ask for another Go release than the one on the PATH.
func goVersion(ctx context.Context, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "version")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run go version: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func (s Setup) cacheDir() (string, error) {
	dir := s.Cache
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the cache directory: %w", err)
		}
		dir = filepath.Join(user, "click2call", "bin")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the cache directory: %w", err)
	}
	return dir, nil
}

const lockPoll = 200 * time.Millisecond

// lock waits for the file's lock, which another run may hold while it builds the same.
func (s Setup) lock(ctx context.Context, path, name string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for said := false; ; {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
		if !said {
			s.say("waiting for another run that builds %s", name)
			said = true
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), f.Close())
		case <-ticker.C:
		}
	}
}
