package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/setup"
	"github.com/click2call/click2call/lab/world"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use: "lab", Short: "Real servers, a carrier and a CRM around click2call, on this machine",
		SilenceUsage: true, SilenceErrors: true,
	}
	root.AddCommand(runCommand(), upCommand(), screenshotsCommand(), chaosCommand(), peersCommand(), benchCommand(), composeCommand(), helmCommand(), installCommand())
	return root
}

func upCommand() *cobra.Command {
	var pair bool
	cmd := &cobra.Command{
		Use: "up", Short: "Start everything but the product, and print the environment to start it with", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			return withWorld(cmd.Context(), out, world.Options{Pair: pair}, func(ctx context.Context, w *world.World, ports servers.Ports) error {
				for _, line := range w.Settings(ports.Product) {
					_, _ = fmt.Fprintln(out, "export", quoted(line))
				}
				return stayUp(ctx, out, w)
			})
		},
	}
	addPair(cmd, &pair)
	return cmd
}

func installCommand() *cobra.Command {
	var tests, check bool
	cmd := &cobra.Command{
		Use: "install", Short: "Install and build what the lab needs", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := newSetup(cmd.OutOrStdout())
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			switch {
			case tests:
				return s.Tests(ctx)
			case check:
				return s.Check(ctx)
			default:
				_, err = s.Servers(ctx)
				return err
			}
		},
	}
	cmd.Flags().BoolVar(&tests, "tests", false, "also what only tests need: PostgreSQL, Chromium, the linters")
	cmd.Flags().BoolVar(&check, "check", false, "only what `make check` needs: a C compiler, Redis, PostgreSQL, the linters")
	cmd.MarkFlagsMutuallyExclusive("tests", "check")
	return cmd
}

// withProduct, as the Product of withWorld's options, asks for one that is built now.
const withProduct = "build it"

// withWorld installs, builds and starts what is missing, and closes it after do. What opts leave out is as on a developer's
// machine.
func withWorld(
	ctx context.Context, out io.Writer, opts world.Options,
	do func(context.Context, *world.World, servers.Ports) error,
) error {
	ports, free, err := portsFromEnv()
	if err != nil {
		return err
	}
	defer free()
	s, err := newSetup(out)
	if err != nil {
		return err
	}
	release, err := world.Lock(filepath.Join(s.Root, ".lab", "lock"))
	if err != nil {
		return err
	}
	defer release()
	opts.Dir, opts.Keep, opts.Ports = filepath.Join(s.Root, ".lab", "run"), os.Getenv("KEEP") == "1", ports
	opts.Logger, opts.Ready = zerolog.Nop(), announcer(out)
	if opts.Bin, err = s.Servers(ctx); err != nil {
		return err
	}
	if opts.Product == withProduct {
		if opts.Product, err = s.Product(ctx); err != nil {
			return err
		}
	}
	w, err := world.Start(ctx, opts)
	if err != nil {
		return err
	}
	defer closeWorld(out, w)
	return do(ctx, w, ports)
}

// portsFromEnv are the default ports, changed as LAB_PORTS says: "free" for any that are free, or
// "temporal=7300,product=8090" for single ones.
func portsFromEnv() (servers.Ports, func(), error) {
	list := os.Getenv("LAB_PORTS")
	if list == "free" {
		return servers.FreePorts()
	}
	ports := servers.DefaultPorts()
	if err := ports.Override(list); err != nil {
		return servers.Ports{}, nil, fmt.Errorf("read LAB_PORTS: %w", err)
	}
	return ports, func() {}, nil
}

func closeWorld(out io.Writer, w *world.World) {
	_, _ = fmt.Fprintln(out, "\nstopping everything")
	if err := w.Close(); err != nil {
		_, _ = fmt.Fprintln(out, "close the lab:", err)
	}
}

// stayUp returns at Ctrl-C, or with an error when one of the children ends by itself.
func stayUp(ctx context.Context, out io.Writer, w *world.World) error {
	_, _ = fmt.Fprintln(out, "\nup; Ctrl-C stops everything")
	ended := make(chan *servers.Process)
	for _, p := range w.Processes() {
		go func() {
			select {
			case <-p.Exited():
				select {
				case ended <- p:
				case <-ctx.Done():
				}
			case <-ctx.Done():
			}
		}()
	}
	select {
	case <-ctx.Done():
		return nil
	case p := <-ended:
		return fmt.Errorf("%s ended by itself; see %s", p.Name(), p.LogFile())
	}
}

func newSetup(out io.Writer) (setup.Setup, error) {
	root, err := os.Getwd()
	if err != nil {
		return setup.Setup{}, fmt.Errorf("find the repository: %w", err)
	}
	if _, err := os.Stat(filepath.Join(root, "lab", "tools")); err != nil {
		return setup.Setup{}, fmt.Errorf("find the repository: %s has no lab/tools; run this at its top", root)
	}
	return setup.Setup{Root: root, Logs: filepath.Join(root, ".lab", "build"), Out: out}, nil
}

func announcer(out io.Writer) func(string, time.Duration) {
	var mu sync.Mutex
	return func(name string, took time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintf(out, "  %-12s up in %s\n", name, took.Round(10*time.Millisecond))
	}
}

func quoted(assignment string) string { return "'" + assignment + "'" }
