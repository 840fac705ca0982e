package e2e_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/eventproxy"
)

const eventGrace = 3 * time.Second

// TestEvents plays with LiveKit's events: whatever comes of them, a call has the outcome that it would have had.
func TestEvents(t *testing.T) {
	bothModes(t, func(t *testing.T, m mode) {
		s := open(t, setting{mode: m, env: []string{"AGENT_REJOIN_GRACE=" + eventGrace.String()}})
		for name, rule := range map[string]func(eventproxy.Event) eventproxy.Fate{
			"doubled": eventproxy.Always(eventproxy.Double),
			"in any order": func(eventproxy.Event) eventproxy.Fate {
				return eventproxy.Fate{Copies: 1 + rand.IntN(2), Delay: rand.N(3 * time.Second)}
			},
		} {
			t.Run(name, func(t *testing.T) { eventRows(t, s, rule) })
		}
		t.Run("replayed after the end", func(t *testing.T) { replayedAfterTheEnd(t, s) })
		t.Run("agent's old leaving after a rejoin", func(t *testing.T) { oldLeavingOfTheAgent(t, s) })
		t.Run("leaving of another session of the customer", func(t *testing.T) { leavingOfAnotherSession(t, s) })
		t.Run("forged", func(t *testing.T) { forged(t, s) })
	})
}

// TestEventsLostForEver: in webhook mode a call whose events are lost is found by the slow round through the rooms.
func TestEventsLostForEver(t *testing.T) {
	const round = 5 * time.Second
	s := open(t, setting{mode: webhook, noEvents: true, env: []string{"RECONCILE_INTERVAL=" + round.String(), "AGENT_REJOIN_GRACE=2s"}})
	runRows(t, s, []row{
		{name: "customer hangs up", number: secondsOf("200", 1, 3), want: customerHangup, how: ending{late: round + time.Second},
			act: func(c *phoneCall) {
				c.HangUpOnDrop, c.ReportAnswer = false, false
				c.join()
			}},
		{name: "agent leaves", number: secondsOf("200", 1, 0), want: agentLost, act: func(c *phoneCall) {
			c.answer()
			c.Leave()
		}},
		{name: "busy", number: secondsOf("486", 1, 0), want: busyHere},
	})
}

func eventRows(t *testing.T, s *site, rule func(eventproxy.Event) eventproxy.Fate) {
	t.Parallel()
	for _, r := range []row{
		{name: "customer hangs up", number: secondsOf("200", 1, 3), want: customerHangup},
		{name: "customer hangs up, the page says nothing", number: secondsOf("200", 1, 3), want: customerHangup,
			how: ending{late: 3 * time.Second}, act: func(c *phoneCall) {
				c.HangUpOnDrop, c.ReportAnswer = false, false
				c.join()
			}},
		{name: "agent hangs up", number: secondsOf("200", 1, 0), want: agentHangup, act: func(c *phoneCall) {
			c.answer()
			require.NoError(c.t, c.HangUp(c.t.Context()))
		}},
		{name: "busy", number: secondsOf("486", 1, 0), want: busyHere},
		{name: "refresh", number: secondsOf("200", 1, 0), want: customerHangup, act: func(c *phoneCall) {
			c.answer()
			c.Leave()
			require.NoError(c.t, c.Rejoin(c.t.Context()))
			c.hearsAgentFor(eventGrace + 4*time.Second)
			c.dropLine()
		}},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := s.call(t, r.number).events(rule)
			if r.act == nil {
				c.join()
			} else {
				r.act(c)
			}
			c.endAs(r.want, r.how)
		})
	}
}

// replayedAfterTheEnd: all events of a call come again, twice, when it is long over.
func replayedAfterTheEnd(t *testing.T, s *site) {
	t.Parallel()
	c := s.call(t, secondsOf("200", 1, 2)).join()
	before := c.end(customerHangup)
	ctx, cancel := c.within(soon)
	defer cancel()
	_, err := s.Events.WaitFor(ctx, func(e eventproxy.Event) bool { return e.Name == "room_finished" && e.Room == c.placed.Room })
	require.NoError(t, err)
	for range 2 {
		for _, e := range s.Events.Seen() {
			if e.Room != c.placed.Room {
				continue
			}
			status, err := s.Events.Send(ctx, e)
			require.NoError(t, err)
			assert.Equal(t, 200, status, e.Name)
		}
	}
	assert.Equal(t, before, c.read())
	assert.Len(t, s.CRM.ForCall(c.placed.CallID), 1)
}

