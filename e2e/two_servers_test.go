package e2e_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/servers"
)

// TestTwoServers has two LiveKit servers and two SIP services on one Redis. One of each is drained, then killed: calls on the others
// notice nothing, and a call whose server dies gets its right outcome.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	s, _ := crashSite(t, setting{mode: webhook, pair: true}, "serve")
	s.drainSecond(t)

	calls := s.onBoth(t)
	before := map[*phoneCall]sound{}
	for _, c := range calls {
		before[c] = c.sound()
	}
	s.Servers.SIPB.Kill()
	for _, c := range calls {
		if c.throughSIPB() {
			c.survives(connectionLost, fate{lineLate: true})
		}
	}
	for _, c := range calls {
		if !c.throughSIPB() {
			c.keptTalking(before[c])
			before[c] = c.sound()
		}
	}

	s.Servers.LiveKitB.Kill()
	for _, c := range calls {
		switch {
		case c.throughSIPB():
		case c.roomOnB():
			c.movesOrIsLost()
		default:
			c.hearEachOtherOn()
			c.keptTalking(before[c])
			c.dropLine()
			c.survives(customerHangup, fate{})
		}
	}

	next := s.call(t, rings).talking()
	next.dropLine()
	next.survives(customerHangup, fate{})
}

// drainSecond asks the second server and service to end when their calls have: they do, and serve again.
func (s *site) drainSecond(t *testing.T) {
	t.Helper()
	calls := s.onBoth(t)
	for _, p := range []*servers.Process{s.Servers.SIPB, s.Servers.LiveKitB} {
		require.NoError(t, p.Signal(syscall.SIGTERM))
	}
	next := s.call(t, rings).talking()
	assert.False(t, next.throughSIPB(), "a service that is drained takes no call")
	assert.False(t, next.roomOnB(), "a server that is drained takes no room")
	for _, c := range append(calls, next) {
		c.hearEachOtherOn()
		c.dropLine()
		c.survives(customerHangup, fate{})
	}
	for _, p := range []*servers.Process{s.Servers.SIPB, s.Servers.LiveKitB} {
		select {
		case <-p.Exited():
		case <-time.After(soon):
			assert.Fail(t, p.Name()+" did not end with its last call")
			p.Stop()
		}
		comeUp(t, p)
	}
}

// enoughCalls are those in which chance leaves no server out, nearly always; the rest is tried again.
const enoughCalls = 4

// onBoth are calls in which people talk: some whose room is on the second server and some through the second service, and
// one at least that has nothing to do with either.
func (s *site) onBoth(t *testing.T) []*phoneCall {
	t.Helper()
	var calls []*phoneCall
	for len(calls) < 3*enoughCalls {
		calls = append(calls, s.call(t, rings).talking())
		var room, sip, neither bool
		for _, c := range calls {
			room = room || c.roomOnB() && !c.throughSIPB()
			sip = sip || c.throughSIPB()
			neither = neither || !c.roomOnB() && !c.throughSIPB()
		}
		if room && sip && neither && len(calls) >= enoughCalls {
			return calls
		}
	}
	require.Fail(t, "the calls are not spread over both servers")
	return nil
}

// throughSIPB reports whether the second SIP service made the call.
func (c *phoneCall) throughSIPB() bool {
	lines := c.lines()
	return len(lines) > 0 && strings.HasSuffix(lines[0].Source, ":"+strconv.Itoa(c.site.Ports.SIPB))
}

// roomOnB reports whether the call's room is on the second LiveKit server, as Redis says.
func (c *phoneCall) roomOnB() bool {
	c.t.Helper()
	if c.onB == nil {
		node, err := redisText(c.site.Ports.Redis, "HGET room_node_map "+c.placed.Room)
		require.NoError(c.t, err)
		text, err := os.ReadFile(c.site.Servers.LiveKitB.LogFile())
		require.NoError(c.t, err)
		started := regexp.MustCompile(`starting LiveKit server.*"nodeID": ?"` + regexp.QuoteMeta(node) + `"`)
		on := started.Match(text)
		c.onB = &on
	}
	return *c.onB
}

// heardSince is when the last sound from before a kill has been heard.
const heardSince = 3 * time.Second

// movesOrIsLost: LiveKit may find the room another server, and both hear each other again; or the call is lost, and its record says so.
func (c *phoneCall) movesOrIsLost() {
	c.t.Helper()
	killed := time.Now()
	require.Eventually(c.t, func() bool {
		return c.read().Status == "ended" || time.Since(killed) > heardSince && c.site.roomMoved(c)
	}, afterCrash, poll, "the call neither moved nor ended")
	if c.read().Status != "ended" {
		c.hearEachOtherOn()
		c.since("from the kill until both hear each other on another server", killed)
		c.dropLine()
	}
	c.survives(customerHangup, fate{lineLate: true, or: []outcome{connectionLost}})
	c.since("from the kill to the record", killed)
}

// roomMoved reports whether sound passes again both ways.
func (s *site) roomMoved(c *phoneCall) bool {
	lines := c.lines()
	return len(lines) == 1 && lines[0].State == carrier.StateUp && lines[0].Media.RecentHz > 0 && c.Heard().Hz > 0 &&
		time.Since(lines[0].Media.LastPacketAt) < time.Second
}

// redisText sends one inline command and returns a reply of one string (redis.io/docs/reference/protocol-spec).
func redisText(port int, command string) (string, error) {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	in := bufio.NewReader(conn)
	if _, err := in.ReadString('\n'); err != nil { // the length
		return "", err
	}
	text, err := in.ReadString('\n')
	return strings.TrimSpace(text), err
}
