package chaos

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/crm"
)

// Record is what the product says of a call.
type Record struct {
	CallID     string `json:"call_id"`
	Status     string `json:"status"`
	CallStatus string `json:"call_status"`
	Reason     string `json:"disconnect_reason"`

	EndedAt time.Time `json:"ended_at"`
}

func (r Record) outcome() string { return r.CallStatus + " " + r.Reason }

// Entry is one accepted call in all four books.
type Entry struct {
	Call     string // for people
	Agent    string
	Accepted time.Time // when the CRM knew
	Record   Record    // the product's book; zero when it could not be read
	Webhooks []crm.Request
	Lines    []Line
}

// Line is a call at one of the carriers.
type Line struct {
	carrier.Call

	At string // the carrier's name
}

// Books are the books after a run, when everything had its time.
type Books struct {
	Asked    int // calls that the CRM asked for
	Entries  []Entry
	Rooms    []string      // that LiveKit still has
	Webhooks []crm.Request // of calls that were not accepted
	Lines    []Line        // likewise

	Carriers []CarrierBook // of those whose trunks have limits
	Busy     []string      // agents who get no call more, after all of theirs are over
	Open     []string      // trunks whose breaker does not close, after a call through them was answered
}

// Finding is one thing that must never be.
type Finding struct {
	Column string
	Detail string
}

// Columns are what must be zero, in the order of the table.
func Columns() []string {
	return []string{
		"still open", "no outcome", "webhook lost", "two events", "bytes differ", "webhook contradicts", "dialed twice", "line still up",
		"room left over", "webhook of a refused call", "dial of a refused call",
		"phones rung twice", "line too many", "burst of INVITEs", "line not given back", "two calls of an agent", "agent locked out", "breaker stuck",
	}
}

// Findings compares the books with each other.
func (b Books) Findings() []Finding {
	var all []Finding
	find := func(column, format string, args ...any) {
		all = append(all, Finding{column, fmt.Sprintf(format, args...)})
	}
	for _, e := range b.Entries {
		e.check(find)
	}
	for _, r := range b.Rooms {
		find("room left over", "%s", r)
	}
	for _, w := range b.Webhooks {
		find("webhook of a refused call", "%s at %s", w.CallID, w.At.Format(time.TimeOnly))
	}
	for _, l := range b.Lines {
		find("dial of a refused call", "%s from %s", l.Number, l.From)
	}
	for _, c := range b.Carriers {
		c.check(find)
	}
	b.checkAgents(find)
	for _, trunk := range b.Open {
		find("breaker stuck", "of the %s", trunk)
	}
	return all
}

func (e Entry) check(find func(column, format string, args ...any)) {
	switch {
	case e.Record.Status != "ended":
		find("still open", "%s: status %q", e.Call, e.Record.Status)
	case e.Record.CallStatus == "" || e.Record.Reason == "":
		find("no outcome", "%s", e.Call)
	}
	accepted := slices.IndexFunc(e.Webhooks, crm.Request.Accepted)
	if accepted < 0 {
		find("webhook lost", "%s: %d requests, none accepted", e.Call, len(e.Webhooks))
	} else {
		e.checkWebhooks(e.Webhooks[accepted], find)
	}
	for _, l := range e.Lines {
		if l.State != carrier.StateDown {
			find("line still up", "%s: line %s is %s", e.Call, l.ID, l.State)
		}
	}
	e.checkDials(find)
}

// checkDials: one INVITE a carrier, and one more at another carrier only where the earlier one certainly rang no phone.
func (e Entry) checkDials(find func(column, format string, args ...any)) {
	dials := slices.SortedFunc(slices.Values(e.Lines), func(a, b Line) int { return a.InvitedAt.Compare(b.InvitedAt) })
	at := map[string]int{}
	for i, l := range dials {
		at[l.At] += l.Invites
		switch {
		case i == len(dials)-1:
		case !l.RingingAt.IsZero() || !l.AnsweredAt.IsZero():
			find("phones rung twice", "%s: it rang at the %s, and then there was an INVITE at the %s", e.Call, l.At, dials[i+1].At)
		case l.Why != carrier.WhySwallowed && !saysNobodyRang(l.FinalCode):
			find("dialed twice", "%s: %d from the %s, and then an INVITE at the %s", e.Call, l.FinalCode, l.At, dials[i+1].At)
		}
	}
	for _, name := range sortedKeys(at) {
		if at[name] > 1 {
			find("dialed twice", "%s: %d INVITEs at the %s", e.Call, at[name], name)
		}
	}
}

// saysNobodyRang reports whether a carrier's final reply blames the trunk and not the customer.
func saysNobodyRang(code int) bool {
	return code == 401 || code == 403 || code == 407 || code == 408 || code >= 500 && code < 600
}

func (e Entry) checkWebhooks(accepted crm.Request, find func(column, format string, args ...any)) {
	for _, w := range e.Webhooks {
		if w.ID != accepted.ID {
			find("two events", "%s: %s and %s", e.Call, accepted.ID, w.ID)
		} else if !bytes.Equal(w.Body, accepted.Body) {
			find("bytes differ", "%s: two bodies of %s", e.Call, w.ID)
		}
	}
	var said Record
	if err := json.Unmarshal(accepted.Body, &said); err != nil || said.outcome() != e.Record.outcome() {
		find("webhook contradicts", "%s: the webhook says %q, the record %q", e.Call, said.outcome(), e.Record.outcome())
	}
}

// Print writes the table, and every finding in full.
func (b Books) Print(to io.Writer) {
	findings := b.Findings()
	counts := map[string]int{}
	for _, f := range findings {
		counts[f.Column]++
	}
	invites, requests, twice := 0, len(b.Webhooks), 0
	outcomes, byOutcome := 0, map[string]int{}
	for _, e := range b.Entries {
		requests += len(e.Webhooks)
		for _, l := range e.Lines {
			invites += l.Invites
		}
		if len(e.Lines) > 1 {
			twice++
		}
		if e.Record.CallStatus != "" {
			outcomes++
			byOutcome[e.Record.outcome()]++
		}
	}
	t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	row := func(name string, n int) { _, _ = fmt.Fprintf(t, "  %s\t%d\n", name, n) }
	_, _ = fmt.Fprintln(t, "books")
	row("calls asked for", b.Asked)
	row("calls accepted", len(b.Entries))
	row("outcomes", outcomes)
	row("webhook requests", requests)
	row("INVITEs", invites)
	if len(b.Carriers) > 1 {
		row("calls that another trunk was tried for", twice)
	}
	for _, c := range b.Carriers {
		c.print(row)
	}
	_, _ = fmt.Fprintln(t, "outcomes")
	for _, name := range sortedKeys(byOutcome) {
		row(name, byOutcome[name])
	}
	_, _ = fmt.Fprintln(t, "must be zero")
	for _, name := range Columns() {
		row(name, counts[name])
	}
	_ = t.Flush()
	for _, f := range findings {
		_, _ = fmt.Fprintf(to, "WRONG %s: %s\n", f.Column, f.Detail)
	}
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
