package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const (
	// healthcheckTimeout is above what /readyz takes when every dependency hangs.
	healthcheckTimeout = 4 * time.Second
	maxHealthAnswer    = 4 << 10
)

// healthcheckCommand is for container images that hold this program and no shell.
func healthcheckCommand() *cobra.Command {
	var ready bool
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask the process that listens on CLICK2CALL_LISTEN how it is; exit code 0 when it is well",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := readConfig()
			if err != nil {
				return err
			}
			path := "/healthz"
			if ready {
				path = "/readyz"
			}
			return checkHealth(cmd.Context(), cfg.Listen, path)
		},
	}
	cmd.Flags().BoolVar(&ready, "ready", false, "ask /readyz (can it do its work?) instead of /healthz (is it alive?)")
	return cmd
}

// checkHealth returns nil when the process that listens on address answers 200. Else its error holds the answer,
// which says what is missing.
func checkHealth(ctx context.Context, address, path string) error {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTimeout)
	defer cancel()
	url := "http://" + dialable(address) + path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("check health: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("check health: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxHealthAnswer)) // whatever arrived helps
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("check health: %s answered %s: %s", path, resp.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// dialable is where a process that listens on address can be reached from the same machine.
func dialable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip, err := netip.ParseAddr(host); host == "" || (err == nil && ip.IsUnspecified()) {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
