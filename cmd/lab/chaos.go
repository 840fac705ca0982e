package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/chaos"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

// most calls and faults of one run: the carrier's and the CRM's books hold no more.
const most = 5000

func chaosCommand() *cobra.Command {
	var seed uint64
	var calls, faults, trunks, crowd int
	cmd := &cobra.Command{
		Use: "chaos", Short: "Make calls while everything around them breaks, and reconcile the books", Args: cobra.NoArgs,
		Long: "Makes calls of every kind at a steady rate while the product's api and worker, Temporal, PostgreSQL, Redis, LiveKit, its SIP\n" +
			"service, the CRM and the links between them are killed, paused, restarted and cut off, alone and in pairs, as a seed says; the database\n" +
			"turns read-only, and Temporal is replaced by an empty one. Then it reconciles calls accepted, outcomes, webhooks received, INVITEs at both carriers, and the lines of their trunks. It exits 0 only if nothing is wrong. Odd seeds run\n" +
			"with ANSWER_DETECTION=polling, even ones with webhook; of each four, the last two with two LiveKit servers and two SIP services.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if calls < 1 || calls > most || faults < 1 || faults > most {
				return fmt.Errorf("--calls and --faults must be 1 to %d", most)
			}
			if trunks < 1 || trunks > 2 || crowd < 0 || crowd > most {
				return fmt.Errorf("--trunks must be 1 or 2, --crowd 0 to %d", most)
			}
			out := cmd.OutOrStdout()
			links, plan := chaos.NewLinks(), chaos.MakePlan(seed, calls, faults, trunks)
			if crowd > 0 {
				plan = chaos.MakeCrowd(seed, crowd)
			}
			defer links.Close()
			opts := world.Options{Product: withProduct, ProductLater: true, Postgres: true, Env: plan.Env(), Pair: plan.Pair, Via: links.Via}
			return withWorld(cmd.Context(), out, opts, func(ctx context.Context, w *world.World, ports servers.Ports) error {
				_, _ = fmt.Fprintf(out, "\nseed %d: %d calls, %d faults, ANSWER_DETECTION=%s\n", seed, len(plan.Calls), len(plan.Faults), plan.Mode)
				books, err := chaos.Run(ctx, w, ports, links, plan, out)
				if err != nil {
					return err
				}
				books.Print(out)
				if len(books.Findings()) > 0 {
					return fmt.Errorf("%w; the logs are in %s/logs", chaos.ErrFindings, w.Dir())
				}
				return nil
			})
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 1, "which run: the same seed makes the same calls and the same faults")
	cmd.Flags().IntVar(&calls, "calls", 1000, "how many calls")
	cmd.Flags().IntVar(&faults, "faults", 200, "how many faults, one about every 8 seconds")
	cmd.Flags().IntVar(&trunks, "trunks", 1, "carriers: 1, or 2 with failover, limits, a queue and one live call per agent")
	cmd.Flags().IntVar(&crowd, "crowd", 0, "instead: so many callers at once on a trunk of 10 lines and 3 INVITEs a second, while workers and apis are killed")
	return cmd
}
