package chaos

import (
	"fmt"
	"slices"
	"time"
)

// CarrierBook is the book of a carrier whose trunk has limits, beside the product's own of the same dials.
type CarrierBook struct {
	Name   string
	Limits Limits
	Dials  []Dial
	Held   []Attempt // that have their lines still, sent or not
	// Strict counts everything that the carrier saw. Without it, as where media servers and links break, what the product can know nothing of does
	// not count: a line that LiveKit's SIP service still held when its call was over, and an INVITE that it sent long after it was asked to.
	Strict bool
}

// Dial is an INVITE at a carrier, and the attempt that it was for.
type Dial struct {
	Line
	Attempt
}

const (
	// late is how long after its claim an INVITE is not the product's burst any more.
	late = time.Second
	// agentsOverlap is how much later than its end a call's record may come than the next call of its agent.
	agentsOverlap = 2 * time.Second
)

// late reports whether somebody else took his time with an INVITE.
func (d Dial) late() bool { return !d.Claimed.IsZero() && d.InvitedAt.Sub(d.Claimed) > late }

// end is when a dial's line was free.
func (b CarrierBook) end(d Dial) time.Time {
	if !b.Strict && !d.Released.IsZero() && d.Released.Before(d.DownAt) {
		return d.Released
	}
	return d.DownAt
}

// atOnce is how many lines were taken at the moment of each INVITE, itself included. Dials must be sorted.
func (b CarrierBook) atOnce() []int {
	taken := make([]int, len(b.Dials))
	for i, d := range b.Dials {
		for _, earlier := range b.Dials[:i+1] {
			if end := b.end(earlier); end.IsZero() || end.After(d.InvitedAt) {
				taken[i]++
			}
		}
	}
	return taken
}

// inASecond is how many INVITEs there were in the second that ended with each. Dials must be sorted.
func (b CarrierBook) inASecond() []int {
	begun := make([]int, len(b.Dials))
	for i, d := range b.Dials {
		for _, earlier := range b.Dials[:i+1] {
			if d.InvitedAt.Sub(earlier.InvitedAt) < time.Second && (b.Strict || !earlier.late()) {
				begun[i]++
			}
		}
	}
	return begun
}

// sorted is the book with its dials in the order of their INVITEs.
func (b CarrierBook) sorted() CarrierBook {
	b.Dials = slices.SortedFunc(slices.Values(b.Dials), func(a, c Dial) int { return a.InvitedAt.Compare(c.InvitedAt) })
	return b
}

func (b CarrierBook) check(find func(column, format string, args ...any)) {
	b = b.sorted()
	begun := b.inASecond()
	for i, taken := range b.atOnce() {
		at := b.Dials[i].InvitedAt.Format("15:04:05.000")
		if b.Limits.Lines > 0 && taken > b.Limits.Lines {
			find("line too many", "%s: line %d of %d at %s", b.Name, taken, b.Limits.Lines, at)
		}
		if b.Limits.PerSecond > 0 && begun[i] > b.Limits.PerSecond {
			find("burst of INVITEs", "%s: INVITE %d of %d in the second before %s", b.Name, begun[i], b.Limits.PerSecond, at)
		}
	}
	for _, a := range b.Held {
		find("line not given back", "%s: %s since %s", b.Name, a.CallID, a.Claimed.Format(time.TimeOnly))
	}
}

// print says how near the carrier came to its limits.
func (b CarrierBook) print(row func(name string, n int)) {
	b = b.sorted()
	outlived, slow := 0, 0
	for _, d := range b.Dials {
		if !d.Released.IsZero() && d.DownAt.After(d.Released.Add(late)) {
			outlived++
		}
		if d.late() {
			slow++
		}
	}
	row(b.Name+": INVITEs", len(b.Dials))
	row(fmt.Sprintf("%s: most lines at once, of %d", b.Name, b.Limits.Lines), slices.Max(append(b.atOnce(), 0)))
	row(fmt.Sprintf("%s: most INVITEs in a second, of %d", b.Name, b.Limits.PerSecond), slices.Max(append(b.inASecond(), 0)))
	row(b.Name+": lines that outlived their call", outlived)
	row(b.Name+": INVITEs that came late", slow)
}

// checkAgents: no agent has two calls at once, and none is kept by a call that is over. An agent without a name may have many.
func (b Books) checkAgents(find func(column, format string, args ...any)) {
	last := map[string]Entry{}
	for _, e := range slices.SortedFunc(slices.Values(b.Entries), func(a, c Entry) int { return a.Accepted.Compare(c.Accepted) }) {
		if e.Agent == "" {
			continue
		}
		if before, had := last[e.Agent]; had && before.Record.EndedAt.After(e.Accepted.Add(agentsOverlap)) {
			find("two calls of an agent", "%s and %s", before.Call, e.Call)
		}
		last[e.Agent] = e
	}
	for _, agent := range b.Busy {
		find("agent locked out", "%s", agent)
	}
}
