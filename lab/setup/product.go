package setup

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	productExpected = 90 * time.Second
	uiExpected      = 60 * time.Second
)

// Product builds the product, its user interface first, and returns the program's path. Go's and Vite's own
// caches make it quick when little changed.
func (s Setup) Product(ctx context.Context) (string, error) {
	if err := s.ui(ctx); err != nil {
		return "", err
	}
	path := filepath.Join(s.Root, ".lab", "bin", "click2call")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("build click2call: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/click2call")
	cmd.Dir = s.Root
	done := s.progress("building click2call", productExpected)
	out, err := s.quietly(ctx, "build-click2call", cmd)
	done(err)
	if err != nil {
		return "", fmt.Errorf("build click2call: %w (log %s)%s", err, out.path, out.tail())
	}
	return path, nil
}

// ui builds ui/dist, which the product embeds, when there is a ui with a build.
func (s Setup) ui(ctx context.Context) error {
	dir := filepath.Join(s.Root, "ui")
	if _, err := os.Stat(filepath.Join(dir, "package.json")); os.IsNotExist(err) {
		return nil
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("build the user interface: %w; install Node with npm", err)
	}
	steps := [][]string{{"npm", "run", "build"}}
	if stale(filepath.Join(dir, "package-lock.json"), filepath.Join(dir, "node_modules", ".package-lock.json")) {
		steps = append([][]string{{"npm", "ci", "--no-audit", "--no-fund"}}, steps...)
	}
	done := s.progress("building the user interface", uiExpected)
	for _, argv := range steps {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Dir = dir
		if out, err := s.quietly(ctx, "build-ui", cmd); err != nil {
			done(err)
			return fmt.Errorf("build the user interface: run %s %s: %w (log %s)%s", argv[0], argv[1], err, out.path, out.tail())
		}
	}
	done(nil)
	return nil
}

// stale reports whether made is missing or older than source.
func stale(source, made string) bool {
	s, err := os.Stat(source)
	if err != nil {
		return false // npm ci would refuse to work without the lock file; npm run says what is missing
	}
	m, err := os.Stat(made)
	return err != nil || m.ModTime().Before(s.ModTime())
}
