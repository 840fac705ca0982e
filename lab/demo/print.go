package demo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Print writes the call for people: its timeline, the webhook, the sound at both ends.
func Print(out io.Writer, r Result) {
	p := func(format string, args ...any) { _, _ = fmt.Fprintf(out, format+"\n", args...) }
	p("\ncall %s", r.Placed.CallID)
	start := r.Record.CreatedAt
	at := func(what string, t *time.Time, who string) {
		if t == nil || t.IsZero() {
			p("  %-10s %10s   %s", what, "never", who)
			return
		}
		p("  %-10s %+9.3f s   %s", what, t.Sub(start).Seconds(), who)
	}
	at("created", &start, "POST /click2call: the room is open")
	at("connected", r.Record.ConnectedAt, "POST /connect: the agent is in the room")
	at("ringing", &r.Line.RingingAt, "180 from the carrier")
	at("answered", r.Record.AnsweredAt, "200 from the carrier")
	at("ended", r.Record.EndedAt, fmt.Sprintf("%s, %s, SIP %d, %d s of talk",
		value(r.Record.CallStatus), value(r.Record.DisconnectReason), value(r.Record.SIPCode), r.Record.DurationSeconds))
	for _, w := range r.Webhooks {
		verdict := "signature verified"
		if !w.Verified {
			verdict = "NOT verified: " + w.Unverified
		}
		at("webhook", &w.At, fmt.Sprintf("%s, answered %d", verdict, w.Status))
		p("%s", indented(w.Body))
	}
	p("sound")
	p("  the agent heard    %4.0f Hz at level %5.0f (the carrier sends %d Hz)", r.Heard.Hz, r.Heard.RMS, CarrierHz)
	p("  the customer heard %4.0f Hz at level %5.0f, %d packets, %d lost", r.Line.Media.PeakHz, r.Line.Media.PeakRMS,
		r.Line.Media.PacketsReceived, r.Line.Media.PacketsLost)
}

// PrintVerdict writes what was wrong, or that nothing was.
func PrintVerdict(out io.Writer, wrong []string) {
	if len(wrong) == 0 {
		_, _ = fmt.Fprintln(out, "\nall right: one INVITE, one verified webhook, sound both ways, room and line released")
		return
	}
	_, _ = fmt.Fprintln(out, "\nwrong:")
	for _, w := range wrong {
		_, _ = fmt.Fprintln(out, "  -", w)
	}
}

func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "    ", "  ") != nil {
		return "    " + string(body)
	}
	return "    " + b.String()
}
