package e2e_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// row is one way that a call can go, with the outcome that the contract's table has for it.
type row struct {
	name   string
	number string
	act    func(c *phoneCall) // what the agent does; nil: joins, and lets the call go its way
	want   outcome
	how    ending
}

func runRows(t *testing.T, s *site, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := s.call(t, r.number)
			if r.act == nil {
				c.join()
			} else {
				r.act(c)
			}
			c.endAs(r.want, r.how)
		})
	}
}

// secondsOf is a scenario of the carrier's with whole seconds of ringing and talking.
func secondsOf(scenario string, ring, talk int) string {
	return carrier.Number(scenario, time.Duration(ring)*time.Second, time.Duration(talk)*time.Second)
}

const (
	shortRing = 10 * time.Second
	shortMax  = 10 * time.Second
)

// TestOutcomes plays the contract's table on a site where everything is short.
func TestOutcomes(t *testing.T) {
	bothModes(t, func(t *testing.T, m mode) {
		s := open(t, setting{mode: m, noEvents: m == polling, env: []string{
			"RING_TIMEOUT=" + shortRing.String(), "MAX_CALL_DURATION=" + shortMax.String(),
			"CONNECT_TIMEOUT=10s", "AGENT_REJOIN_GRACE=2s",
		}})
		runRows(t, s, answeredRows())
		runRows(t, s, unansweredRows())
		runRows(t, s, refusedRows())
		runRows(t, s, unkindRows())
	})
}

func answeredRows() []row {
	return []row{
		{name: "customer hangs up", number: secondsOf("200", 1, 3), want: customerHangup},
		{name: "customer hangs up at once", number: secondsOf("299", 1, 0), want: customerHangup},
		{name: "early media first", number: secondsOf("183", 1, 2), want: customerHangup},
		{name: "answered without ringing", number: secondsOf("200", 0, 2), want: customerHangup},
		{name: "customer hangs up and the page says nothing", number: secondsOf("200", 1, 3), want: customerHangup,
			act: func(c *phoneCall) {
				c.HangUpOnDrop, c.ReportAnswer = false, false
				c.join()
			}},
		{name: "agent hangs up", number: secondsOf("200", 1, 0), want: agentHangup, act: func(c *phoneCall) {
			c.answer()
			c.talkFor(2 * time.Second)
			require.NoError(c.t, c.HangUp(c.t.Context()))
		}},
		{name: "agent closes the tab", number: secondsOf("200", 1, 0), want: agentHangup, act: func(c *phoneCall) {
			c.answer()
			require.NoError(c.t, c.CloseTab(c.t.Context()))
		}},
		{name: "agent leaves without a word", number: secondsOf("200", 1, 0), want: agentLost, act: func(c *phoneCall) {
			c.answer()
			c.Leave()
		}},
		{name: "longest call time", number: secondsOf("200", 1, 0), want: maxDuration, act: func(c *phoneCall) { c.answer() }},
	}
}

func unansweredRows() []row {
	cancel := func(c *phoneCall) {
		c.ring()
		require.NoError(c.t, c.HangUp(c.t.Context()))
	}
	return []row{
		{name: "rings out", number: secondsOf("180", 0, 0), want: rangOut},
		{name: "never rings", number: secondsOf("100", 0, 0), want: trunkDead},
		{name: "no reply until the ring timeout", number: secondsOf("000", 0, 0), want: trunkDead},
		{name: "agent cancels while it rings", number: secondsOf("180", 0, 0), want: agentCancelled, act: cancel},
		{name: "agent leaves while it rings", number: secondsOf("180", 0, 0), want: agentCancelled, act: func(c *phoneCall) {
			c.ring()
			c.Leave()
		}},
		{name: "answer crosses the agent's cancel", number: secondsOf("287", 0, 0), want: agentCancelled,
			how: ending{zombie: true}, act: cancel},
		{name: "answer crosses the ring timeout", number: secondsOf("287", 0, 0), want: rangOut, how: ending{zombie: true}},
		{name: "never connected", number: secondsOf("200", 1, 0), want: neverConnected, how: ending{none: true},
			act: func(*phoneCall) {}},
		{name: "never connected, though the agent is there", number: secondsOf("200", 1, 0), want: neverConnected,
			how: ending{none: true}, act: func(c *phoneCall) { c.enter() }},
		{name: "hung up before connect", number: secondsOf("200", 1, 0), want: cancelledEarly, how: ending{none: true},
			act: func(c *phoneCall) {
				c.enter()
				require.NoError(c.t, c.HangUp(c.t.Context()))
			}},
	}
}

