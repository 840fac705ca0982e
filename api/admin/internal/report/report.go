package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// Counts are the outcomes of some calls.
type Counts struct {
	Calls, Answered, NotAnswered, Failed int
	TalkSeconds                          int64
}

// AnswerRate is 0 to 1; nil when there were no calls.
func (c Counts) AnswerRate() *float64 { return ratio(float64(c.Answered), c.Calls) }

// AverageTalk is in seconds, of answered calls; nil when there were none.
func (c Counts) AverageTalk() *float64 { return ratio(float64(c.TalkSeconds), c.Answered) }

func ratio(sum float64, n int) *float64 {
	if n == 0 {
		return nil
	}
	r := sum / float64(n)
	return &r
}

func (c *Counts) add(status call.CallStatus, calls int, talkSeconds int64) {
	c.Calls += calls
	switch status {
	case call.Answered:
		c.Answered += calls
		c.TalkSeconds += talkSeconds
	case call.NotAnswered:
		c.NotAnswered += calls
	case call.Failed:
		c.Failed += calls
	}
}

// Hour is an hour of the week in the report's zone; Weekday is 1 for Monday.
type Hour struct{ Weekday, Hour int }

// Reason is why calls ended. SIPCode is 0 when no SIP reply stands behind it.
type Reason struct {
	CallStatus call.CallStatus
	Reason     call.Reason
	SIPCode    int
}

// Day is a local day, cut to the report's range.
type Day struct {
	Date         string // 2026-11-01
	Since, Until time.Time
	Counts       Counts
}

// Group is one value of a grouping and its counts.
type Group[K any] struct {
	Key    K
	Counts Counts
}

// Report gathers ended calls. Make one with [New]; it is for one goroutine.
type Report struct {
	Totals Counts
	Delay  Delay

	zone    *time.Location
	days    []Day
	dayOf   map[string]int
	hours   map[Hour]*Counts
	trunks  map[string]*Counts
	agents  map[string]*Counts
	reasons map[Reason]*Counts
}

// New returns an empty report of the calls created from since to before until, in zone.
func New(since, until time.Time, zone *time.Location) *Report {
	r := &Report{
		zone: zone, days: daysBetween(since, until, zone), dayOf: map[string]int{}, hours: map[Hour]*Counts{},
		trunks: map[string]*Counts{}, agents: map[string]*Counts{}, reasons: map[Reason]*Counts{},
	}
	for i, d := range r.days {
		r.dayOf[d.Date] = i
	}
	return r
}

// Add counts a call.
func (r *Report) Add(e store.EndedCall) {
	talk := int64(e.DurationSeconds)
	r.addAt(e.CreatedAt, e.CallStatus, 1, talk)
	reason := Reason{CallStatus: e.CallStatus, Reason: e.Reason}
	if e.SIPCode != nil {
		reason.SIPCode = *e.SIPCode
	}
	r.addOutcome(e.TrunkID, reason, 1, talk)
	at(r.agents, e.AgentID).add(e.CallStatus, 1, talk)
	if e.CallStatus == call.Answered {
		r.Delay.add(e.RingSeconds, 1)
	}
}

// AddSums counts calls that were counted before, by quarters of an hour: those begin with every hour and day of every zone.
func (r *Report) AddSums(sums store.ReportSums) {
	for _, s := range sums.Quarters {
		r.addAt(s.Begins, s.CallStatus, s.Calls, s.TalkSeconds)
	}
	for _, s := range sums.Outcomes {
		r.addOutcome(s.TrunkID, Reason{CallStatus: s.CallStatus, Reason: s.Reason, SIPCode: s.SIPCode}, s.Calls, s.TalkSeconds)
	}
	for _, s := range sums.Agents {
		at(r.agents, s.AgentID).add(s.CallStatus, s.Calls, s.TalkSeconds)
	}
	for _, s := range sums.Rings {
		r.Delay.add(s.Seconds, s.Calls)
	}
}

func (r *Report) addAt(created time.Time, status call.CallStatus, calls int, talkSeconds int64) {
	local := created.In(r.zone)
	r.Totals.add(status, calls, talkSeconds)
	if i, ok := r.dayOf[local.Format(time.DateOnly)]; ok {
		r.days[i].Counts.add(status, calls, talkSeconds)
	}
	at(r.hours, Hour{Weekday: weekdayOf(local), Hour: local.Hour()}).add(status, calls, talkSeconds)
}

func (r *Report) addOutcome(trunkID string, reason Reason, calls int, talkSeconds int64) {
	at(r.trunks, trunkID).add(reason.CallStatus, calls, talkSeconds)
	at(r.reasons, reason).add(reason.CallStatus, calls, talkSeconds)
}

func at[K comparable](groups map[K]*Counts, key K) *Counts {
	c, ok := groups[key]
	if !ok {
		c = &Counts{}
		groups[key] = c
	}
	return c
}

// Days returns every day of the range, empty ones too.
func (r *Report) Days() []Day { return r.days }

// Hours returns the hours of the week that have calls, Monday first.
func (r *Report) Hours() []Group[Hour] {
	groups := sorted(r.hours, func(Hour, Hour) int { return 0 })
	slices.SortFunc(groups, func(x, y Group[Hour]) int {
		return cmp.Or(cmp.Compare(x.Key.Weekday, y.Key.Weekday), cmp.Compare(x.Key.Hour, y.Key.Hour))
	})
	return groups
}

// Trunks returns the trunks by id, most calls first.
func (r *Report) Trunks() []Group[string] { return sorted(r.trunks, cmp.Compare[string]) }

// Agents returns the agents by id, most calls first.
func (r *Report) Agents() []Group[string] { return sorted(r.agents, cmp.Compare[string]) }

// Reasons returns why calls ended, most calls first.
func (r *Report) Reasons() []Group[Reason] {
	return sorted(r.reasons, func(x, y Reason) int {
		return cmp.Or(cmp.Compare(x.Reason, y.Reason), cmp.Compare(x.SIPCode, y.SIPCode))
	})
}

func sorted[K comparable](groups map[K]*Counts, compare func(x, y K) int) []Group[K] {
	list := make([]Group[K], 0, len(groups))
	for key, c := range groups {
		if c.Calls != 0 { // all that were counted may have been taken off again
			list = append(list, Group[K]{Key: key, Counts: *c})
		}
	}
	slices.SortFunc(list, func(x, y Group[K]) int {
		return cmp.Or(cmp.Compare(y.Counts.Calls, x.Counts.Calls), compare(x.Key, y.Key))
	})
	return list
}
