package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/store"
)

func rotateKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use: "rotate-key", Short: "Seal the stored secrets with the new key on standard input; stop all other processes first", Args: cobra.NoArgs,
		Example: "  openssl rand -base64 32 > new.key && click2call rotate-key < new.key",
		RunE: func(cmd *cobra.Command, _ []string) error {
			text, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), 1024)) // a key has 64 characters at most
			if err != nil {
				return fmt.Errorf("read the new key from standard input: %w", err)
			}
			next, err := store.ParseKey(string(text))
			if err != nil {
				return fmt.Errorf("read the new key from standard input: %w", err)
			}
			return withApp(cmd.Context(), func(ctx context.Context, a *app) error {
				sealed, err := a.store.Rekey(ctx, next)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d secrets are sealed with the new key. Start every process with it: in CLICK2CALL_SECRET_KEY, or in the .key file beside the SQLite file.\n", sealed)
				return err
			})
		},
	}
}
