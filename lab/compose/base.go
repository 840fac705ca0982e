package compose

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	suite     = "bookworm"
	baseImage = "click2call-lab/base"
)

// inBase are Debian's packages in the image that all others here are made from: what their programs and health checks need.
var inBase = []string{
	"ca-certificates", "wget", "netcat-openbsd", "procps", "libopus0", "libopusfile0", "libsoxr0", "redis-server", "postgresql",
}

// baseTar makes a Debian of the packages above with debootstrap, once, and returns the tar file that the user's cache keeps.
func baseTar(ctx context.Context, cache, work string, run func(context.Context, string, ...string) error) (string, error) {
	sum := sha256.Sum256([]byte(suite + " " + strings.Join(inBase, " ")))
	path := filepath.Join(cache, "debian-"+hex.EncodeToString(sum[:8])+".tar")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the base image: %w", err)
	}
	root := filepath.Join(work, "debian")
	if err := os.RemoveAll(root); err != nil {
		return "", fmt.Errorf("make the base image: %w", err)
	}
	defer func() { _ = os.RemoveAll(root) }()
	if err := run(ctx, "debootstrap", "--variant=minbase", "--include="+strings.Join(inBase, ","), suite, root); err != nil {
		return "", fmt.Errorf("make the base image: %w", err)
	}
	partial := path + ".partial"
	if err := run(ctx, "tar", "--create", "--file", partial, "--directory", root, "--exclude=./var/cache/apt/archives/*.deb", "--exclude=./dev/*", "."); err != nil {
		return "", fmt.Errorf("make the base image: %w", err)
	}
	return path, os.Rename(partial, path)
}

// authorities is the file with the certificate authorities that this machine trusts: builds in containers fetch modules as it does.
const authorities = "/etc/ssl/certs/ca-certificates.crt"

// baseDockerfile puts this machine's authorities over Debian's.
const baseDockerfile = "FROM " + baseImage + ":debian\nCOPY ca-certificates.crt " + authorities + "\n"

// importBase makes the base image.
func (b *builder) importBase(ctx context.Context, tar string) error {
	if _, err := b.engine.docker(ctx, "image", "inspect", "--format", "{{.Id}}", baseImage+":debian"); err != nil {
		if _, err := b.engine.docker(ctx, "import", tar, baseImage+":debian"); err != nil {
			return err
		}
	}
	dir, err := b.stage("base", map[string]string{"ca-certificates.crt": authorities})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(baseDockerfile), 0o644); err != nil {
		return fmt.Errorf("make the base image: %w", err)
	}
	_, err = b.engine.docker(ctx, "build", "--network=host", "--tag", baseImage, dir)
	return err
}

// quiet runs a program and returns an error with the end of what it printed.
func quiet(ctx context.Context, program string, args ...string) error {
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		text := strings.TrimSpace(string(out))
		return fmt.Errorf("run %s: %w\n%s", program, err, text[max(0, len(text)-outputShown):])
	}
	return nil
}
