package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// TestTemporalKilled kills Temporal under calls in each state, for longer than LiveKit tries its events again (15 s) and
// than a dial's heartbeat may be missing (10 s), and starts it again on the same data.
func TestTemporalKilled(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, m mode) {
		t.Parallel()
		s, _ := crashSite(t, lossy(m), "api", "worker")
		created := s.call(t, rings)
		talking := s.call(t, rings).talking()
		customerDrops := s.call(t, rings).talking()
		agentDrops := s.call(t, rings).talking()
		answersLast := s.call(t, ringsFor(18*time.Second)).ring()
		busy := s.call(t, carrier.Number("486", 6*time.Second, 0)).ring()
		answersMeanwhile := s.call(t, ringsFor(5*time.Second)).ring()

		before, killed := talking.sound(), time.Now()
		s.Servers.Temporal.Kill()
		customerDrops.dropLine()
		require.Error(t, agentDrops.HangUp(t.Context()), "the api says that it could not hand it on")
		require.Error(t, created.Join(t.Context(), created.placed))
		answersMeanwhile.hearEachOther()
		busy.awaitLine("is busy", func(l carrier.Call) bool { return l.State == carrier.StateDown })
		answersLast.hearEachOther()
		comeUp(t, s.Servers.Temporal)
		talking.since("Temporal was away", killed)
		back := time.Now()

		customerDrops.survives(customerHangup, fate{})
		customerDrops.since("from Temporal's return to the record of a hang-up", back)
		agentDrops.survives(agentHangup, fate{lineLate: true})
		busy.survives(busyHere, fate{})
		require.NoError(t, created.Connect(t.Context()), "the agent asks again")
		created.hearEachOther()
		created.dropLine()
		created.survives(customerHangup, fate{})
		for _, c := range []*phoneCall{answersMeanwhile, answersLast} {
			c.hearEachOther()
			c.dropLine()
			c.survives(customerHangup, fate{})
		}
		talking.keptTalking(before)
		require.NoError(t, talking.HangUp(t.Context()))
		talking.survives(agentHangup, fate{})
	})
}
