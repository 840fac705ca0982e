package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/store"
)

func migrateCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use: "migrate", Short: "Bring the database to this version's schema and seed it on first start", Args: cobra.NoArgs,
		Long: "Brings the database at DATABASE_URL to this version's schema and seeds it on first start; serve does that by itself,\n" +
			"and every other command only looks whether it was done.\n\n" +
			"With --from it first copies all that a SQLite installation holds into the empty PostgreSQL database at DATABASE_URL. Stop\n" +
			"click2call before: what is written meanwhile is lost. CLICK2CALL_SECRET_KEY must be the key of the SQLite installation,\n" +
			"which is in the file beside the database if it was never set. Calls under way go on after the move; Temporal keeps them.",
		Example: "  DATABASE_URL=postgres://… CLICK2CALL_SECRET_KEY=\"$(cat click2call.key)\" click2call migrate --from sqlite:click2call.db",
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			if from != "" {
				if err := copyStore(cmd.Context(), from, out); err != nil {
					return err
				}
			}
			cfg, err := readConfig()
			if err != nil {
				return err
			}
			cfg.Migrate = true
			return withConfig(cmd.Context(), cfg, func(context.Context, *app) error {
				_, err := fmt.Fprintln(out, "the database is up to date")
				return err
			})
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "copy this SQLite database first: sqlite:<file>")
	return cmd
}

// copyStore fills the database at DATABASE_URL with what the one at from holds.
func copyStore(ctx context.Context, from string, out io.Writer) (err error) {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	key, err := cfg.key()
	if err != nil {
		return err
	}
	if file, ok := strings.CutPrefix(from, "sqlite:"); !ok {
		return errors.New("--from must be sqlite:<file>")
	} else if _, err := os.Stat(file); err != nil { // opening it would make it
		return fmt.Errorf("--from: %w", err)
	}
	stores := make([]*store.Store, 0, 2)
	defer func() {
		for _, s := range stores {
			err = errors.Join(err, s.Close())
		}
	}()
	for _, url := range []string{from, cfg.DatabaseURL} {
		s, err := store.Open(ctx, url, key)
		if err != nil {
			return err
		}
		stores = append(stores, s)
		if err := s.Migrate(ctx); errors.Is(err, store.ErrWrongKey) {
			return &configError{"CLICK2CALL_SECRET_KEY", "must be the key of the SQLite installation"}
		} else if err != nil {
			return err
		}
	}
	return stores[1].CopyFrom(ctx, stores[0], func(table string, rows int) {
		_, _ = fmt.Fprintf(out, "%8d  %s\n", rows, table)
	})
}
