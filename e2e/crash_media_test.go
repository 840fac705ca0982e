package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/servers"
)

var connectionLost = outcome{"ANSWERED", "connection_lost", 200, "system"}

// TestMediaKilled kills what carries the sound. The calls end, and their outcomes say why.
func TestMediaKilled(t *testing.T) {
	t.Parallel()
	for name, victim := range map[string]func(*site) *servers.Process{
		"LiveKit":     func(s *site) *servers.Process { return s.Servers.LiveKit },
		"LiveKit SIP": func(s *site) *servers.Process { return s.Servers.SIP },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := crashSite(t, setting{mode: webhook}, "serve")
			talking := s.call(t, rings).talking()
			// The phone rings until the carrier gives up: nobody is left to cancel it.
			ringing := s.call(t, carrier.Number("480", 25*time.Second, 0)).ring()

			killed := time.Now()
			victim(s).Kill()
			comeUp(t, victim(s))
			talking.survives(connectionLost, fate{lineLate: true})
			talking.since("from the kill to the record of connection_lost", killed)
			ringing.survives(mediaServerNoHelp, fate{lineLate: true})
			ringing.since("from the kill to the record of the lost ringing", killed)

			next := s.call(t, rings).talking()
			next.dropLine()
			next.survives(customerHangup, fate{})
		})
	}
}

// TestRedisKilled kills what LiveKit's parts find each other through. Sound does not pass there, signalling does.
func TestRedisKilled(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook}, "serve")
	talking := s.call(t, rings).talking()
	customerDrops := s.call(t, rings).talking()
	agentDrops := s.call(t, rings).talking()
	ringing := s.call(t, ringsFor(6*time.Second)).ring()

	before, killed := talking.sound(), time.Now()
	s.Servers.Redis.Kill()
	customerDrops.dropLine()
	require.NoError(t, agentDrops.HangUp(t.Context()))
	ringing.awaitLine("is up", func(l carrier.Call) bool { return !l.AckedAt.IsZero() })
	comeUp(t, s.Servers.Redis)
	talking.since("Redis was away", killed)

	customerDrops.survives(customerHangup, fate{})
	agentDrops.survives(agentHangup, fate{lineLate: true})
	agentDrops.since("from the kill to the end of a call", killed)
	ringing.hearEachOther()
	ringing.dropLine()
	ringing.survives(customerHangup, fate{})
	talking.keptTalking(before)
	require.NoError(t, talking.HangUp(t.Context()))
	talking.survives(agentHangup, fate{})
}
