package e2e_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/lab/agent"
)

// TestBurstsKeepTheWorkersPolling: when many agents hang up at once, every call ends soon, and so do those of the next bursts. With
// pollers that the sticky and the common queue share, some waited a minute, and new calls were not accepted meanwhile: see
// workflowPollers in cmd/click2call.
func TestBurstsKeepTheWorkersPolling(t *testing.T) {
	t.Parallel()
	const bursts, size, within = 5, 30, 45 * time.Second // a stalled poll takes 60 s
	s := open(t, setting{noEvents: true})
	for range bursts {
		ctx, cancel := context.WithTimeout(t.Context(), within)
		agents := make([]*agent.Agent, size)
		placing, placingCtx := errgroup.WithContext(ctx)
		for i := range agents {
			agents[i] = agent.New(s.ProductURL())
			placing.Go(func() error { return s.placeFor(placingCtx, agents[i]) })
		}
		require.NoError(t, placing.Wait())
		ending, endingCtx := errgroup.WithContext(ctx)
		for _, a := range agents {
			ending.Go(func() error {
				if err := a.PostHangUp(endingCtx); err != nil {
					return err
				}
				_, err := s.CRM.WaitFor(endingCtx, a.Call().CallID)
				return err
			})
		}
		require.NoError(t, ending.Wait())
		cancel()
	}
}
