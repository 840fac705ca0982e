package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "click2call",
		Short:         "Click-to-call for CRMs: one REST call, one phone call, one outcome",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(
		runCommand("serve", "Run the HTTP api and the worker in one process", roles{api: true, worker: true}),
		runCommand("api", "Run the HTTP api only", roles{api: true}),
		runCommand("worker", "Run the Temporal worker only", roles{worker: true}),
		migrateCommand(),
		promoteCommand(),
		healthcheckCommand(),
		deliveriesCommand(),
		ledgerCommand(),
		adoptTemporalCommand(),
		rotateKeyCommand(),
		initCommand(),
		&cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), version)
				return err
			},
		},
	)
	return root
}

func runCommand(name, short string, r roles) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd.Context(), func(ctx context.Context, a *app) error { return a.Run(ctx, r) })
		},
	}
}

// withApp opens the store, migrated and seeded, for the length of do.
func withApp(ctx context.Context, do func(context.Context, *app) error) error {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	a, err := newApp(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	return do(ctx, a)
}
