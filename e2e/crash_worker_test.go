package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

const rings = "9530251797" // for 1.5 s, and is then answered until somebody hangs up

// TestWorkerKilled kills the only worker while calls are in each state, lets things happen while no worker is there,
// and starts it again.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, m mode) {
		t.Parallel()
		s, processes := crashSite(t, lossy(m), "api", "worker")
		created := s.call(t, rings)
		talking := s.call(t, rings).talking()
		customerDrops := s.call(t, rings).talking()
		agentDrops := s.call(t, rings).talking()
		neverRings := s.call(t, carrier.Number("100", 0, 0)).join()
		neverRings.awaitLine("was dialed", func(carrier.Call) bool { return true })
		ringsOn := s.call(t, ringsFor(17*time.Second)).ring()
		cancels := s.call(t, carrier.Number("180", 0, 0)).ring()
		answersMeanwhile := s.call(t, ringsFor(4*time.Second)).ring()

		before, killed := talking.sound(), time.Now()
		processes[1].Kill()
		created.join()
		customerDrops.dropLine()
		require.NoError(t, agentDrops.HangUp(t.Context()))
		require.NoError(t, cancels.HangUp(t.Context()))
		answersMeanwhile.hearEachOther()
		comeUp(t, processes[1])
		talking.since("the worker was away", killed)

		customerDrops.survives(customerHangup, fate{})
		customerDrops.since("from the kill to the record of a hang-up", killed)
		agentDrops.survives(agentHangup, fate{lineLate: true})
		cancels.survives(agentCancelled, fate{})
		cancels.since("from the kill to the record of a cancelled ringing", killed)
		created.hearEachOther()
		created.dropLine()
		created.survives(customerHangup, fate{})
		answersMeanwhile.dropLine()
		answersMeanwhile.survives(customerHangup, fate{})
		ringsOn.awaitAnswer()
		require.NoError(t, ringsOn.HangUp(t.Context()))
		ringsOn.survives(agentHangup, fate{})
		neverRings.survives(trunkDead, fate{})
		talking.keptTalking(before)
		require.NoError(t, talking.HangUp(t.Context()))
		talking.survives(agentHangup, fate{})
	})
}

// TestServeKilled kills the one process that is api and worker in one. LiveKit tries its events again until it is back.
func TestServeKilled(t *testing.T) {
	t.Parallel()
	s, processes := crashSite(t, setting{mode: webhook}, "serve")
	talking := s.call(t, rings).talking()
	customerDrops := s.call(t, rings).talking()
	created := s.call(t, rings)
	answersMeanwhile := s.call(t, ringsFor(4*time.Second)).ring()

	before, killed := talking.sound(), time.Now()
	processes[0].Kill()
	customerDrops.dropLine()
	require.Error(t, created.Join(t.Context(), created.placed))
	answersMeanwhile.hearEachOther()
	comeUp(t, processes[0])
	talking.since("the product was away", killed)

	// When LiveKit loses the leave message (see crashSite) nobody who lives knows when it ended.
	customerDrops.survives(customerHangup, fate{lineLate: true})
	customerDrops.since("from the kill to the record of a hang-up", killed)
	require.NoError(t, created.Connect(t.Context()), "the agent asks again")
	created.hearEachOther()
	created.dropLine()
	created.survives(customerHangup, fate{})
	answersMeanwhile.awaitRecord("is answered", func(r callRecord) bool { return r.Status == "answered" })
	answersMeanwhile.dropLine()
	answersMeanwhile.survives(customerHangup, fate{lineLate: true}) // nobody heard when it was answered
	talking.keptTalking(before)
	require.NoError(t, talking.HangUp(t.Context()))
	talking.survives(agentHangup, fate{})
}
