package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// callRecord is what GET /calls/{id} answers.
type callRecord struct {
	CallID          string     `json:"call_id"`
	Room            string     `json:"room"`
	CaseID          string     `json:"case_id"`
	CustomerCRMID   string     `json:"customer_crm_id"`
	AgentID         string     `json:"agent_id"`
	CustomerNumber  string     `json:"customer_number"`
	DID             string     `json:"did"`
	Status          string     `json:"status"`
	Connected       bool       `json:"connected"`
	OnHold          bool       `json:"on_hold"`
	QueuePosition   int        `json:"queue_position"`
	CallStatus      *string    `json:"call_status"`
	Duration        int        `json:"duration"`
	DurationSeconds int        `json:"duration_seconds"`
	RingSeconds     int        `json:"ring_seconds"`
	Reason          *string    `json:"disconnect_reason"`
	SIPCode         *int       `json:"sip_disconnect_code"`
	HangupBy        *string    `json:"hangup_by"`
	CreatedAt       time.Time  `json:"created_at"`
	ConnectedAt     *time.Time `json:"connected_at"`
	AnsweredAt      *time.Time `json:"answered_at"`
	EndedAt         *time.Time `json:"ended_at"`
}

// outcome is a row of the contract's table, with who ended the call. Code 0 stands for null.
type outcome struct {
	status string
	reason string
	code   int
	by     string
}

// The rows that many tests expect.
var (
	customerHangup    = outcome{"ANSWERED", "customer_hangup", 200, "customer"}
	agentHangup       = outcome{"ANSWERED", "agent_hangup", 200, "agent"}
	agentLost         = outcome{"ANSWERED", "agent_lost", 200, "system"}
	maxDuration       = outcome{"ANSWERED", "max_duration", 200, "system"}
	mediaTimeout      = outcome{"ANSWERED", "media_timeout", 200, "system"}
	agentCancelled    = outcome{"NOT_ANSWERED", "agent_cancelled", 487, "agent"}
	busyHere          = outcome{"NOT_ANSWERED", "busy", 486, "customer"}
	rangOut           = outcome{"NOT_ANSWERED", "no_answer", 408, "system"}
	trunkDead         = outcome{"FAILED", "trunk_unavailable", 0, "system"}
	neverConnected    = outcome{"FAILED", "never_connected", 0, "system"}
	cancelledEarly    = outcome{"FAILED", "cancelled_before_dial", 0, "agent"}
	mediaServerNoHelp = outcome{"FAILED", "livekit_unavailable", 0, "system"}
)

func (o outcome) String() string {
	return fmt.Sprintf("%s %s %d by %s", o.status, o.reason, o.code, o.by)
}

func outcomeOf(r callRecord) outcome {
	return outcome{deref(r.CallStatus), deref(r.Reason), deref(r.SIPCode), deref(r.HangupBy)}
}

// ending says what the end of a call is like, beside its outcome.
type ending struct {
	invites int           // 0: one
	none    bool          // nobody was dialed
	perhaps bool          // nobody was dialed, or the carrier was just in time to see one INVITE
	late    time.Duration // how much later than the carrier the product may learn of the end
	zombie  bool          // livekit-sip leaves the line up; the carrier frees it after 30 s without RTP
	limit   time.Duration // to the record's end; 0: a minute
	or      []outcome     // as right, because it depends on what LiveKit can tell
	tried   bool          // another trunk was tried before: the agent heard it ring from then on
}

const (
	endLimit    = time.Minute
	lineLimit   = 10 * time.Second
	zombieLimit = 45 * time.Second
	// offBy is the contract's "durations within a second", on a machine that keeps up: see lagMeter.
	offBy = time.Second
)

// end waits for the end of the call and checks everything that must hold for any call: the outcome, a verified webhook
// that says the same, the number of INVITEs, durations against the carrier's books, the room gone, the line free. It
// returns the record.
func (c *phoneCall) end(want outcome) callRecord {
	c.t.Helper()
	return c.endAs(want, ending{})
}

func (c *phoneCall) endAs(want outcome, how ending) callRecord {
	c.t.Helper()
	if how.limit == 0 {
		how.limit = endLimit
	}
	r := c.awaitRecordFor(how.limit, "is ended", func(r callRecord) bool { return r.Status == "ended" })
	if got := outcomeOf(r); !slices.Contains(how.or, got) {
		assert.Equal(c.t, want.String(), got.String())
	}
	c.checkWebhook(r)
	c.checkRoom()
	c.checkLine(r, how)
	assert.Equal(c.t, r, c.read(), "an outcome never changes")
	return r
}

// webhookFields are all the fields of the outcome webhook.
var webhookFields = strings.Fields(`call_id case_id customer_crm_id phone_to phone_from call_status duration_seconds agent_id
	sip_disconnect_code disconnect_reason hangup_by ring_seconds created_at answered_at ended_at event_id schema_version`)

