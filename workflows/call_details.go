package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/click2call/click2call/call"
)

// show puts the timeline into the workflow's current details, where Temporal Web shows it. It costs no event.
func (c *callRun) show() {
	var b strings.Builder
	for _, e := range c.timeline {
		fmt.Fprintf(&b, "- `%s` **%s** (%s) %s\n", e.At.UTC().Format("15:04:05.000"), e.Name, e.Source, e.Detail)
	}
	workflow.SetCurrentDetails(c.ctx, b.String())
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
	if d.Detail != "" {
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
