package report

import (
	"time"

	"github.com/click2call/click2call/store"
)

// HourOfWeek chooses moments by what a clock and a calendar on the wall show. Nil fields choose all.
type HourOfWeek struct {
	Weekday *int // 1 for Monday to 7
	Hour    *int // 0 to 23
}

// Spans lists the stretches of time from since to before until at which a wall clock in zone shows what h chooses, in
// order. Where clocks go back the hour that comes twice is one stretch twice as long; the hour that they skip is none.
func (h HourOfWeek) Spans(since, until time.Time, zone *time.Location) (spans []store.Span) {
	// From the beginning of the first day, because every change of clocks lies a whole number of steps from it.
	for t := Midnight(since, zone); t.Before(until); t = t.Add(clockStep) {
		if !h.chooses(t.In(zone)) {
			continue
		}
		s := store.Span{Since: latest(t, since), Until: earliest(t.Add(clockStep), until)}
		switch last := len(spans) - 1; {
		case !s.Since.Before(s.Until):
		case last >= 0 && spans[last].Until.Equal(s.Since):
			spans[last].Until = s.Until
		default:
			spans = append(spans, s)
		}
	}
	return spans
}

func (h HourOfWeek) chooses(local time.Time) bool {
	return (h.Weekday == nil || *h.Weekday == weekdayOf(local)) && (h.Hour == nil || *h.Hour == local.Hour())
}

// weekdayOf is 1 for Monday.
func weekdayOf(local time.Time) int { return (int(local.Weekday())+6)%7 + 1 }

func latest(x, y time.Time) time.Time {
	if x.After(y) {
		return x
	}
	return y
}

func earliest(x, y time.Time) time.Time {
	if x.Before(y) {
		return x
	}
	return y
}
