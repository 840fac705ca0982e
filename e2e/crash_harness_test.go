package e2e_test

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/demo"
	"github.com/click2call/click2call/lab/servers"
)

const (
	// afterCrash bounds the wait for an outcome: a lost dial is noticed after 10 s, a dead SIP service by LiveKit after 21.
	afterCrash = 90 * time.Second
	// fewestPackets a second count as undisturbed sound; 50 leave each end on a machine that is not too busy to send them.
	fewestPackets = 25
	// lastLine bounds the wait for the carrier's line: the carrier frees that of a dead caller after 30 s; livekit-sip 1.8.0
	// holds on for 50 s when the room was deleted while it could not reach LiveKit.
	lastLine = 75 * time.Second
	// hangUpTakes bounds the way from the agent's request to the carrier's BYE, on a busy machine.
	hangUpTakes = 3 * time.Second
	// lookedAtEvery is how late the end of a call may be seen when LiveKit loses word of it.
	lookedAtEvery = time.Second
	// nearTone is how far off a measured tone may be, in Hz.
	nearTone = 8
)

// crashSite opens a site whose product runs as the processes that a test names: api, worker, serve. The first api (or
// serve) listens on the product's port, the second on the spare one.
//
// Rooms are looked at every second in webhook mode too: on a busy machine livekit-server 1.11.0 now and then loses the leave
// message of a leg that hangs up (its write of the leg's last status meets the closed websocket first), and takes 20 s to
// say that it is gone; until then only a look sees sip.callStatus "hangup".
//
// Only two such sites are open at once: each holds half a dozen calls, and what is measured here is time.
func crashSite(t *testing.T, s setting, roles ...string) (*site, []*servers.Process) {
	t.Helper()
	crashSites <- struct{}{}
	t.Cleanup(func() { <-crashSites })
	s.byHand = true
	s.env = append([]string{"RING_TIMEOUT=20s", "AGENT_REJOIN_GRACE=5s", "RECONCILE_INTERVAL=1s"}, s.env...)
	site := open(t, s)
	migrate(t, site)
	ports := []int{site.Ports.Product, site.Ports.Spare}
	processes := make([]*servers.Process, len(roles))
	for i, role := range roles {
		var port int
		if role == "worker" {
			port = freePort(t) // where it says when it takes work
		} else {
			port, ports = ports[0], ports[1:]
		}
		processes[i] = site.NewProduct("click2call "+role+" "+string(rune('a'+i)), port, role)
		t.Cleanup(processes[i].Kill)
		comeUp(t, processes[i])
	}
	return site, processes
}

// migrate makes the tables, which neither an api nor a worker does by itself.
func migrate(t *testing.T, s *site) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), siteWithin)
	defer cancel()
	require.NoError(t, s.Migrate(ctx))
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().(*net.TCPAddr).Port
}

// comeUp starts a process, or starts it again.
func comeUp(t *testing.T, p *servers.Process) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), siteWithin)
	defer cancel()
	require.NoError(t, p.Start(ctx))
}

// lossy is a mode of detection as crashes are tested in it: polling must do without LiveKit's events.
func lossy(m mode) setting { return setting{mode: m, noEvents: m == polling} }

// ringsFor is a number that rings for so long and is then answered for good.
func ringsFor(d time.Duration) string { return carrier.Number("200", d, 0) }

// talking joins and waits until both ends hear each other.
func (c *phoneCall) talking() *phoneCall {
	c.t.Helper()
	c.answer()
	c.hearEachOther()
	return c
}

// hearEachOther waits until both ends hear the other's tone.
func (c *phoneCall) hearEachOther() {
	c.t.Helper()
	require.EventuallyWithT(c.t, c.bothHear, soon, poll)
}

func (c *phoneCall) bothHear(t *assert.CollectT) {
	lines := c.lines()
	if assert.Len(t, lines, 1, "lines") {
		assert.InDelta(t, agent.HumHz, lines[0].Media.RecentHz, nearTone, "the customer hears the agent")
		assert.InDelta(t, demo.CarrierHz, c.Heard().Hz, nearTone, "the agent hears the customer")
	}
}

// hearEachOtherOn waits until two more seconds of sound have passed each way, and both ends hear the other's tone.
func (c *phoneCall) hearEachOtherOn() {
	c.t.Helper()
	const twoSeconds = 100 // packets
	since := c.sound()
	require.EventuallyWithT(c.t, func(t *assert.CollectT) {
		now := c.sound()
		assert.Greater(t, now.toAgent-since.toAgent, twoSeconds, "packets to the agent")
		assert.Greater(t, now.toCustomer-since.toCustomer, twoSeconds, "packets to the customer")
		c.bothHear(t)
	}, soon, poll)
}

// sound is how much had passed at a moment.
type sound struct {
	at                  time.Time
	toAgent, toCustomer int // packets
}

