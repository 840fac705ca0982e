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
		serveCommand(),
		runCommand("api", "Run the HTTP api only", roles{api: true}),
		runCommand("worker", "Run the Temporal worker only", roles{worker: true}),
		migrateCommand(),
		promoteCommand(),
		healthcheckCommand(),
		deliveriesCommand(),
		listenCommand(),
		ledgerCommand(),
		reportsCommand(),
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

// serveCommand is the one role that migrates, unless it is told not to.
func serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the HTTP api and the worker in one process", Args: cobra.NoArgs,
		Long: "Runs the HTTP api and the worker in one process, and brings the database to this version's schema first. With --migrate=false, or\n" +
			"CLICK2CALL_MIGRATE=false, it only looks whether `click2call migrate` has done that.",
	}
	migrate := cmd.Flags().Bool("migrate", true, "bring the database to this version's schema; unless given, CLICK2CALL_MIGRATE says it")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		cfg, err := readConfig()
		if err != nil {
			return err
		}
		if cmd.Flags().Changed("migrate") {
			cfg.Migrate = *migrate
		}
		return withConfig(cmd.Context(), cfg, func(ctx context.Context, a *app) error { return a.Run(ctx, roles{api: true, worker: true}) })
	}
	return cmd
}

func runCommand(name, short string, r roles) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withApp(cmd.Context(), func(ctx context.Context, a *app) error { return a.Run(ctx, r) })
		},
	}
}

// withApp opens the store, which must have been migrated, for the length of do.
func withApp(ctx context.Context, do func(context.Context, *app) error) error {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	cfg.Migrate = false
	return withConfig(ctx, cfg, do)
}

// withConfig opens the store, migrated if cfg says so, for the length of do.
func withConfig(ctx context.Context, cfg Config, do func(context.Context, *app) error) error {
	a, err := newApp(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	return do(ctx, a)
}
