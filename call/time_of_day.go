package call

import (
	"fmt"
	"time"
)

// TimeOfDay is a wall-clock time in minutes since midnight, 0 to 1440. 1440 is the end of the day. In JSON it is "HH:MM".
type TimeOfDay int

// endOfDay is 24:00.
const endOfDay TimeOfDay = 24 * 60

// ParseTimeOfDay reads "HH:MM", from "00:00" to "24:00".
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	var hour, minute TimeOfDay
	if n, err := fmt.Sscanf(s, "%2d:%2d", &hour, &minute); err != nil || n != 2 || len(s) != len("00:00") {
		return 0, fmt.Errorf("%q must be a time such as 09:30, or 24:00 for the end of the day", s)
	}
	t := hour*60 + minute
	if hour < 0 || minute < 0 || minute > 59 || t > endOfDay {
		return 0, fmt.Errorf("%q must be between 00:00 and 24:00", s)
	}
	return t, nil
}

// String is "HH:MM".
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText implements encoding.TextMarshaler.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (t *TimeOfDay) UnmarshalText(text []byte) (err error) {
	*t, err = ParseTimeOfDay(string(text))
	return err
}

// timeOfDayAt is what a clock shows at a moment, in the moment's own zone.
func timeOfDayAt(at time.Time) TimeOfDay { return TimeOfDay(at.Hour()*60 + at.Minute()) }

// on is the moment at which a clock of zone shows t on a day; where it jumps over t, the first minute after the jump.
func (t TimeOfDay) on(day time.Time, zone *time.Location) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, int(t), 0, 0, zone)
	if t == endOfDay || timeOfDayAt(at) == t {
		return at
	}
	at = time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone).Add(-15 * time.Hour) // the evening before
	for at.Day() != day.Day() || timeOfDayAt(at) < t {
		at = at.Add(time.Minute)
	}
	return at
}
