package setup

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/click2call/click2call/lab/servers"
)

// Setup installs and builds. The zero Out is silent.
type Setup struct {
	Root  string    // of the repository
	Cache string    // of built programs; "" is click2call/bin in the user's cache directory
	Logs  string    // for the compiler's output
	Out   io.Writer // progress, for people
}

// Servers brings the machine to where lab/servers can run, and says where the programs are.
func (s Setup) Servers(ctx context.Context) (servers.Binaries, error) {
	if err := s.Packages(ctx, ForServers()...); err != nil {
		return servers.Binaries{}, err
	}
	redis, err := exec.LookPath("redis-server")
	if err != nil {
		return servers.Binaries{}, fmt.Errorf("find redis-server: %w; install the package redis-server", err)
	}
	bin := servers.Binaries{Redis: redis}
	for _, b := range []struct {
		tool Tool
		path *string
	}{{Temporal, &bin.Temporal}, {LiveKit, &bin.LiveKit}, {LiveKitSIP, &bin.SIP}} {
		if *b.path, err = s.Tool(ctx, b.tool); err != nil {
			return servers.Binaries{}, err
		}
	}
	return bin, nil
}

// Check brings the machine to where `make check` can run.
func (s Setup) Check(ctx context.Context) error {
	if err := s.Packages(ctx, forCheck()...); err != nil {
		return err
	}
	if err := s.UIModules(ctx); err != nil {
		return err
	}
	return s.linters(ctx)
}

// Tests brings the machine to where every test can run.
func (s Setup) Tests(ctx context.Context) error {
	// All packages in one go: the package list is then fetched once.
	if err := s.Packages(ctx, append(ForServers(), ForTests()...)...); err != nil {
		return err
	}
	if _, err := s.Servers(ctx); err != nil {
		return err
	}
	if err := s.UIModules(ctx); err != nil {
		return err
	}
	return s.linters(ctx)
}

// linters builds the linters, and Helm for the chart's tests, and links them under their own names in .lab/tools.
func (s Setup) linters(ctx context.Context) error {
	dir := filepath.Join(s.Root, ".lab", "tools")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("prepare linters: %w", err)
	}
	for _, tool := range []Tool{GolangciLint, Workflowcheck, Gitleaks, Govulncheck, Helm} {
		path, err := s.Tool(ctx, tool)
		if err != nil {
			return err
		}
		link := filepath.Join(dir, tool.Name)
		if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("prepare linters: %w", err)
		}
		if err := os.Symlink(path, link); err != nil {
			return fmt.Errorf("prepare linters: %w", err)
		}
	}
	return nil
}

func (s Setup) say(format string, args ...any) {
	if s.Out != nil {
		_, _ = fmt.Fprintf(s.Out, format+"\n", args...)
	}
}
