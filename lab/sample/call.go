package sample

import (
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// outcome is a way to end, with how often it does in ten thousand.
type outcome struct {
	often          int
	status, reason string
	code           int // 0: none
	by             string
}

var outcomes = []outcome{
	{4100, "ANSWERED", "customer_hangup", 200, "customer"},
	{1650, "ANSWERED", "agent_hangup", 200, "agent"},
	{40, "ANSWERED", "agent_lost", 200, "system"},
	{12, "ANSWERED", "connection_lost", 200, "system"},
	{6, "ANSWERED", "max_duration", 200, "system"},
	{1750, "NOT_ANSWERED", "no_answer", 408, "system"},
	{300, "NOT_ANSWERED", "no_answer", 480, "system"},
	{720, "NOT_ANSWERED", "busy", 486, "customer"},
	{410, "NOT_ANSWERED", "declined", 603, "customer"},
	{190, "NOT_ANSWERED", "agent_cancelled", 487, "agent"},
	{430, "FAILED", "invalid_number", 404, "system"},
	{110, "FAILED", "trunk_unavailable", 503, "system"},
	{70, "FAILED", "trunk_rejected", 403, "system"},
	{130, "FAILED", "never_connected", 0, "system"},
	{70, "FAILED", "cancelled_before_dial", 0, "agent"},
	{12, "FAILED", "livekit_unavailable", 0, "system"},
}

var agents = []string{"asha", "ravi", "meera", "imran", "divya", "karthik", "sunita", "arjun", "fatima", "nikhil", "pooja", "vikram"}

// call is one call with all that is written of it.
type call struct {
	id, event, caseID, crmID, agent, number string
	trunk                                   trunk
	outcome                                 outcome
	created                                 time.Time
	connected, answered                     *time.Time
	ended                                   time.Time
	talk, ring                              int // seconds
	delivery                                delivery
	endpoint                                sql.NullString
}

var ids = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// call is the call that begins at that moment.
func (m *month) call(at time.Time) call {
	r := m.random
	var id [16]byte
	binary.LittleEndian.PutUint64(id[:8], r.Uint64())
	binary.LittleEndian.PutUint64(id[8:], r.Uint64())
	suffix := ids.EncodeToString(id[:])
	c := call{
		id: "c2c_" + suffix, event: "evt_" + suffix, caseID: fmt.Sprintf("LOAN-%06d", 100_000+r.IntN(60_000)), crmID: fmt.Sprintf("cust-%05d", r.IntN(40_000)),
		agent: agents[min(r.IntN(len(agents)), r.IntN(len(agents)))], number: fmt.Sprintf("%d%09d", 6+r.IntN(4), r.IntN(1_000_000_000)),
		trunk: m.trunks[[]int{0, 0, 0, 0, 1, 1, 1, 2, 2, 3}[r.IntN(10)]], created: at, endpoint: m.endpoint,
	}
	c.outcome = m.outcomeOf(c)
	c.live(m)
	c.delivery = m.deliver(c)
	return c
}

// outcomeOf draws an outcome. One afternoon six days ago the second trunk failed, and people answer less at noon.
func (m *month) outcomeOf(c call) outcome {
	local := c.created.In(m.zone)
	bad := m.until.In(m.zone).AddDate(0, 0, -6)
	if c.trunk.id == m.trunks[1].id && local.YearDay() == bad.YearDay() && local.Hour() >= 14 && local.Hour() < 17 && m.random.IntN(10) < 8 {
		return outcome{status: "FAILED", reason: "trunk_unavailable", code: 503, by: "system"}
	}
	draw := m.random.IntN(10_000)
	if h := local.Hour(); (h == 13 || h == 9) && draw < 3000 { // some of those who would have answered do not
		draw += 5800
	}
	for _, o := range outcomes {
		if draw -= o.often; draw < 0 {
			return o
		}
	}
	return outcomes[0]
}

// live gives the call its moments.
func (c *call) live(m *month) {
	r := m.random
	seconds := func(from, to int) time.Duration {
		return time.Duration(from)*time.Second + time.Duration(r.Int64N(int64(time.Duration(to-from)*time.Second)))
	}
	after := func(t time.Time, d time.Duration) *time.Time { moment := t.Add(d); return &moment }
	switch c.outcome.reason {
	case "never_connected":
		c.ended = c.created.Add(2 * time.Minute)
		return
	case "cancelled_before_dial":
		c.ended = c.created.Add(seconds(2, 20))
		return
	default:
	}
	c.connected = after(c.created, seconds(1, 9))
	ringing := map[string]time.Duration{
		"no_answer": 45 * time.Second, "busy": seconds(1, 5), "invalid_number": seconds(1, 3), "trunk_unavailable": seconds(1, 6), "trunk_rejected": seconds(1, 2),
		"livekit_unavailable": seconds(1, 3),
	}[c.outcome.reason]
	if ringing == 0 {
		ringing = seconds(4, 28)
	}
	c.ended = c.connected.Add(ringing)
	if c.outcome.status == "ANSWERED" {
		c.answered = after(*c.connected, ringing)
		talk := seconds(8, 60) + time.Duration(r.ExpFloat64()*float64(110*time.Second))
		c.ended = c.answered.Add(min(talk, 40*time.Minute))
		c.talk = int(c.ended.Sub(*c.answered) / time.Second)
	}
	c.ring = int(ringing / time.Second)
}

// entry is a line of a call's timeline.
type entry struct {
	at                   time.Time
	source, name, detail string
}

// timeline is the evidence that such a call leaves.
func (c call) timeline() []entry {
	all := []entry{{c.created.Add(60 * time.Millisecond), "room", "created", ""}}
	if c.connected != nil {
		all = append(all, entry{*c.connected, "browser", "connect", ""}, entry{c.dialEnd(), "dial", "dial", c.dialWord()})
	}
	if c.answered != nil {
		all = append(all, entry{c.answered.Add(400 * time.Millisecond), "browser", "status", "ANSWERED"})
		switch c.outcome.by {
		case "customer":
			all = append(all, entry{c.ended, "webhook", "customer_left", "CLIENT_INITIATED"}, entry{c.ended.Add(300 * time.Millisecond), "poll", "customer_left", ""})
		case "agent":
			all = append(all, entry{c.ended, "browser", "hangup", ""})
		default:
		}
	}
	return append(all, entry{c.ended.Add(500 * time.Millisecond), "timer", "ended", c.outcome.status + " " + c.outcome.reason})
}

func (c call) dialEnd() time.Time {
	if c.answered != nil {
		return *c.answered
	}
	return c.ended
}

func (c call) dialWord() string {
	if c.answered != nil {
		return "answered"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d", c.outcome.reason, c.outcome.code))
}