// checkWebhook waits for the webhook and compares it with the record, field by field.
func (c *phoneCall) checkWebhook(r callRecord) {
	c.t.Helper()
	ctx, cancel := c.within(soon)
	defer cancel()
	hook, err := c.site.CRM.WaitFor(ctx, c.placed.CallID)
	require.NoError(c.t, err)
	var posted callRecord
	var more struct {
		PhoneTo   string `json:"phone_to"`
		PhoneFrom string `json:"phone_from"`
		EventID   string `json:"event_id"`
		Version   string `json:"schema_version"`
	}
	var fields map[string]any
	for _, into := range []any{&posted, &more, &fields} {
		require.NoError(c.t, json.Unmarshal(hook.Body, into))
	}
	c.site.conforms(c.t, hook.Body)
	assert.Len(c.t, fields, len(webhookFields))
	for _, name := range webhookFields {
		assert.Contains(c.t, fields, name)
	}
	assert.Equal(c.t, c.number, more.PhoneTo, "phone_to")
	assert.Equal(c.t, c.did, more.PhoneFrom, "phone_from")
	assert.Equal(c.t, hook.ID, more.EventID, "event_id")
	assert.Equal(c.t, "1", more.Version, "schema_version")
	want := callRecord{
		CallID: c.placed.CallID, CaseID: c.request()["case_id"], CustomerCRMID: "crm-7", AgentID: "agent-42",
		CallStatus: r.CallStatus, DurationSeconds: r.DurationSeconds, RingSeconds: r.RingSeconds, Reason: r.Reason,
		SIPCode: r.SIPCode, HangupBy: r.HangupBy, CreatedAt: r.CreatedAt.Truncate(time.Millisecond),
		AnsweredAt: toMillisecond(r.AnsweredAt), EndedAt: toMillisecond(r.EndedAt),
	}
	assert.Equal(c.t, asJSON(c.t, want), asJSON(c.t, posted), "the webhook says what the record says")
}

// toMillisecond is a time as the webhook tells it: the record knows it better.
func toMillisecond(at *time.Time) *time.Time {
	if at == nil {
		return nil
	}
	return new(at.Truncate(time.Millisecond))
}

func (c *phoneCall) checkRoom() {
	c.t.Helper()
	ctx, cancel := c.within(soon)
	defer cancel()
	assert.Eventually(c.t, func() bool {
		there, err := c.site.hasRoom(ctx, c.placed.Room)
		return err == nil && !there
	}, soon, poll, "LiveKit still has the room")
}

// checkLine compares the outcome with the carrier's books.
func (c *phoneCall) checkLine(r callRecord, how ending) {
	c.t.Helper()
	limit := lineLimit
	if how.zombie {
		limit = zombieLimit
	}
	assert.Eventually(c.t, func() bool {
		for _, l := range c.lines() {
			if l.State != carrier.StateDown {
				return false
			}
		}
		return true
	}, limit, poll, "the carrier's line is still in use")
	lines, invites := c.lines(), 0
	for _, l := range lines {
		invites += l.Invites
	}
	switch {
	case how.none:
		assert.Zero(c.t, invites, "INVITEs")
		return
	case how.perhaps && invites == 0:
		return
	}
	assert.Equal(c.t, max(1, how.invites), invites, "INVITEs")
	if len(lines) != 1 {
		assert.Len(c.t, lines, 1, "lines at the carrier")
		return
	}
	c.checkTimes(r, lines[0], how)
}

func (c *phoneCall) checkTimes(r callRecord, l carrier.Call, how ending) {
	c.t.Helper()
	late := how.late
	assert.Equal(c.t, r.DurationSeconds, r.Duration, "duration")
	if deref(r.CallStatus) != "ANSWERED" {
		assert.Zero(c.t, r.DurationSeconds, "duration_seconds of a call that nobody answered")
		assert.Nil(c.t, r.AnsweredAt)
		return
	}
	require.NotNil(c.t, r.AnsweredAt)
	if deref(r.Reason) == customerHangup.reason && c.site.mode == webhook && c.leaveWasLost() {
		late += roundEvery
	}
	lag := machineLag.allowance()
	ours, theirs := r.EndedAt.Sub(*r.AnsweredAt), l.DownAt.Sub(l.AnsweredAt)
	if deref(r.Reason) == mediaTimeout.reason { // the talk ended with the last sound
		theirs -= silenceEnds
	}
	assert.InDelta(c.t, theirs.Seconds(), ours.Seconds(), (offBy + late + lag).Seconds(), "answer to end, for the carrier and for the product")
	assert.Equal(c.t, int(ours.Seconds()), r.DurationSeconds, "duration_seconds are the whole seconds of that")
	rang := l.AnsweredAt.Sub(l.InvitedAt)
	if how.tried {
		assert.GreaterOrEqual(c.t, r.RingSeconds, int(rang.Seconds()), "ring_seconds")
		return
	}
	assert.InDelta(c.t, rang.Seconds(), float64(r.RingSeconds)+0.5, (offBy+lag).Seconds()+0.5, "ring_seconds, for the carrier and for the product")
}

func deref[T any](p *T) T {
	var none T
	if p == nil {
		return none
	}
	return *p
}

func asJSON(t assert.TestingT, v any) string {
	b, err := json.MarshalIndent(v, "", " ")
	assert.NoError(t, err)
	return string(b)
}
