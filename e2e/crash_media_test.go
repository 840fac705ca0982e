package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// Outcomes that only a crash can cause.
var (
	connectionLost = outcome{"ANSWERED", "connection_lost", 200, "system"}
	dialUnknown    = outcome{"FAILED", "dial_state_unknown", 0, "system"}
)

// TestSIPKilled kills what carries the sound to the telephone. The calls end, and their outcomes say why.
func TestSIPKilled(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook}, "serve")
	talking := s.call(t, rings).talking()
	// The phone rings until the carrier gives up: nobody is left to cancel it.
	ringing := s.call(t, carrier.Number("480", 25*time.Second, 0)).ring()

	killed := time.Now()
	s.Servers.SIP.Kill()
	comeUp(t, s.Servers.SIP)
	talking.survives(connectionLost, fate{lineLate: true})
	talking.since("from the kill to the record of connection_lost", killed)
	ringing.survives(mediaServerNoHelp, fate{lineLate: true})
	ringing.since("from the kill to the record of the lost ringing", killed)

	next := s.call(t, rings).talking()
	next.dropLine()
	next.survives(customerHangup, fate{})
}

// TestLiveKitKilled kills the media server. When it is soon back, those who were talking find each other again in the room
// that Redis remembers; when it stays away the call is lost, and its outcome says so once LiveKit can be asked.
func TestLiveKitKilled(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook}, "serve")
	talking := s.call(t, rings).talking()
	ringing := s.call(t, carrier.Number("180", 0, 0)).ring()

	killed := time.Now()
	s.Servers.LiveKit.Kill()
	comeUp(t, s.Servers.LiveKit)
	talking.hearEachOtherOn()
	talking.since("from the kill until both hear each other again", killed)
	// The reply to the dial went down with LiveKit, and so did its knowledge that the phone rang.
	ringing.survives(rangOut, fate{lineLate: true, or: []outcome{trunkDead, dialUnknown}})
	ringing.since("from the kill to the record of the ringing", killed)

	killed = time.Now()
	s.Servers.LiveKit.Kill()
	lost := talking.awaitLineFor(2*time.Minute, "was given up", func(l carrier.Call) bool { return l.State == carrier.StateDown })
	talking.since("from the second kill until LiveKit's SIP service gave the line up", killed)
	comeUp(t, s.Servers.LiveKit)
	back := time.Now()
	r := talking.survives(connectionLost, fate{lineLate: true})
	talking.since("from LiveKit's return to the record of connection_lost", back)
	require.WithinRange(t, *r.EndedAt, killed.Add(-offBy), lost.DownAt, "it ended when LiveKit could not be seen any more")

	next := s.call(t, rings).talking()
	next.dropLine()
	next.survives(customerHangup, fate{})
}

// TestRedisKilled kills what LiveKit's parts find each other through. Sound does not pass there, signalling does: who
// hangs up meanwhile leaves without a word, and LiveKit says that he was lost.
func TestRedisKilled(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook}, "serve")
	talking := s.call(t, rings).talking()
	customerDrops := s.call(t, rings).talking()
	agentDrops := s.call(t, rings).talking()

	before, killed := talking.sound(), time.Now()
	s.Servers.Redis.Kill()
	customerDrops.dropLine()
	require.NoError(t, agentDrops.HangUp(t.Context()))
	agentDrops.awaitRecord("is ended", func(r callRecord) bool { return r.Status == "ended" })
	comeUp(t, s.Servers.Redis)
	talking.since("Redis was away", killed)

	customerDrops.survives(customerHangup, fate{lineLate: true, or: []outcome{connectionLost}})
	agentDrops.survives(agentHangup, fate{lineLate: true})
	agentDrops.since("from the kill to the end of a call", killed)
	talking.keptTalking(before)
	require.NoError(t, talking.HangUp(t.Context()))
	talking.survives(agentHangup, fate{})

	next := s.call(t, rings).talking()
	next.dropLine()
	next.survives(customerHangup, fate{})
}

// TestSIPFrozen freezes what carries the sound for so long that LiveKit takes the leg's session for lost and says so, while the phone
// is up. When it goes on, it joins anew with another session: the call goes on, and ends with the customer's BYE.
func TestSIPFrozen(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook}, "serve")
	c := s.call(t, rings)
	c.HangUpOnDrop = false // a page that does not ask for the end when the customer's session goes
	c.talking()

	frozen := time.Now()
	require.NoError(t, s.Servers.SIP.Pause())
	ctx, cancel := c.within(time.Minute)
	defer cancel()
	_, err := c.Await(ctx, "customer_left")
	require.NoError(t, s.Servers.SIP.Resume())
	require.NoError(t, err)
	c.since("until LiveKit gave the leg's session up", frozen)
	// LiveKit's SIP service 1.8.0 asks for no sound in the new session, whose status is that of a leg which is dialed: the call mends both
	// when it has looked for the leg.
	c.hearEachOtherOn()
	c.since("until both heard each other again", frozen)
	c.control("hold")
	c.control("unhold")
	require.Equal(t, "answered", c.read().Status)
	c.dropLine()
	c.survives(customerHangup, fate{})
}
