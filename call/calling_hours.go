package call

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	maxHours    = 50
	maxHolidays = 1000
	dateLayout  = "2006-01-02"
	// daysAhead is how far the next opening is looked for: a year of holidays is a mistake.
	daysAhead = 400
)

// OpenHours is a daily span in which customers may be called. It lies within one day: a span over midnight is two.
type OpenHours struct {
	Purpose Purpose        `json:"purpose"`
	Days    []time.Weekday `json:"days"` // 0 is Sunday
	From    TimeOfDay      `json:"from"`
	To      TimeOfDay      `json:"to"` // not included
}

// Holiday is a day on which nobody is called for the purposes that [CallingHours.Closed] names.
type Holiday struct {
	Date string `json:"date"` // 2026-01-26, in the zone of the hours
	Name string `json:"name"`
}

// CallingHours say when customers may be called, in the time zone of the number plan. A purpose without open hours may be
// called for at any time.
type CallingHours struct {
	Zone     string      `json:"zone"` // IANA name, for example Asia/Kolkata
	Open     []OpenHours `json:"open"`
	Holidays []Holiday   `json:"holidays"`
	Closed   []Purpose   `json:"closed_on_holidays"` // for these purposes nobody is called on a holiday
}

// validate names every mistake with its field.
func (h CallingHours) validate() error {
	var errs []error
	if _, err := time.LoadLocation(h.Zone); err != nil || h.Zone == "" || h.Zone == "Local" {
		errs = append(errs, fmt.Errorf("zone %q must be a time zone such as Asia/Kolkata", h.Zone))
	}
	if len(h.Open) > maxHours || len(h.Holidays) > maxHolidays {
		errs = append(errs, fmt.Errorf("there may be at most %d open hours and %d holidays", maxHours, maxHolidays))
	}
	for i, o := range h.Open {
		if err := o.validate(); err != nil {
			errs = append(errs, fmt.Errorf("open hours %d: %w", i+1, err))
		}
		for j, other := range h.Open[:i] {
			if o.overlaps(other) {
				errs = append(errs, fmt.Errorf("open hours %d overlap open hours %d", i+1, j+1))
			}
		}
	}
	seen := map[string]bool{}
	for _, day := range h.Holidays {
		if _, err := time.Parse(dateLayout, day.Date); err != nil || seen[day.Date] {
			errs = append(errs, fmt.Errorf("holiday %q must be a date such as 2026-01-26, and stand there once", day.Date))
		}
		seen[day.Date] = true
	}
	for _, p := range h.Closed {
		if err := CheckPurpose(p); err != nil {
			errs = append(errs, fmt.Errorf("closed_on_holidays %q %w", p, err))
		}
	}
	return errors.Join(errs...)
}

func (o OpenHours) validate() error {
	if err := CheckPurpose(o.Purpose); err != nil {
		return fmt.Errorf("purpose %q %w", o.Purpose, err)
	}
	if len(o.Days) == 0 || len(o.Days) > 7 || slices.ContainsFunc(o.Days, func(d time.Weekday) bool { return d < time.Sunday || d > time.Saturday }) {
		return errors.New("days must name weekdays, 0 (Sunday) to 6")
	}
	if o.From < 0 || o.To > endOfDay || o.From >= o.To {
		return fmt.Errorf("from %s must be before to %s: hours over midnight are two entries, one to 24:00 and one from 00:00", o.From, o.To)
	}
	return nil
}

func (o OpenHours) overlaps(other OpenHours) bool {
	sameDay := slices.ContainsFunc(o.Days, func(d time.Weekday) bool { return slices.Contains(other.Days, d) })
	return o.Purpose == other.Purpose && sameDay && o.From < other.To && other.From < o.To
}

// OpenAt reports whether customers may be called for a purpose at a moment.
func (h CallingHours) OpenAt(at time.Time, p Purpose) bool { return h.open(at.In(h.location()), p) }

func (h CallingHours) open(local time.Time, p Purpose) bool {
	if slices.Contains(h.Closed, p) && h.isHoliday(local) {
		return false
	}
	restricted, now := false, timeOfDayAt(local)
	for _, o := range h.Open {
		if o.Purpose != p {
			continue
		}
		restricted = true
		if slices.Contains(o.Days, local.Weekday()) && o.From <= now && now < o.To {
			return true
		}
	}
	return !restricted
}

// NextOpening is the first whole minute from a moment on at which customers may be called for a purpose, or the moment itself;
// nil when there is none within 400 days.
func (h CallingHours) NextOpening(from time.Time, p Purpose) *time.Time {
	zone := h.location()
	local := from.In(zone)
	if h.open(local, p) {
		return &from
	}
	beginnings := h.beginnings(p)
	for day := range daysAhead {
		for _, begin := range beginnings { // in the order of the day
			at := begin.on(local.AddDate(0, 0, day), zone)
			if !at.Before(local) && h.open(at, p) {
				utc := at.UTC()
				return &utc
			}
		}
	}
	return nil
}

// beginnings are the times of day at which hours may begin: midnight too, after a holiday.
func (h CallingHours) beginnings(p Purpose) []TimeOfDay {
	times := []TimeOfDay{0}
	for _, o := range h.Open {
		if o.Purpose == p {
			times = append(times, o.From)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

func (h CallingHours) isHoliday(local time.Time) bool {
	date := local.Format(dateLayout)
	return slices.ContainsFunc(h.Holidays, func(d Holiday) bool { return d.Date == date })
}

// location is the zone of the hours; UTC where it is not known, which validate refuses.
func (h CallingHours) location() *time.Location {
	if zone, err := time.LoadLocation(h.Zone); err == nil {
		return zone
	}
	return time.UTC
}
