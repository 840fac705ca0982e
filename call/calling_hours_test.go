package call_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

var (
	allDays  = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	workdays = []time.Weekday{1, 2, 3, 4, 5}
)

func wallClock(zone, text string) time.Time {
	location, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	t, err := time.ParseInLocation("2006-01-02 15:04:05", text, location)
	if err != nil {
		panic(err)
	}
	return t
}

func hours(t *testing.T, from, to string) (call.TimeOfDay, call.TimeOfDay) {
	f, err := call.ParseTimeOfDay(from)
	require.NoError(t, err)
	u, err := call.ParseTimeOfDay(to)
	require.NoError(t, err)
	return f, u
}

func open(t *testing.T, zone, from, to string, days []time.Weekday) call.CallingHours {
	f, u := hours(t, from, to)
	return call.CallingHours{Zone: zone, Open: []call.OpenHours{{Purpose: call.PurposePromotional, Days: days, From: f, To: u}}}
}

func TestCallingHours(t *testing.T) {
	t.Parallel()
	india := open(t, "Asia/Kolkata", "09:00", "21:00", allDays)
	republicDay := india
	republicDay.Holidays = []call.Holiday{{Date: "2026-01-26", Name: "Republic Day"}}
	republicDay.Closed = []call.Purpose{call.PurposePromotional}
	for _, c := range []struct {
		name    string
		hours   call.CallingHours
		at      string
		purpose call.Purpose
		open    bool
		next    string
	}{
		{"the second before they begin", india, "2026-11-28 08:59:59", call.PurposePromotional, false, "2026-11-28 09:00:00"},
		{"the second that they begin", india, "2026-11-28 09:00:00", call.PurposePromotional, true, "2026-11-28 09:00:00"},
		{"the last second", india, "2026-11-28 20:59:59", call.PurposePromotional, true, "2026-11-28 20:59:59"},
		{"the end is not included", india, "2026-11-28 21:00:00", call.PurposePromotional, false, "2026-11-29 09:00:00"},
		{"another purpose has no hours", india, "2026-11-28 23:00:00", call.PurposeService, true, "2026-11-28 23:00:00"},
		{"over a weekend", open(t, "Asia/Kolkata", "10:00", "18:00", workdays), "2026-11-27 18:00:00", call.PurposePromotional, false, "2026-11-30 10:00:00"},
		{"a holiday", republicDay, "2026-01-26 12:00:00", call.PurposePromotional, false, "2026-01-27 09:00:00"},
		{"a holiday of other purposes", republicDay, "2026-01-26 12:00:00", call.PurposeTransactional, true, "2026-01-26 12:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			moment := wallClock("Asia/Kolkata", c.at)
			require.Equal(t, c.open, c.hours.OpenAt(moment, c.purpose))
			next := c.hours.NextOpening(moment, c.purpose)
			require.NotNil(t, next)
			require.True(t, wallClock("Asia/Kolkata", c.next).Equal(*next), "next opening %s", next)
		})
	}
}

func TestCallingHoursOverAHolidayWithoutHours(t *testing.T) {
	t.Parallel()
	h := call.CallingHours{Zone: "Asia/Kolkata", Holidays: []call.Holiday{{Date: "2026-01-26"}}, Closed: []call.Purpose{call.PurposeService}}
	next := h.NextOpening(wallClock("Asia/Kolkata", "2026-01-26 12:00:00"), call.PurposeService)
	require.NotNil(t, next)
	require.True(t, wallClock("Asia/Kolkata", "2026-01-27 00:00:00").Equal(*next), "the day after a holiday begins at midnight: %s", next)
}

func TestCallingHoursThatNeverBegin(t *testing.T) {
	t.Parallel()
	h := open(t, "UTC", "09:00", "10:00", []time.Weekday{time.Sunday})
	for day := wallClock("UTC", "2026-01-01 00:00:00"); len(h.Holidays) < 900; day = day.AddDate(0, 0, 1) {
		h.Holidays = append(h.Holidays, call.Holiday{Date: day.Format(time.DateOnly)})
	}
	h.Closed = []call.Purpose{call.PurposePromotional}
	require.Nil(t, h.NextOpening(wallClock("UTC", "2026-01-02 00:00:00"), call.PurposePromotional))
}

// The clock of Berlin jumps from 02:00 to 03:00 on 29 March 2026, and shows 02:00 to 03:00 twice on 25 October.
func TestCallingHoursWhenTheClockIsPutForwardOrBack(t *testing.T) {
	t.Parallel()
	night := open(t, "Europe/Berlin", "02:30", "05:00", allDays)
	next := night.NextOpening(wallClock("Europe/Berlin", "2026-03-29 01:00:00"), call.PurposePromotional)
	require.NotNil(t, next)
	require.True(t, wallClock("Europe/Berlin", "2026-03-29 03:00:00").Equal(*next), "02:30 does not exist: %s", next)
	early := open(t, "Europe/Berlin", "01:00", "02:30", allDays)
	second := time.Date(2026, 10, 25, 1, 15, 0, 0, time.UTC) // 02:15 for the second time
	require.True(t, early.OpenAt(second, call.PurposePromotional), "what the clock shows counts")
}

// Whatever the rules, the next opening is open, not in the past, and no minute before it is.
func TestNextOpeningIsTheNext(t *testing.T) {
	t.Parallel()
	zones := []string{"Asia/Kolkata", "Europe/Berlin", "America/New_York", "Pacific/Chatham", "America/Sao_Paulo"}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		from := call.TimeOfDay(random.IntN(1430))
		h := call.CallingHours{Zone: zones[i%len(zones)], Open: []call.OpenHours{{Purpose: call.PurposePromotional,
			Days: []time.Weekday{time.Weekday(random.IntN(7)), time.Weekday(random.IntN(7))}, From: from, To: from + call.TimeOfDay(1+random.IntN(int(1440-from)))}}}
		begin := time.Date(2026, time.Month(1+random.IntN(12)), 1+random.IntN(28), random.IntN(24), random.IntN(60), random.IntN(60), 0, time.UTC)
		next := h.NextOpening(begin, call.PurposePromotional)
		require.NotNil(t, next)
		rules := fmt.Sprintf("%+v from %s", h, begin)
		require.True(t, h.OpenAt(*next, call.PurposePromotional), rules)
		require.False(t, next.Before(begin), rules)
		for m := begin; m.Before(*next); m = m.Add(time.Minute) {
			require.False(t, h.OpenAt(m, call.PurposePromotional), "%s: open at %s before %s", rules, m, next)
		}
	}
}

func TestTimeOfDay(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "9:00", "24:01", "12:60", "ab:cd", "12:00 ", "-1:00", "12.00"} {
		_, err := call.ParseTimeOfDay(bad)
		require.Error(t, err, bad)
	}
	for _, good := range []string{"00:00", "09:05", "23:59", "24:00"} {
		parsed, err := call.ParseTimeOfDay(good)
		require.NoError(t, err)
		require.Equal(t, good, parsed.String())
	}
}
