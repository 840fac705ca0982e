package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

const uiExpected = time.Minute

// ui builds ui/dist, which ui/embed.go puts into the product, unless it is newer than all that it is made from.
func (s Setup) ui(ctx context.Context) error {
	dir := filepath.Join(s.Root, "ui")
	if _, err := os.Stat(filepath.Join(dir, "embed.go")); errors.Is(err, os.ErrNotExist) {
		return nil // nothing is embedded
	}
	built := modified(filepath.Join(dir, "dist", "app", "index.html"))
	newest, err := newestSource(dir, filepath.Join(s.Root, "sdk"), filepath.Join(s.Root, "api", "openapi.yaml"), filepath.Join(s.Root, "docs", "receivers"),
		filepath.Join(s.Root, "api", "admin", "openapi.yaml"))
	if err != nil {
		return fmt.Errorf("build the user interface: %w", err)
	}
	if built.After(newest) {
		return nil
	}
	if err := s.UIModules(ctx); err != nil {
		return err
	}
	done := s.progress("building the user interface", uiExpected)
	err = s.npm(ctx, dir, "run", "build")
	done(err)
	return err
}

// UIModules installs what the user interface is built and tested with, when that is missing or older than the lock file.
func (s Setup) UIModules(ctx context.Context) error {
	dir := filepath.Join(s.Root, "ui")
	lock := modified(filepath.Join(dir, "package-lock.json"))
	// npm writes this file at the end of an install.
	if installed := modified(filepath.Join(dir, "node_modules", ".package-lock.json")); !installed.IsZero() && !installed.Before(lock) {
		return nil
	}
	done := s.progress("installing what the user interface is made with", uiExpected)
	err := s.npm(ctx, dir, "ci", "--no-audit", "--no-fund")
	done(err)
	return err
}

func (s Setup) npm(ctx context.Context, dir string, args ...string) error {
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("build the user interface: %w; install Node 20 with npm", err)
	}
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = dir
	if out, err := s.quietly(ctx, "build-ui", cmd); err != nil {
		return fmt.Errorf("build the user interface: run npm %s: %w (log %s)%s", args[0], err, out.path, out.tail())
	}
	return nil
}

// noSources are the directories of the user interface that it is not built from.
var noSources = []string{"node_modules", "dist", "e2e", "test-results"}

// newestSource is the latest change of any file that the user interface is built from.
func newestSource(roots ...string) (time.Time, error) {
	var newest time.Time
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if slices.Contains(noSources, d.Name()) {
				return skip(d)
			}
			if t := modified(path); !d.IsDir() && t.After(newest) {
				newest = t
			}
			return nil
		})
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return time.Time{}, fmt.Errorf("look for changes: %w", err)
		}
	}
	return newest, nil
}

// skip leaves an entry out: a directory with all that is in it, and sdk/node_modules, which is a link to ui's.
func skip(d fs.DirEntry) error {
	if d.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// modified is when a file was last written; the zero time when it is not there.
func modified(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}
