package demo

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/carrier"
)

const (
	tolerance = time.Second // of a call's duration
	hzApart   = 8           // measured tones; LiveKit's ringing tone of 425 Hz must not pass for 440
	audible   = 500         // RMS of 16-bit samples; the tones are well above 1,000
)

func near(hz, want float64) bool { return math.Abs(hz-want) <= hzApart }

// Check returns everything that is wrong with a demonstration call, one sentence each; nothing when all is right.
func Check(r Result) []string {
	var wrong []string
	expect := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	expect(len(r.Webhooks) == 1, "the CRM received %d webhooks instead of one", len(r.Webhooks))
	for i, w := range r.Webhooks {
		expect(w.Verified, "webhook %d does not verify: %s", i+1, w.Unverified)
	}
	checkOutcome(r, expect)
	checkSound(r, expect)
	expect(r.Invites == 1, "the carrier received %d INVITEs instead of one", r.Invites)
	expect(r.Line.ByeBy == carrier.Callee, "the carrier's line ended with %q instead of the customer's BYE", r.Line.Why)
	expect(!r.RoomLeft, "LiveKit still has the room")
	expect(!r.LineUsed, "the carrier's line is still in use")
	return wrong
}

type outcome struct {
	CallStatus string `json:"call_status"`
	Reason     string `json:"disconnect_reason"`
	SIPCode    int    `json:"sip_disconnect_code"`
	Duration   int    `json:"duration_seconds"`
}

func checkOutcome(r Result, expect func(bool, string, ...any)) {
	record := outcome{
		CallStatus: value(r.Record.CallStatus), Reason: value(r.Record.DisconnectReason),
		SIPCode: value(r.Record.SIPCode), Duration: r.Record.DurationSeconds,
	}
	expect(r.Record.Status == "ended", "the call's status is %q instead of ended", r.Record.Status)
	expect(record.CallStatus == "ANSWERED" && record.Reason == "customer_hangup" && record.SIPCode == 200,
		"the outcome is %s/%s/%d instead of ANSWERED/customer_hangup/200", record.CallStatus, record.Reason, record.SIPCode)
	// duration_seconds counts whole seconds: 3 for a call of 3.99 s that lasted 4.01 s at the carrier. So the moments
	// are what two clocks can agree on.
	talked, said := r.Line.ByeAt.Sub(r.Line.AnsweredAt), value(r.Record.EndedAt).Sub(value(r.Record.AnsweredAt))
	expect((said-talked).Abs() <= tolerance, "the call lasted %s for the product and %s for the carrier",
		said.Round(time.Millisecond), talked.Round(time.Millisecond))
	expect(record.Duration == int(said/time.Second), "duration_seconds is %d for a call of %s", record.Duration, said.Round(time.Millisecond))
	for _, w := range r.Webhooks {
		var posted outcome
		err := json.Unmarshal(w.Body, &posted)
		expect(err == nil && posted == record, "the webhook says %+v and the record %+v", posted, record)
	}
}

func checkSound(r Result, expect func(bool, string, ...any)) {
	expect(near(r.Heard.Hz, CarrierHz) && r.Heard.RMS > audible,
		"the agent heard %.0f Hz at level %.0f instead of the carrier's %d Hz", r.Heard.Hz, r.Heard.RMS, CarrierHz)
	m := r.Line.Media
	expect(near(m.PeakHz, agent.HumHz) && m.PeakRMS > audible,
		"the carrier heard %.0f Hz at level %.0f instead of the agent's %d Hz", m.PeakHz, m.PeakRMS, agent.HumHz)
}

func value[T any](p *T) T {
	var none T
	if p == nil {
		return none
	}
	return *p
}
