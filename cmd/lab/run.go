package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

func runCommand() *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Start everything and the product, and make one demonstration call", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			return withWorld(cmd.Context(), out, true, func(ctx context.Context, w *world.World, _ servers.Ports) error {
				return stayUp(ctx, out, w)
			})
		},
	}
}
