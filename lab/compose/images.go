package compose

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed images
var dockerfiles embed.FS

// Programs are what stand-in images are made of, as paths on this machine.
type Programs struct {
	DockerCompose, Caddy, LiveKit, LiveKitSIP             string
	Temporal, TemporalServer, TemporalSQLTool, TemporalUI string
	TemporalConfig, TemporalUIConfig                      string // config/docker.yaml of the module of each
	GoRoot, GoProxy, Node, NPM                            string
}

// standIn is an image of our own under another's name.
type standIn struct {
	images string            // in lab/compose/images
	files  map[string]string // name in the build's directory → path on this machine
	args   map[string]string
}

// standIns are the images of docker-compose.yml and the Dockerfile by their repositories there; the tags are read from the files.
func standIns(p Programs) map[string]standIn {
	return map[string]standIn{
		"caddy":                  {images: "caddy", files: map[string]string{"caddy": p.Caddy}},
		"postgres":               {images: "postgres"},
		"redis":                  {images: "redis"},
		"temporalio/server":      {images: "temporal-server", files: map[string]string{"temporal-server": p.TemporalServer, "docker.yaml": p.TemporalConfig}},
		"temporalio/admin-tools": {images: "temporal-tools", files: map[string]string{"temporal-sql-tool": p.TemporalSQLTool, "temporal": p.Temporal}},
		"temporalio/ui":          {images: "temporal-ui", files: map[string]string{"temporal-ui": p.TemporalUI, "docker.yaml": p.TemporalUIConfig}},
		"livekit/livekit-server": {images: "livekit", files: map[string]string{"livekit-server": p.LiveKit}},
		"livekit/sip":            {images: "livekit-sip", files: map[string]string{"livekit-sip": p.LiveKitSIP}},
		"golang":                 {images: "golang", files: map[string]string{"go": p.GoRoot}, args: map[string]string{"GOPROXY": p.GoProxy}},
		"node":                   {images: "node", files: map[string]string{"node": p.Node, "npm": p.NPM}},
	}
}

// builder makes images on an engine that shares this machine's network.
type builder struct {
	engine *engine
	work   string // for build directories
}

// stage makes a build directory with the files in it: hard links where that is possible, copies elsewhere.
func (b *builder) stage(name string, files map[string]string) (string, error) {
	dir := filepath.Join(b.work, name)
	if err := os.RemoveAll(dir); err != nil {
		return "", fmt.Errorf("stage %s: %w", name, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("stage %s: %w", name, err)
	}
	for as, path := range files {
		if err := quietCopy(path, filepath.Join(dir, as)); err != nil {
			return "", fmt.Errorf("stage %s: %w", name, err)
		}
	}
	source, err := fs.Sub(dockerfiles, "images/"+name)
	if err != nil {
		return "", fmt.Errorf("stage %s: %w", name, err)
	}
	if err := os.CopyFS(dir, source); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("stage %s: %w", name, err)
	}
	scripts, err := filepath.Glob(filepath.Join(dir, "*.sh"))
	if err != nil {
		return "", fmt.Errorf("stage %s: %w", name, err)
	}
	for _, s := range scripts { // embedded files have lost their mode
		if err := os.Chmod(s, 0o755); err != nil {
			return "", fmt.Errorf("stage %s: %w", name, err)
		}
	}
	return dir, nil
}

func quietCopy(from, to string) error {
	real, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	if exec.Command("cp", "--archive", "--link", "--no-target-directory", real, to).Run() == nil {
		return nil
	}
	_ = os.RemoveAll(to) // of another file system
	return quiet(context.Background(), "cp", "--archive", "--no-target-directory", real, to)
}

// buildStandIn makes the image under the very name, tag included.
func (b *builder) buildStandIn(ctx context.Context, name string, s standIn) error {
	dir, err := b.stage(s.images, s.files)
	if err != nil {
		return err
	}
	args := []string{"build", "--network=host", "--tag", name}
	for k, v := range s.args {
		args = append(args, "--build-arg", k+"="+v)
	}
	_, err = b.engine.docker(ctx, append(args, dir)...)
	return err
}

// buildOurs makes our own image from the repository's Dockerfile.
func (b *builder) buildOurs(ctx context.Context, root, version string) error {
	_, err := b.engine.docker(ctx, "build", "--network=host", "--build-arg", "VERSION="+version, "--tag", "click2call:"+version, root)
	return err
}

// foreign are the images that the files name and that are not ours, with their tags.
func foreign(composeFile, dockerfile string) []string {
	var names []string
	for line := range strings.Lines(composeFile) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "image: "); ok && !strings.Contains(name, "${") {
			names = append(names, strings.TrimSpace(name))
		}
	}
	for line := range strings.Lines(dockerfile) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "FROM" {
			continue
		}
		name := fields[1]
		if strings.HasPrefix(name, "--") {
			name = fields[2]
		}
		if name != "scratch" {
			names = append(names, name)
		}
	}
	return names
}
