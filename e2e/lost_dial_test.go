package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// TestNobodyKnowsHowTheDialEnded: the worker dies while the phone rings, and the leg is gone before another looks; no event
// of LiveKit's says why, and the page says nothing. Then nobody can know, and the outcome says just that.
func TestNobodyKnowsHowTheDialEnded(t *testing.T) {
	s, processes := crashSite(t, setting{mode: polling, noEvents: true}, "api", "worker")
	c := s.call(t, secondsOf("180", 0, 0))
	c.HangUpOnDrop = false
	line := c.ring().awaitLine("rings", func(l carrier.Call) bool { return l.State == carrier.StateRinging })
	processes[1].Kill()
	require.NoError(t, s.Carrier.HangUp(line.ID))
	c.await("customer_left")
	comeUp(t, processes[1])
	c.end(outcome{"FAILED", "dial_state_unknown", 0, "system"})
}
