package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/store"
)

func ledgerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "ledger", Short: "Look at the check of calls against Temporal, and resume it when it waits for you", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(&cobra.Command{
		Use: "release", Short: "Let the ledger end the calls whose workflows are gone, however many, for an hour", Args: cobra.NoArgs,
		Long: "When more than twenty calls, and more than one in ten, seem to have lost their workflows, the ledger ends none of them and waits\n" +
			"for this word: look first whether they are really gone. It holds for an hour; the next check is at most five minutes away.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withFence(cmd.Context(), func(ctx context.Context, a *app) error {
				brake, err := a.releaseLedger(ctx)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "the next check may end what has no workflow, for an hour: %d of %d live calls when it last looked\n", brake.Gone, brake.Live)
				return err
			})
		},
	})
	return cmd
}

func (a *app) releaseLedger(ctx context.Context) (store.LedgerBrake, error) {
	brake, err := a.store.LedgerBrake(ctx)
	if err != nil {
		return brake, err
	}
	if err := a.store.ReleaseLedger(ctx, operator(), time.Now().Add(store.LedgerWord)); err != nil {
		return brake, err
	}
	return brake, a.auditCommand(ctx, "ledger_released", "", fmt.Sprintf("%d of %d live calls", brake.Gone, brake.Live))
}
