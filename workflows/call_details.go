package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/call"
)

// room is an empty paragraph at the end: Temporal Web cuts the last line off.
const room = "\n\n\u00a0\n"

// show puts where the call stands, and under it the timeline, into the workflow's current details, where Temporal Web
// shows them. It costs no event.
func (c *callRun) show() {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n", c.stand())
	// Entries come as they are learned; a LiveKit event may be late.
	entries := slices.Clone(c.timeline)
	slices.SortStableFunc(entries, func(a, b call.Entry) int { return a.At.Compare(b.At) })
	for _, e := range entries {
		fmt.Fprintf(&b, "- `%s` %s", e.At.UTC().Format("15:04:05.000"), wordsFor(e.Name))
		if e.Detail != "" {
			fmt.Fprintf(&b, ": %s", e.Detail)
		}
		fmt.Fprintf(&b, " *(%s)*\n", e.Source)
	}
	workflow.SetCurrentDetails(c.ctx, b.String()+room)
}

// stand is where the call stands, in one line.
func (c *callRun) stand() string {
	e := c.evidence
	switch {
	case c.outcome != nil:
		return c.outcome.Words()
	case c.givenUp() || e.Left != nil:
		return "Ending"
	case c.agentLeft != nil && e.ConnectedAt != nil:
		return fmt.Sprintf("The agent is gone since %s and may come back within %s", clock(*c.agentLeft), c.in.Knobs.AgentRejoinGrace)
	case e.Dial.State == call.DialAnswered:
		return "Talking since " + clock(e.Dial.EndedAt)
	case c.waits:
		return "Waiting for a free line"
	case e.ConnectedAt != nil:
		return "Dialing since " + clock(*e.ConnectedAt)
	default:
		return "The room is open; waiting for the agent's /connect"
	}
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05") + " UTC" }

// wordsFor is what an entry of the timeline means to people who do not know our names.
func wordsFor(name string) string {
	switch name {
	case "created":
		return "room opened"
	case "queued":
		return "no line is free; waiting for one"
	case "connect":
		return "agent in the room, /connect"
	case "dial_lost":
		return "dial lost"
	case "status":
		return "the page reports"
	case "hangup":
		return "hang-up asked for"
	default: // customer_left, agent_back, max_duration
		return strings.ReplaceAll(name, "_", " ")
	}
}

// staticDetails say in Temporal Web what the call is for and by which rules it runs. The CRM's ids are quoted: they
// may hold anything.
func staticDetails(in CallInput) string {
	k := in.Knobs
	return fmt.Sprintf("Case %q, agent %q, calls %s through %q.\n\n"+
		"- the agent must /connect within %s\n- rings %s at most\n- lasts %s at most\n- an agent who is gone may come back within %s\n"+
		"- answer detection: %s"+room,
		in.CaseID, in.AgentID, in.MaskedNumber, in.Trunk, k.ConnectTimeout, k.RingTimeout, k.MaxCallDuration, k.AgentRejoinGrace, k.AnswerDetection)
}

// showOutcome makes calls findable by how they ended.
func (c *callRun) showOutcome(o call.Outcome) {
	if err := workflow.UpsertTypedSearchAttributes(c.ctx, KeyCallStatus.ValueSet(string(o.CallStatus))); err != nil {
		workflow.GetLogger(c.ctx).Warn("cannot set the search attribute CallStatus", "error", err)
	}
}

func describeDial(d call.Dial) string {
	words := []string{string(d.State)}
	if d.SIPCode != 0 {
		words = append(words, fmt.Sprintf("SIP %d", d.SIPCode))
	}
	if d.Detail != "" && d.Detail != string(d.State) {
		words = append(words, d.Detail)
	}
	return strings.Join(words, ", ")
}

func describeLeaving(e RoomEvent) string {
	words := []string{}
	if e.Reason != "" {
		words = append(words, string(e.Reason))
	}
	if e.Status != "" {
		words = append(words, "sip.callStatus "+string(e.Status))
	}
	return strings.Join(words, ", ")
}
