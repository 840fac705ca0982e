package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/bench"
	"github.com/click2call/click2call/lab/eventproxy"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

// benchPage is the document whose tables a run rewrites.
const benchPage = "docs/performance.md"

func benchCommand() *cobra.Command {
	var seed uint64
	var long time.Duration
	var reverse, quick bool
	var only []string
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure what a call costs and how quick it is, beside a baseline and the limits", Args: cobra.NoArgs,
		Long: "Measures /click2call, answer and hang-up on real calls, the cost of a call, whole lives a second, an outage of the CRM, and many live\n" +
			"calls, beside the program people write first, a workflow that polls by timer, and bare LiveKit and Temporal. What was\n" +
			"measured replaces the tables of " + benchPage + ".",
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts := bench.Full()
			if quick {
				opts = bench.Quick()
			} else if long != 0 {
				opts.Long = long
			}
			if opts.Long <= opts.Short {
				return fmt.Errorf("--long must be more than %s", opts.Short)
			}
			opts.Seed, opts.Reverse, opts.Only = seed, reverse, only
			return runBench(cmd, opts, !quick)
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 1, "the order of the subjects in each round")
	cmd.Flags().BoolVar(&reverse, "reverse", false, "turn the order of each round round")
	cmd.Flags().BoolVar(&quick, "quick", false, "show in two minutes that everything is measured; the document stays as it is")
	cmd.Flags().DurationVar(&long, "long", 0, "the length of the long call, 30m when not given")
	cmd.Flags().StringSliceVar(&only, "only", nil, "measure only these, of "+strings.Join(bench.Sections(), ", "))
	return cmd
}

func runBench(cmd *cobra.Command, opts bench.Options, write bool) (err error) {
	out := cmd.OutOrStdout()
	if opts.Baseline, err = buildBaseline(cmd.Context(), filepath.Join(".lab", "bin")); err != nil {
		return err
	}
	events, err := eventproxy.Start(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, events.Close()) }()
	w := world.Options{Product: withProduct, ProductLater: true, Postgres: true, LiveKitWebhooks: events.URL()}
	return withWorld(cmd.Context(), out, w, func(ctx context.Context, w *world.World, _ servers.Ports) error {
		began := time.Now()
		report, err := bench.Run(ctx, w, events, opts, out)
		if write { // what was measured before an interruption, too
			err = errors.Join(err, bench.UpdatePage(benchPage, report.Tables))
		}
		if err != nil {
			return fmt.Errorf("%w; the logs are in %s/logs", err, w.Dir())
		}
		_, _ = fmt.Fprintf(out, "\ntook %s\n", time.Since(began).Round(time.Second))
		return nil
	})
}

// buildBaseline builds the program that the product is compared with, and returns its path.
func buildBaseline(ctx context.Context, dir string) (string, error) {
	path, err := filepath.Abs(filepath.Join(dir, "baseline"))
	if err != nil {
		return "", fmt.Errorf("build the baseline: %w", err)
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "./bench/baseline")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build the baseline: %w", err)
	}
	return path, nil
}
