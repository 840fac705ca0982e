package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// TestDatabaseStopped stops PostgreSQL for half a minute under calls in each state. No call notices; their outcomes come
// when it is back.
func TestDatabaseStopped(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook, postgres: true, env: []string{"RING_TIMEOUT=40s"}}, "api", "worker")
	talking := s.call(t, rings).talking()
	customerDrops := s.call(t, rings).talking()
	agentDrops := s.call(t, rings).talking()
	// The outage lasts until the carrier gives this one up.
	refused := s.call(t, carrier.Number("480", 32*time.Second, 0)).ring()
	answersMeanwhile := s.call(t, ringsFor(5*time.Second)).ring()

	before, stopped := talking.sound(), time.Now()
	s.Servers.Postgres.Kill()
	down := func(l carrier.Call) bool { return l.State == carrier.StateDown }
	customerDrops.dropLine()
	require.NoError(t, agentDrops.HangUp(t.Context()), "a hang-up needs no database")
	agentDrops.awaitLineFor(20*time.Second, "is free", down)
	agentDrops.since("from the stop to the free line of an agent who hung up", stopped)
	answersMeanwhile.hearEachOther()
	refused.awaitLineFor(time.Minute, "is down", down)
	comeUp(t, s.Servers.Postgres)
	talking.since("the database was away", stopped)
	back := time.Now()

	customerDrops.survives(customerHangup, fate{})
	customerDrops.since("from the database's return to the record of a hang-up", back)
	agentDrops.survives(agentHangup, fate{})
	refused.survives(outcome{"NOT_ANSWERED", "no_answer", 480, "system"}, fate{})
	answersMeanwhile.dropLine()
	answersMeanwhile.survives(customerHangup, fate{})
	talking.keptTalking(before)
	require.NoError(t, talking.HangUp(t.Context()))
	talking.survives(agentHangup, fate{})
}
