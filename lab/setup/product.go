package setup

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const productExpected = 90 * time.Second

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
