package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func reportsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "reports", Short: "Look after the sums that reports are made of", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use: "rebuild", Short: "Compare the sums of reports with the calls, and mend them", Args: cobra.NoArgs,
		Long: "Compares the sums that reports are made of with the calls, the newest first and a few thousand at a time, and mends what differs.\n" +
			"Calls go on meanwhile, and reports are right: they read the calls themselves where the sums were not compared yet, which takes them\n" +
			"longer. Cut off, it is gone on with by the workers.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd.Context(), func(ctx context.Context, a *app) error {
				if err := a.store.RebuildReports(ctx, time.Now()); err != nil {
					return err
				}
				err := a.store.FillReports(ctx, func(from time.Time) {
					if from.Unix() > 0 {
						_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "right from", from.Format(time.RFC3339), "on") // progress; nothing hangs on it
					}
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), "the sums of all reports say what the calls say")
				return err
			})
		},
	})
	return cmd
}

// fillAgain is after how long a worker that could not fill the sums of reports tries again, and after how long it looks whether they
// are to be rebuilt.
const fillAgain = 10 * time.Minute

// fillReports sums the calls that were there before reports had sums: see [store.Store.FillReports].
func (a *app) fillReports(ctx context.Context) {
	tick := time.NewTicker(fillAgain)
	defer tick.Stop()
	for {
		if err := a.store.FillReports(ctx, nil); err != nil && ctx.Err() == nil {
			a.log.Warn().Err(err).Msg("cannot sum old calls for reports; they are read one by one until the next round goes on")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