// oldLeavingOfTheAgent: LiveKit's word that the agent left comes when the agent has been back for long.
func oldLeavingOfTheAgent(t *testing.T, s *site) {
	t.Parallel()
	c := s.call(t, secondsOf("200", 1, 0)).events(func(e eventproxy.Event) eventproxy.Fate {
		return eventproxy.Fate{Copies: 1, Hold: e.Name == "participant_left" && e.Identity == "agent"}
	})
	c.answer()
	c.Leave()
	require.NoError(t, c.Rejoin(t.Context()))
	ctx, cancel := c.within(soon)
	defer cancel()
	_, err := s.Events.WaitFor(ctx, c.left("agent"))
	require.NoError(t, err)
	c.hearsAgentFor(time.Second)
	released, err := s.Events.Release(ctx, c.left("agent"))
	require.NoError(t, err)
	assert.Equal(t, 1, released)
	c.hearsAgentFor(eventGrace + 3*time.Second)
	c.dropLine()
	c.end(customerHangup)
}

// leavingOfAnotherSession: LiveKit tells, with a good signature, that a session of the customer's leg ended that is not
// the one that talks.
func leavingOfAnotherSession(t *testing.T, s *site) {
	t.Parallel()
	c := s.call(t, secondsOf("200", 1, 0)).answer()
	status := c.sendEvent(c.leavingOfCustomer("PA_another"), s.Secrets.LiveKitSecret, time.Now())
	assert.Equal(t, 200, status)
	c.hearsAgentFor(4 * time.Second)
	c.dropLine()
	c.end(customerHangup)
}

// forged: events that LiveKit did not sign, or signed long ago, are refused and change nothing.
func forged(t *testing.T, s *site) {
	t.Parallel()
	c := s.call(t, secondsOf("200", 1, 0)).answer()
	ctx, cancel := c.within(soon)
	defer cancel()
	genuine, err := s.Events.WaitFor(ctx, func(e eventproxy.Event) bool { return e.Room == c.placed.Room })
	require.NoError(t, err)
	body, secret := c.leavingOfCustomer(""), s.Secrets.LiveKitSecret

	assert.Equal(t, 401, c.sendEvent(body, strings.Repeat("x", len(secret)), time.Now()), "another secret")
	assert.Equal(t, 401, c.sendEvent(body, secret, time.Now().Add(-24*time.Hour)), "a day old")
	for name, e := range map[string]eventproxy.Event{
		"a genuine signature over another body": genuine.Tampered(body),
		"no signature":                          {Body: body},
	} {
		status, err := s.Events.Send(ctx, e)
		require.NoError(t, err)
		assert.Equal(t, 401, status, name)
	}
	c.hearsAgentFor(2 * time.Second)
	c.dropLine()
	c.end(customerHangup)
}

// leavingOfCustomer is the body of an event that would end the call if it were true.
func (c *phoneCall) leavingOfCustomer(sid string) []byte {
	c.t.Helper()
	body, err := json.Marshal(map[string]any{
		"event": "participant_left", "id": "EV_" + c.did, "createdAt": time.Now().Unix(),
		"room": map[string]any{"name": c.placed.Room},
		"participant": map[string]any{
			"sid": sid, "identity": "sip-" + strings.TrimPrefix(c.placed.Room, "c2c-"), "disconnectReason": "CLIENT_INITIATED",
			"attributes": map[string]string{"sip.callStatus": "hangup"},
		},
	})
	require.NoError(c.t, err)
	return body
}

// sendEvent signs a body at that moment and sends it to the product.
func (c *phoneCall) sendEvent(body []byte, secret string, at time.Time) (status int) {
	c.t.Helper()
	ctx, cancel := c.within(soon)
	defer cancel()
	e, err := eventproxy.Forge(body, c.site.Secrets.LiveKitKey, secret, at)
	require.NoError(c.t, err)
	status, err = c.site.Events.Send(ctx, e)
	require.NoError(c.t, err)
	return status
}