// refusedRows are the carrier's final replies.
func refusedRows() []row {
	var rows []row
	add := func(o outcome, codes ...int) {
		for _, code := range codes {
			o.code = code
			rows = append(rows, row{name: fmt.Sprintf("SIP %d", code), number: secondsOf(strconv.Itoa(code), 1, 0), want: o})
		}
	}
	add(outcome{status: "NOT_ANSWERED", reason: "busy", by: "customer"}, 486, 600)
	add(outcome{status: "NOT_ANSWERED", reason: "declined", by: "customer"}, 603, 607, 608)
	add(outcome{status: "NOT_ANSWERED", reason: "no_answer", by: "system"}, 408, 480, 487)
	add(outcome{status: "FAILED", reason: "invalid_number", by: "system"}, 404, 410, 484, 604)
	add(outcome{status: "FAILED", reason: "trunk_rejected", by: "system"}, 403, 488, 606, 420, 302)
	add(outcome{status: "FAILED", reason: "trunk_unavailable", by: "system"}, 500, 503, 504)
	for _, code := range []string{"401", "407"} { // LiveKit does not tell the number of a challenge that it cannot meet
		rows = append(rows, row{name: "SIP " + code, number: secondsOf(code, 1, 0),
			want: outcome{"FAILED", "trunk_rejected", 0, "system"}})
	}
	return rows
}

// silenceEnds is the MEDIA_TIMEOUT of TestSlowOutcomes: longer than the holds of holdRows, and than livekit-sip's own 15 s; the lab's
// sip.yaml says 10 min.
const silenceEnds = 28 * time.Second

// TestSlowOutcomes plays what takes LiveKit or the network half a minute to notice.
func TestSlowOutcomes(t *testing.T) {
	for name, slow := range map[string]struct {
		setting
		silence outcome // what the contract's media_timeout can be seen as
	}{
		// A poll sees only that the leg is gone, and those have nearly always hung up.
		"polling without events": {setting{mode: polling, noEvents: true}, customerHangup},
		"polling with events":    {setting{mode: polling}, mediaTimeout},
		"webhook":                {setting{mode: webhook}, mediaTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			slow.env = []string{"RING_TIMEOUT=40s", "AGENT_REJOIN_GRACE=6s", "MEDIA_TIMEOUT=" + silenceEnds.String()}
			s := open(t, slow.setting)
			runRows(t, s, []row{
				{name: "mute from the start", number: secondsOf("201", 1, 0), want: slow.silence},
				{name: "silent after a while", number: secondsOf("202", 1, 2), want: slow.silence},
			})
			if slow.mode == polling && !slow.noEvents {
				return // the rest does not depend on who tells of the end
			}
			runRows(t, s, slowRows())
			runRows(t, s, holdRows())
		})
	}
}

func slowRows() []row {
	return []row{
		{name: "no reply at all", number: secondsOf("000", 0, 0), want: trunkDead},
		{name: "agent vanishes while talking", number: secondsOf("200", 1, 0), want: agentLost, act: func(c *phoneCall) {
			c.answer()
			c.Vanish()
		}},
		{name: "agent vanishes while it rings", number: secondsOf("180", 0, 0), want: agentCancelled, act: func(c *phoneCall) {
			c.ring()
			c.Vanish()
		}},
		{name: "agent refreshes the page and talks on", number: secondsOf("200", 1, 0), want: customerHangup,
			act: func(c *phoneCall) {
				c.story = "_after_refreshes"
				c.answer()
				for range 2 {
					c.Leave()
					require.NoError(c.t, c.Rejoin(c.t.Context()))
				}
				c.hearsAgentFor(10 * time.Second) // longer than the grace
				c.dropLine()
			}},
	}
}
