package peers

import (
	"fmt"
	"io"
	"strings"
	"time"
)

const about = `# Against SIP software of others

` + "`make peers`" + ` plays the contract's table against Kamailio (the carrier's proxy: digest authentication, Record-Route, forking, TCP, TLS),
SIPp and baresip (the customer's telephone) from Debian, through the lab's real LiveKit. It is no part of ` + "`make test`" + `. In every row the
webhook came once and said what the record said; "sound" means that the agent heard the customer's 440 Hz. The scenarios are in
[lab/peers/scenarios.go](../lab/peers/scenarios.go). This page is written by the run.

`

const liveKits = `
## What LiveKit does that a carrier will notice

Of LiveKit SIP 1.8.0. None of it can be mended here; what an operator can do stands beside it.

| LiveKit's SIP service | what follows | what to do |
|---|---|---|
| never repeats a lost ACK | the phone hangs up after 32 s (RFC 3261 section 13.3.1.4): ` + "`customer_hangup`" + ` | a network without loss to the carrier, or TCP or TLS |
| neither acknowledges nor hangs up a second answer (two phones of a fork that both answer) | the second phone stays off the hook | have the carrier fork in its own proxy, which cancels the others |
| offers more with SRTP than fits into a UDP packet | no INVITE goes out; ` + "`trunk_unavailable`" + ` | SRTP with TLS or TCP |
| tries a wrong password five times within milliseconds | carriers with fail2ban lock the address out | correct the trunk's credentials; the console says that they are refused |
| hides the code of a challenge that it cannot meet | ` + "`trunk_rejected`" + ` without a code | - |
| has no time limit for a TLS handshake | the call ends at the ring timeout: ` + "`trunk_unavailable`" + ` | check that the trunk's port speaks TLS |
| cannot send on a reason phrase or a body that is not UTF-8 | the SIP code is missing | LiveKit's events to ` + "`/webhooks/livekit`" + `: they tell the class of the refusal |
| takes no 2xx but 200, and leaves the others unacknowledged | ` + "`trunk_rejected`" + ` | - |
| never refreshes a session, and answers UPDATE with 405 | a carrier that insists hangs up: ` + "`customer_hangup`" + ` | ask the carrier to be the refresher, by re-INVITE |
| answers a hold with ` + "`sendrecv`" + ` and hears nothing | counts as silence: see MEDIA_TIMEOUT | leave MEDIA_TIMEOUT at minutes |
| sends no PRACK | a carrier that insists on 100rel refuses: 504 or 421 | ask the carrier not to require it |
| loses a reply that comes within a fraction of a millisecond of its INVITE ("transaction failed to complete") | ` + "`trunk_unavailable`" + `; seen on loopback only, once in some hundred calls | - |
| waits up to 32 s for the answer to its own BYE | a dead far end is noticed that much later | - |
`

// Write writes the page. Modes are the columns, in order; all have the same scenarios.
func Write(to io.Writer, modes []string, results map[string][]Result, at time.Time, took time.Duration) error {
	var b strings.Builder
	b.WriteString(about)
	fmt.Fprintf(&b, "Run on %s, in %s.\n\n| scenario | trunk | phone | expected |", at.UTC().Format("2 January 2006"), took.Round(time.Second))
	for _, m := range modes {
		fmt.Fprintf(&b, " %s |", m)
	}
	b.WriteString("\n|---|---|---|---|" + strings.Repeat("---|", len(modes)) + "\n")
	for i, s := range results[modes[0]] {
		phone := s.phone
		if s.forks != "" {
			phone = "two " + phone
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |", cell(s.Name), s.trunk, phone, cell(strings.ReplaceAll(s.want, "|", " or ")))
		for _, m := range modes {
			fmt.Fprintf(&b, " %s |", cell(results[m][i].verdict()))
		}
		b.WriteString("\n")
	}
	b.WriteString(liveKits)
	if _, err := io.WriteString(to, b.String()); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}

func (r Result) verdict() string {
	if len(r.Wrong) > 0 {
		return "**" + r.Said + "**: " + strings.Join(r.Wrong, "; ")
	}
	said := "yes"
	if strings.Contains(r.want, "|") {
		said = r.Said
	}
	if r.sound {
		said += ", sound"
	}
	if r.Talked > 0 {
		said += fmt.Sprintf(", %.0f s", r.Talked.Seconds())
	}
	return fmt.Sprintf("%s (%.0f s)", said, r.Took.Seconds())
}

// cell keeps a text inside its cell of a Markdown table, and in UTF-8.
func cell(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(strings.ReplaceAll(text, "\n", " "), "?"), "|", "\\|")
}
