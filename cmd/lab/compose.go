package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/compose"
	"github.com/click2call/click2call/lab/setup"
)

func composeCommand() *cobra.Command {
	var inside bool
	cmd := &cobra.Command{
		Use: "compose", Short: "Run docker-compose.yml on a Docker Engine of its own: install, call, kill, upgrade, restore, remove", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			s, err := newSetup(cmd.OutOrStdout())
			if err != nil {
				return err
			}
			o := compose.Options{Root: s.Root, Dir: filepath.Join(s.Root, ".lab", "compose"), Out: cmd.OutOrStdout()}
			if inside {
				if o.Programs.DockerCompose, err = s.Tool(ctx, setup.DockerCompose); err != nil {
					return err
				}
				return compose.Prove(ctx, o)
			}
			if err := compose.MustBeRoot(); err != nil {
				return err
			}
			release, err := compose.Lock(o.Dir)
			if err != nil {
				return err
			}
			defer release()
			if o.Programs, err = composePrograms(ctx, s); err != nil {
				return err
			}
			cache, err := os.UserCacheDir()
			if err != nil {
				return fmt.Errorf("find the cache directory: %w", err)
			}
			o.Cache = filepath.Join(cache, "click2call", "images")
			if err := compose.Prepare(ctx, o); err != nil {
				return err
			}
			before, err := compose.Look(ctx)
			if err != nil {
				return err
			}
			err = compose.Enter(ctx, []string{"compose", "--inside"}, nil)
			if traces := before.Traces(context.WithoutCancel(ctx), o); traces != nil && err == nil {
				err = traces
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&inside, "inside", false, "in the sandbox already")
	_ = cmd.Flags().MarkHidden("inside") // fails for a flag that is not there only
	return cmd
}

// composePrograms installs and builds what the images are made of.
func composePrograms(ctx context.Context, s setup.Setup) (compose.Programs, error) {
	var p compose.Programs
	if err := s.Packages(ctx, append(setup.ForServers(), setup.ForCompose()...)...); err != nil {
		return p, err
	}
	if err := s.UIModules(ctx); err != nil {
		return p, err
	}
	for _, t := range []struct {
		tool setup.Tool
		path *string
	}{
		{setup.DockerCompose, &p.DockerCompose}, {setup.Caddy, &p.Caddy}, {setup.LiveKit, &p.LiveKit}, {setup.LiveKitSIP, &p.LiveKitSIP},
		{setup.Temporal, &p.Temporal}, {setup.TemporalServer, &p.TemporalServer}, {setup.TemporalSQLTool, &p.TemporalSQLTool}, {setup.TemporalUI, &p.TemporalUI},
	} {
		var err error
		if *t.path, err = s.Tool(ctx, t.tool); err != nil {
			return p, err
		}
	}
	tools := filepath.Join(s.Root, "lab", "tools", "temporal-server")
	for _, m := range []struct {
		module string
		path   *string
	}{{"go.temporal.io/server", &p.TemporalConfig}, {"github.com/temporalio/ui-server/v2", &p.TemporalUIConfig}} {
		dir, err := moduleDir(ctx, tools, m.module)
		if err != nil {
			return p, err
		}
		*m.path = filepath.Join(dir, "config", "docker.yaml")
	}
	out, err := exec.CommandContext(ctx, "go", "env", "-json", "GOROOT", "GOPROXY").Output()
	if err != nil {
		return p, fmt.Errorf("run go env: %w", err)
	}
	var env struct{ GOROOT, GOPROXY string }
	if err := json.Unmarshal(out, &env); err != nil {
		return p, fmt.Errorf("read go env: %w", err)
	}
	p.GoRoot, p.GoProxy = env.GOROOT, env.GOPROXY
	if p.Node, err = exec.LookPath("node"); err != nil {
		return p, fmt.Errorf("find node: %w", err)
	}
	root, err := exec.CommandContext(ctx, "npm", "root", "--global").Output()
	if err != nil {
		return p, fmt.Errorf("find npm: %w", err)
	}
	p.NPM = filepath.Join(strings.TrimSpace(string(root)), "npm")
	return p, nil
}

// moduleDir is where Go keeps the source of a module that the module in dir requires.
func moduleDir(ctx context.Context, dir, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("find the source of %s: %w", module, err)
	}
	return strings.TrimSpace(string(out)), nil
}
