package report_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/store"
)

func TestHourOfWeekWhereClocksChange(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		zone, since, until string
		weekday, hour      int
		want               [][2]string
	}{
		"the hour that comes twice": {"America/New_York", "2026-10-31T04:00:00Z", "2026-11-03T05:00:00Z", 7, 1, [][2]string{{"2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z"}}},
		"the hour that is skipped":  {"America/New_York", "2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z", 7, 2, nil},
		"the hour after it":         {"America/New_York", "2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z", 7, 3, [][2]string{{"2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"}}},
		"half of it is skipped":     {"Australia/Lord_Howe", "2026-10-02T13:30:00Z", "2026-10-04T13:00:00Z", 7, 2, [][2]string{{"2026-10-03T15:30:00Z", "2026-10-03T16:00:00Z"}}},
		"two weeks of it": {"Asia/Kolkata", "2026-11-01T18:30:00Z", "2026-11-15T18:30:00Z", 1, 9, [][2]string{
			{"2026-11-02T03:30:00Z", "2026-11-02T04:30:00Z"}, {"2026-11-09T03:30:00Z", "2026-11-09T04:30:00Z"},
		}},
		"the range cuts it": {"UTC", "2026-11-02T09:20:00Z", "2026-11-02T09:40:00Z", 1, 9, [][2]string{{"2026-11-02T09:20:00Z", "2026-11-02T09:40:00Z"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got [][2]string
			for _, s := range (report.HourOfWeek{Weekday: &tc.weekday, Hour: &tc.hour}).Spans(at(t, tc.since), at(t, tc.until), zone(t, tc.zone)) {
				got = append(got, [2]string{s.Since.UTC().Format(time.RFC3339), s.Until.UTC().Format(time.RFC3339)})
			}
			require.Equal(t, tc.want, got)
		})
	}
}

// TestHourOfWeekProperty: a call is in a span exactly when the report counts it in that hour of the week.
func TestHourOfWeekProperty(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(4, 2))
	for _, name := range []string{"UTC", "Asia/Kolkata", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Kathmandu"} {
		z := zone(t, name)
		since := at(t, "2026-01-01T00:00:00Z").Add(time.Duration(random.IntN(1_000_000)) * time.Second)
		until := since.Add(time.Duration(300+random.IntN(100)) * 24 * time.Hour)
		weekday, hour := 1+random.IntN(7), random.IntN(24)
		for label, h := range map[string]report.HourOfWeek{
			"both": {Weekday: &weekday, Hour: &hour}, "weekday": {Weekday: &weekday}, "hour": {Hour: &hour}, "the hour of changes": {Hour: new(int)},
		} {
			spans := h.Spans(since, until, z)
			for range 3000 {
				moment := since.Add(time.Duration(random.Int64N(int64(until.Sub(since)))))
				local := moment.In(z)
				want := (h.Weekday == nil || *h.Weekday == (int(local.Weekday())+6)%7+1) && (h.Hour == nil || *h.Hour == local.Hour())
				in := slices.ContainsFunc(spans, func(s store.Span) bool { return !moment.Before(s.Since) && moment.Before(s.Until) })
				require.Equal(t, want, in, "%s %s %s", name, label, moment)
			}
		}
	}
}
