package sample

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// attempt is one try to deliver.
type attempt struct {
	at           time.Time
	status       int
	class, error string
	response     string
	total        time.Duration
	next         *time.Time
}

// delivery is an outcome on its way.
type delivery struct {
	body     []byte
	state    string
	attempts []attempt
}

// schedule is the wait before each attempt of the sample.
var schedule = []time.Duration{0, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, 2 * time.Hour}

// outages are when the CRM was down, before the sample's end: one three days ago, and one that began just now.
var outages = []struct{ from, to time.Duration }{{75 * time.Hour, 73 * time.Hour}, {40 * time.Minute, 0}}

// deliver plays the attempts of a call's outcome. A few outcomes find no mercy: the CRM does not know their case.
func (m *month) deliver(c call) delivery {
	d := delivery{body: c.body(), state: "pending"}
	hopeless := m.random.IntN(400) == 0
	at := c.ended.Add(700 * time.Millisecond)
	for n, wait := range schedule {
		if at = at.Add(wait); at.After(m.until) {
			return d
		}
		a := attempt{at: at, status: 200, response: `{"ok":true}`, total: time.Duration(30+m.random.IntN(90)) * time.Millisecond}
		switch {
		case m.out(at):
			a.status, a.class, a.error, a.response = 503, "status", "the receiver answered 503", "upstream connect error"
		case hopeless:
			a.status, a.class, a.error, a.response = 422, "status", "the receiver answered 422", `{"error":"unknown case"}`
		case m.random.IntN(150) == 0:
			a.status, a.class, a.error, a.response, a.total = 0, "timeout", "no answer within 15 s", "", 15*time.Second
		}
		if a.class == "" {
			d.attempts, d.state = append(d.attempts, a), "delivered"
			return d
		}
		if n+1 < len(schedule) {
			next := at.Add(schedule[n+1])
			a.next = &next
		}
		d.attempts = append(d.attempts, a)
	}
	d.state = "dead"
	return d
}

func (m *month) out(at time.Time) bool {
	for _, o := range outages {
		if at.After(m.until.Add(-o.from)) && at.Before(m.until.Add(-o.to)) {
			return true
		}
	}
	return false
}

// body is the webhook's, with the fields and the order that the product writes.
func (c call) body() []byte {
	var code *int
	if c.outcome.code != 0 {
		code = &c.outcome.code
	}
	body, err := json.Marshal(struct {
		CallID   string     `json:"call_id"`
		CaseID   string     `json:"case_id"`
		CRMID    string     `json:"customer_crm_id"`
		To       string     `json:"phone_to"`
		From     string     `json:"phone_from"`
		Status   string     `json:"call_status"`
		Seconds  int        `json:"duration_seconds"`
		Agent    string     `json:"agent_id"`
		Code     *int       `json:"sip_disconnect_code"`
		Reason   string     `json:"disconnect_reason"`
		By       string     `json:"hangup_by"`
		Ring     int        `json:"ring_seconds"`
		Created  time.Time  `json:"created_at"`
		Answered *time.Time `json:"answered_at"`
		Ended    time.Time  `json:"ended_at"`
		Event    string     `json:"event_id"`
		Version  string     `json:"schema_version"`
	}{
		c.id, c.caseID, c.crmID, c.number, c.trunk.did, c.outcome.status, c.talk, c.agent, code, c.outcome.reason, c.outcome.by, c.ring,
		micros(c.created), microsOf(c.answered), micros(c.ended), c.event, "1",
	})
	if err != nil {
		panic(fmt.Sprintf("render a sample's body: %v", err)) // it holds strings, numbers and times only
	}
	return body
}

func micros(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func microsOf(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := micros(*t)
	return &u
}

// latencies splits an attempt's time as a receiver nearby does.
func (a attempt) latencies(r *rand.Rand) (dns, connect, tls, first, total int64) {
	dns, connect, tls = 300+r.Int64N(900), 900+r.Int64N(3000), 4000+r.Int64N(9000)
	total = a.total.Microseconds()
	if a.status != 0 {
		first = total - r.Int64N(2000)
	}
	return dns, connect, tls, first, total
}
