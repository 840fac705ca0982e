package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/peers"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/setup"
	"github.com/click2call/click2call/lab/world"
)

// peersWithin bounds a run of both modes.
const peersWithin = 20 * time.Minute

var errPeers = errors.New("some calls did not go as they should")

func peersCommand() *cobra.Command {
	var mode, page string
	cmd := &cobra.Command{
		Use: "peers", Short: "Play the table of outcomes against Kamailio, SIPp and baresip", Args: cobra.NoArgs,
		Long: "Installs Kamailio, SIPp and baresip from Debian where they are missing, plays some fifty calls through them in each mode of\n" +
			"answer detection, and writes what became of each. It exits 0 only if all of it was right.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			modes := []string{mode}
			if mode == "both" {
				modes = []string{"polling", "webhook"}
			}
			ctx, cancel := context.WithTimeoutCause(cmd.Context(), peersWithin, fmt.Errorf("it took longer than %s", peersWithin))
			defer cancel()
			return playPeers(ctx, cmd, modes, page)
		},
	}
	cmd.Flags().StringVar(&mode, "mode", "both", "polling, webhook, or both")
	cmd.Flags().StringVar(&page, "page", filepath.Join("docs", "peers.md"), "where the table is written")
	return cmd
}

func playPeers(ctx context.Context, cmd *cobra.Command, modes []string, page string) error {
	out, began := cmd.OutOrStdout(), time.Now()
	s, err := newSetup(out)
	if err != nil {
		return err
	}
	if err := s.Packages(ctx, setup.ForPeers()...); err != nil {
		return err
	}
	results, wrong := map[string][]peers.Result{}, 0
	for _, mode := range modes {
		_, _ = fmt.Fprintf(out, "\nANSWER_DETECTION=%s\n", mode)
		if results[mode], err = playMode(ctx, cmd, s, mode); err != nil {
			return err
		}
		for _, r := range results[mode] {
			if len(r.Wrong) > 0 {
				wrong++
			}
		}
	}
	file, err := os.Create(page)
	if err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	if err := errors.Join(peers.Write(file, modes, results, began, time.Since(began)), file.Close()); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "\n%s, %d wrong; the table is in %s\n", time.Since(began).Round(time.Second), wrong, page)
	if wrong > 0 {
		return errPeers
	}
	return nil
}

// playMode starts a world of its own on free ports: the others of this machine may be in use.
func playMode(ctx context.Context, cmd *cobra.Command, s setup.Setup, mode string) (results []peers.Result, err error) {
	ports, release, err := servers.FreePorts()
	if err != nil {
		return nil, err
	}
	defer release()
	own, releaseOwn, err := servers.FreePorts()
	if err != nil {
		return nil, err
	}
	defer releaseOwn()
	certificates, err := os.MkdirTemp("", "click2call-peers")
	if err != nil {
		return nil, fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(certificates)) }()
	authority, err := peers.NewAuthority(certificates)
	if err != nil {
		return nil, err
	}
	tls := servers.SIPTLS(authority)
	opts := world.Options{
		Dir: filepath.Join(s.Root, ".lab", "peers"), Ports: ports, Env: peers.Env(mode), SIPTLS: &tls,
		Logger: zerolog.Nop(), Ready: announcer(cmd.OutOrStdout()),
	}
	if opts.Bin, err = s.Servers(ctx); err != nil {
		return nil, err
	}
	if opts.Product, err = s.Product(ctx); err != nil {
		return nil, err
	}
	w, err := world.Start(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer closeWorld(cmd.OutOrStdout(), w)
	return peers.Run(ctx, w, own, authority, cmd.OutOrStdout())
}
