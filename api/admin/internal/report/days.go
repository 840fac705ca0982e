package report

import "time"

// clockStep divides every change of every clock: offsets are multiples of a quarter of an hour.
const clockStep = 15 * time.Minute

// Midnight returns the first moment of t's day in zone. Where clocks jump over midnight that is not 00:00, and where they
// repeat it, it is the first of the two.
func Midnight(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return firstMoment(year, month, day, zone)
}

// firstMoment mends what time.Date leaves open: for a moment that does not exist or exists twice it returns either
// neighbour.
func firstMoment(year int, month time.Month, day int, zone *time.Location) time.Time {
	noon := time.Date(year, month, day, 12, 0, 0, 0, zone) // normalises 32 October
	today := noon.Format(time.DateOnly)
	t := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, 0, 0, 0, zone)
	for t.Format(time.DateOnly) != today {
		t = t.Add(clockStep)
	}
	for t.Add(-clockStep).Format(time.DateOnly) == today {
		t = t.Add(-clockStep)
	}
	return t
}

// daysBetween lists the local days that a range touches, the first and the last cut to the range.
func daysBetween(since, until time.Time, zone *time.Location) (days []Day) {
	year, month, day := since.In(zone).Date()
	for begin := since; begin.Before(until); {
		day++
		next := firstMoment(year, month, day, zone)
		end := next
		if end.After(until) {
			end = until
		}
		if end.After(begin) { // a zone may have skipped a whole day
			days = append(days, Day{Date: begin.In(zone).Format(time.DateOnly), Since: begin.UTC(), Until: end.UTC()})
		}
		begin = next
	}
	return days
}
