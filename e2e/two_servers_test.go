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
			c.talksOnOrAnew(before[c])
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

const (
	mostTries = 30 // each call goes where chance has it
	ofEach    = 2
)

// onBoth are calls in which people talk: some whose room is on the second server, some through the second service, and some that have
// nothing to do with either. What comes beyond that is hung up.
func (s *site) onBoth(t *testing.T) []*phoneCall {
	t.Helper()
	var calls []*phoneCall
	have := map[string]int{}
	for range mostTries {
		c := s.call(t, rings).talking()
		where := "neither"
		switch {
		case c.throughSIPB():
			where = "service"
		case c.roomOnB():
			where = "server"
		}
		if have[where] == ofEach {
			c.dropLine()
			c.survives(customerHangup, fate{})
			continue
		}
		have[where]++
		calls = append(calls, c)
		if len(have) == 3 {
			return calls
		}
	}
	require.Fail(t, "the calls are not spread over both servers", "%v", have)
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

// talksOnOrAnew: the call is not the dead server's, and its people notice nothing; unless the leg's way to LiveKit led through that
// server. Its session then begins anew, and livekit-sip 1.8.0 does not hear who was there before: the call is alive, and the customer
// hears the agent again when the page is opened again.
func (c *phoneCall) talksOnOrAnew(since sound) {
	c.t.Helper()
	from := c.sound()
	require.Eventually(c.t, func() bool { return c.sessionAnew() || c.sound().toCustomer-from.toCustomer > 100 }, soon, poll,
		"the customer hears nothing, and the leg's session is the old one")
	if !c.sessionAnew() {
		c.keptTalking(since)
		return
	}
	require.Equal(c.t, "answered", c.read().Status)
	c.Leave()
	require.NoError(c.t, c.Rejoin(c.t.Context()))
	c.hearEachOtherOn()
}

// sessionAnew reports whether LiveKit has replaced the leg's session by another one.
func (c *phoneCall) sessionAnew() bool {
	c.t.Helper()
	text, err := os.ReadFile(c.site.Servers.LiveKit.LogFile())
	require.NoError(c.t, err)
	anew := regexp.MustCompile(`participant closing.*"participant": ?"sip-` + strings.TrimPrefix(c.placed.Room, "c2c-") + `".*DUPLICATE_IDENTITY`)
	return anew.Match(text)
}

// heardSince is when the last sound from before a kill has been heard.
const heardSince = 3 * time.Second

// movesOrIsLost: LiveKit may find the room another server, and both hear each other again; or the call is lost, and its record says so.
func (c *phoneCall) movesOrIsLost() {
	c.t.Helper()
	killed, before := time.Now(), 0
	require.Eventually(c.t, func() bool {
		now := c.Heard().Packets
		moved := time.Since(killed) > heardSince && now > before
		before = now
		return c.read().Status == "ended" || moved
	}, afterCrash, poll, "the call neither moved nor ended")
	if c.read().Status != "ended" {
		c.since("from the kill until the agent hears the customer on another server", killed)
		c.dropLine()
	}
	c.survives(customerHangup, fate{lineLate: true, or: []outcome{connectionLost}})
	c.since("from the kill to the record", killed)
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
