package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/click2call/click2call/call"
)

// TrunkSpan is a trunk in an hour or a day.
type TrunkSpan struct {
	Begins  time.Time // in the report's zone
	TrunkID string
	Numbers call.TrunkNumbers
}

// TrunkReport gathers attempts by trunk and time; it is for one goroutine.
type TrunkReport struct {
	zone  *time.Location
	hours bool
	spans map[spanKey]*call.TrunkNumbers
}

type spanKey struct {
	begins  int64 // Unix seconds
	trunkID string
}

// NewTrunkReport counts by the hours, or else by the days, of a zone.
func NewTrunkReport(zone *time.Location, hours bool) *TrunkReport {
	return &TrunkReport{zone: zone, hours: hours, spans: map[spanKey]*call.TrunkNumbers{}}
}

// Add counts an attempt in the span in which it began.
func (r *TrunkReport) Add(a call.Attempt, talk *time.Duration) {
	begins := Midnight(a.StartedAt, r.zone)
	if r.hours { // zones are whole minutes from UTC
		local := a.StartedAt.In(r.zone)
		begins = a.StartedAt.Truncate(time.Minute).Add(-time.Duration(local.Minute()) * time.Minute)
	}
	key := spanKey{begins.Unix(), a.TrunkID}
	if r.spans[key] == nil {
		r.spans[key] = &call.TrunkNumbers{}
	}
	r.spans[key].Add(a, talk)
}

// Spans are those with dials, the earliest first.
func (r *TrunkReport) Spans() []TrunkSpan {
	spans := make([]TrunkSpan, 0, len(r.spans))
	for key, n := range r.spans {
		spans = append(spans, TrunkSpan{Begins: time.Unix(key.begins, 0).In(r.zone), TrunkID: key.trunkID, Numbers: *n})
	}
	slices.SortFunc(spans, func(a, b TrunkSpan) int {
		return cmp.Or(a.Begins.Compare(b.Begins), cmp.Compare(a.TrunkID, b.TrunkID))
	})
	return spans
}
