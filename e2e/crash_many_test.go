package e2e_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
)

// TestTwoOfEach runs two apis and two workers on one PostgreSQL and one Temporal. Each call is placed at one api,
// connected at the other and hung up at the first, while one worker is killed and the other one is later asked to stop.
func TestTwoOfEach(t *testing.T) {
	t.Parallel()
	bothModes(t, func(t *testing.T, m mode) {
		t.Parallel()
		setting := lossy(m)
		setting.postgres = true
		s, p := crashSite(t, setting, "api", "api", "worker", "worker")
		second := "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Ports.Spare))
		s.Events.Forward(s.ProductURL()+eventsPath, second+eventsPath) // each event comes to both
		elsewhere := func(c *phoneCall) *agent.Agent {
			a := agent.New(second)
			a.Adopt(c.placed)
			return a
		}
		begin := func(number string) *phoneCall {
			c := s.call(t, number).enter()
			require.NoError(t, elsewhere(c).Connect(t.Context()))
			return c
		}
		talking := begin(rings)
		talking.hearEachOther()
		agentDrops := begin(rings)
		agentDrops.hearEachOther()
		rings1 := begin(ringsFor(17 * time.Second))
		rings1.awaitLine("rings", func(l carrier.Call) bool { return !l.RingingAt.IsZero() })

		before := talking.sound()
		p[2].Kill()
		rings2 := begin(ringsFor(18 * time.Second)) // the second worker has it
		rings2.awaitLine("rings", func(l carrier.Call) bool { return !l.RingingAt.IsZero() })
		require.NoError(t, agentDrops.HangUp(t.Context()))
		agentDrops.survives(agentHangup, fate{lineLate: true}) // its workflow may have been in the dead worker's hands
		comeUp(t, p[2])
		stopped := time.Now()
		p[3].Stop() // it hands its dials over and drains
		t.Logf("a worker with ringing calls stopped in %s", time.Since(stopped).Round(10*time.Millisecond))

		busy := begin(carrier.Number("486", time.Second, 0))
		busy.survives(busyHere, fate{})
		for _, c := range []*phoneCall{rings1, rings2} {
			c.hearEachOther()
			c.dropLine()
			c.survives(customerHangup, fate{})
		}
		talking.keptTalking(before)
		require.NoError(t, elsewhere(talking).PostHangUp(t.Context()))
		talking.survives(agentHangup, fate{})
	})
}
