package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/sample"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

const (
	sampleCalls = 10_000
	sampleSeed  = 7
	liveWithin  = 30 * time.Second
)

// workday are zones around the world. The pictures are taken in one where it is afternoon now: a day with calls in it.
var workday = []string{
	"Asia/Kolkata", "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "America/Los_Angeles", "America/New_York",
	"America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Asia/Dubai",
}

func screenshotsCommand() *cobra.Command {
	var only string
	cmd := &cobra.Command{
		Use: "screenshots", Short: "Take the console's pictures again, empty and with 10,000 calls, into docs/screenshots", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			return withWorld(cmd.Context(), out, world.Options{Product: withProduct}, func(ctx context.Context, w *world.World, _ servers.Ports) error {
				zone, err := afternoon(time.Now())
				if err != nil {
					return err
				}
				shots := screenshots{out: out, world: w, zone: zone, only: only}
				return shots.take(ctx)
			})
		},
	}
	cmd.Flags().StringVar(&only, "only", "", "only pages whose name contains this")
	return cmd
}

// screenshots takes the console's pictures with ui/scripts/screenshots.mjs.
type screenshots struct {
	out   io.Writer
	world *world.World
	zone  *time.Location
	only  string
}

func (s screenshots) take(ctx context.Context) error {
	if err := s.run(ctx, "empty"); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(s.out, "writing %d calls\n", sampleCalls)
	err := sample.Fill(ctx, sample.Options{
		Database: filepath.Join(s.world.Dir(), "click2call.db"), Calls: sampleCalls, Seed: sampleSeed, Until: time.Now(), Zone: s.zone,
	})
	if err != nil {
		return err
	}
	leave, err := s.liveCalls(ctx)
	defer leave()
	if err != nil {
		return err
	}
	return s.run(ctx, "full")
}

// liveCalls makes real calls that are up while the pictures are taken: those of the sample are all over.
func (s screenshots) liveCalls(ctx context.Context) (leave func(), err error) {
	var agents []*agent.Agent
	leave = func() {
		for _, a := range agents {
			a.Leave()
		}
	}
	for i, c := range []struct {
		agent string
		rings time.Duration
	}{{"asha", time.Second}, {"karthik", 2 * time.Second}, {"meera", 40 * time.Second}} {
		a := agent.New(s.world.ProductURL())
		agents = append(agents, a)
		err := s.liveCall(ctx, a, carrier.Number("200", c.rings, 0), c.agent, fmt.Sprintf("LOAN-10%04d", 4711*(i+1)))
		if err != nil {
			return leave, fmt.Errorf("make a live call: %w", err)
		}
	}
	return leave, nil
}

func (s screenshots) liveCall(ctx context.Context, a *agent.Agent, number, name, caseID string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, liveWithin, errors.New("it did not come up"))
	defer cancel()
	placed, err := a.Place(ctx, s.world.Secrets.InboundKey, map[string]string{"case_id": caseID, "customer_number": number, "agent_id": name})
	if err != nil {
		return err
	}
	return a.Join(ctx, placed)
}

func (s screenshots) run(ctx context.Context, mode string) error {
	root, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("find the repository: %w", err)
	}
	cmd := exec.CommandContext(ctx, "node", "scripts/screenshots.mjs")
	cmd.Dir = filepath.Join(root, "ui")
	cmd.Env = append(os.Environ(), "CLICK2CALL_URL="+s.world.ProductURL(), "CLICK2CALL_PASSWORD="+s.world.Secrets.AdminPassword, "CLICK2CALL_CRM="+s.world.CRM.URL(),
		"SHOTS_MODE="+mode, "SHOTS_ONLY="+s.only, "SHOTS_ZONE="+s.zone.String(), "SHOTS_OUT="+filepath.Join(root, "docs", "screenshots"), "SHOTS_RAW="+filepath.Join(root, ".lab", "screenshots"))
	cmd.Stdout, cmd.Stderr = s.out, s.out
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("take screenshots (%s): %w", mode, err)
	}
	return nil
}

// afternoon is a zone where it is between one and five in the afternoon.
func afternoon(now time.Time) (*time.Location, error) {
	for _, name := range workday {
		zone, err := time.LoadLocation(name)
		if err != nil {
			return nil, fmt.Errorf("find a zone where it is afternoon: %w", err)
		}
		if h := now.In(zone).Hour(); h >= 13 && h < 17 {
			return zone, nil
		}
	}
	return time.UTC, nil
}