func (c *phoneCall) sound() sound {
	s := sound{at: time.Now(), toAgent: c.Heard().Packets}
	for _, l := range c.lines() {
		s.toCustomer += l.Media.PacketsReceived
	}
	return s
}

// keptTalking checks that sound passed both ways all the time since a moment, and does so now.
func (c *phoneCall) keptTalking(since sound) {
	c.t.Helper()
	now := c.sound()
	seconds := now.at.Sub(since.at).Seconds()
	assert.Greater(c.t, float64(now.toAgent-since.toAgent)/seconds, float64(fewestPackets), "packets a second to the agent, over %.1f s", seconds)
	assert.Greater(c.t, float64(now.toCustomer-since.toCustomer)/seconds, float64(fewestPackets), "packets a second to the customer, over %.1f s", seconds)
	c.hearEachOther()
}

// crashSites holds a place for each site that is open.
var crashSites = make(chan struct{}, 2)

// fate is what a crash may change in the end of a call.
type fate struct {
	// or are other outcomes that are as right, because the crash decides what can be known.
	or []outcome
	// lineLate says that the carrier's line outlives the call: nobody was there to end it, or its caller died.
	lineLate bool
	// maybeDialed says that no INVITE is as right as one.
	maybeDialed bool
}

// survives waits for the end of a call that a crash has hit, and checks what must hold for it: one right outcome, one
// webhook, at most one INVITE, the duration as the carrier saw it, and nothing left anywhere.
func (c *phoneCall) survives(want outcome, how fate) callRecord {
	c.t.Helper()
	defer func() {
		if c.t.Failed() {
			c.showHistory()
		}
	}()
	r := c.awaitRecordFor(afterCrash, "is ended", func(r callRecord) bool { return r.Status == "ended" })
	got := outcomeOf(r)
	if !slices.Contains(how.or, got) {
		assert.Equal(c.t, want.String(), got.String())
	}
	c.checkWebhook(r)
	c.checkRoom()
	c.checkOver()
	assert.Eventually(c.t, func() bool { return c.free() }, lastLine, poll, "the carrier's line is still in use")
	invites := 0
	for _, l := range c.lines() {
		invites += l.Invites
	}
	assert.LessOrEqual(c.t, invites, 1, "the phone is never dialed twice")
	if how.maybeDialed && invites == 0 {
		return r
	}
	require.Equal(c.t, 1, invites, "INVITEs")
	if !how.lineLate {
		c.checkSeconds(r, c.lines()[0])
	}
	return r
}

// checkSeconds compares the record's duration with the carrier's book.
func (c *phoneCall) checkSeconds(r callRecord, l carrier.Call) {
	c.t.Helper()
	if l.AnsweredAt.IsZero() {
		assert.Zero(c.t, r.DurationSeconds)
		return
	}
	// duration_seconds is rounded down. It ends with the agent's wish to hang up; the line, a moment later.
	talked, counted := l.DownAt.Sub(l.AnsweredAt), time.Duration(r.DurationSeconds)*time.Second
	longest := counted + time.Second + offBy
	if deref(r.HangupBy) == "agent" {
		longest += hangUpTakes
	}
	assert.GreaterOrEqual(c.t, talked, counted-offBy-lookedAtEvery, "duration_seconds and the carrier's book")
	assert.LessOrEqual(c.t, talked, longest, "duration_seconds and the carrier's book")
}

// awaitLineFor is awaitLine with a limit of its own.
func (c *phoneCall) awaitLineFor(limit time.Duration, what string, ok func(carrier.Call) bool) carrier.Call {
	c.t.Helper()
	ctx, cancel := c.within(limit)
	defer cancel()
	l, err := c.site.Carrier.WaitFor(ctx, c.number, func(l carrier.Call) bool { return c.mine(l) && ok(l) })
	require.NoError(c.t, err, "waiting until the line %s", what)
	return l
}

func (c *phoneCall) free() bool {
	return !slices.ContainsFunc(c.lines(), func(l carrier.Call) bool { return l.State != carrier.StateDown })
}

// checkOver checks that Temporal has nothing running for the call.
func (c *phoneCall) checkOver() {
	c.t.Helper()
	assert.EventuallyWithT(c.t, func(t *assert.CollectT) {
		d, err := c.site.Temporal.DescribeWorkflow(c.t.Context(), c.placed.CallID, "")
		if assert.NoError(t, err) {
			assert.Equal(t, enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, d.RawResponse.GetWorkflowExecutionInfo().GetStatus())
		}
	}, soon, poll, "the workflow")
}

// since says how long something took, for those who read the test's output.
func (c *phoneCall) since(what string, from time.Time) {
	c.t.Logf("%s: %s", what, time.Since(from).Round(10*time.Millisecond))
}
