package report_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return v
}

func TestDaysWhereClocksChange(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		zone, since, until string
		dates              []string
		hours              []float64
	}{
		"an hour is lost":        {"America/New_York", "2026-03-07T05:00:00Z", "2026-03-10T04:00:00Z", []string{"2026-03-07", "2026-03-08", "2026-03-09"}, []float64{24, 23, 24}},
		"an hour comes twice":    {"America/New_York", "2026-10-31T04:00:00Z", "2026-11-03T05:00:00Z", []string{"2026-10-31", "2026-11-01", "2026-11-02"}, []float64{24, 25, 24}},
		"half an hour is lost":   {"Australia/Lord_Howe", "2026-10-02T13:30:00Z", "2026-10-04T13:00:00Z", []string{"2026-10-03", "2026-10-04"}, []float64{24, 23.5}},
		"midnight is lost":       {"Africa/Cairo", "2026-04-22T22:00:00Z", "2026-04-24T21:00:00Z", []string{"2026-04-23", "2026-04-24"}, []float64{24, 23}},
		"midnight comes twice":   {"America/Havana", "2026-10-31T04:00:00Z", "2026-11-02T05:00:00Z", []string{"2026-10-31", "2026-11-01"}, []float64{24, 25}},
		"a half-hour zone":       {"Asia/Kolkata", "2026-10-31T18:30:00Z", "2026-11-01T18:30:00Z", []string{"2026-11-01"}, []float64{24}},
		"a day that never was":   {"Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", []string{"2011-12-29", "2011-12-31"}, []float64{24, 24}},
		"the range cuts the day": {"UTC", "2026-01-31T18:00:00Z", "2026-02-01T06:00:00Z", []string{"2026-01-31", "2026-02-01"}, []float64{6, 6}},
		"nothing":                {"UTC", "2026-02-01T06:00:00Z", "2026-02-01T06:00:00Z", nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			since, until := at(t, tc.since), at(t, tc.until)
			var dates []string
			var hours []float64
			end := since
			for _, d := range report.New(since, until, zone(t, tc.zone)).Days() {
				require.Equal(t, end, d.Since, "days leave no gap")
				end = d.Until
				dates, hours = append(dates, d.Date), append(hours, d.Until.Sub(d.Since).Hours())
			}
			require.Equal(t, until, end)
			require.Equal(t, tc.dates, dates)
			require.Equal(t, tc.hours, hours)
		})
	}
}

func TestMidnight(t *testing.T) {
	t.Parallel()
	require.Equal(t, at(t, "2026-10-31T18:30:00Z"), report.Midnight(at(t, "2026-11-01T18:29:59Z"), zone(t, "Asia/Kolkata")).UTC())
	require.Equal(t, at(t, "2026-11-01T04:00:00Z"), report.Midnight(at(t, "2026-11-01T05:30:00Z"), zone(t, "America/Havana")).UTC(),
		"the first of two midnights")
}

func ended(created time.Time, trunk, agent string, o call.Outcome) store.EndedCall {
	return store.EndedCall{
		CreatedAt: created, TrunkID: trunk, AgentID: agent, CallStatus: o.CallStatus, Reason: o.Reason, SIPCode: o.SIPCode,
		DurationSeconds: o.DurationSeconds, RingSeconds: o.RingSeconds,
	}
}

func answered(talk, ring int) call.Outcome {
	return call.Outcome{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup, DurationSeconds: talk, RingSeconds: ring}
}

func TestReport(t *testing.T) {
	t.Parallel()
	since, until := at(t, "2026-10-31T04:00:00Z"), at(t, "2026-11-02T05:00:00Z")
	r := report.New(since, until, zone(t, "America/New_York"))
	// 01:30 happens twice on 1 November in New York: both are the same hour of the week.
	r.Add(ended(at(t, "2026-11-01T05:30:00Z"), "a", "asha", answered(30, 3)))
	r.Add(ended(at(t, "2026-11-01T06:30:00Z"), "a", "asha", answered(60, 5)))
	r.Add(ended(at(t, "2026-11-01T03:59:59Z"), "b", "ravi", call.FromSIPCode(486)))
	r.Add(ended(at(t, "2026-10-31T04:00:00Z"), "a", "ravi", call.FromSIPCode(404)))

	require.Equal(t, report.Counts{Calls: 4, Answered: 2, NotAnswered: 1, Failed: 1, TalkSeconds: 90}, r.Totals)
	require.InDelta(t, 0.5, *r.Totals.AnswerRate(), 1e-9)
	require.InDelta(t, 45, *r.Totals.AverageTalk(), 1e-9)
	require.Equal(t, []int{2, 2}, []int{r.Days()[0].Counts.Calls, r.Days()[1].Counts.Calls})
	require.Equal(t, []report.Group[report.Hour]{
		{Key: report.Hour{Weekday: 6, Hour: 0}, Counts: report.Counts{Calls: 1, Failed: 1}},
		{Key: report.Hour{Weekday: 6, Hour: 23}, Counts: report.Counts{Calls: 1, NotAnswered: 1}},
		{Key: report.Hour{Weekday: 7, Hour: 1}, Counts: report.Counts{Calls: 2, Answered: 2, TalkSeconds: 90}},
	}, r.Hours())
	require.Equal(t, "a", r.Trunks()[0].Key)
	require.Equal(t, 3, r.Trunks()[0].Counts.Calls)
	require.Equal(t, []string{"asha", "ravi"}, []string{r.Agents()[0].Key, r.Agents()[1].Key})
	require.Equal(t, report.Reason{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup}, r.Reasons()[0].Key)
	require.Equal(t, report.Reason{CallStatus: call.NotAnswered, Reason: call.ReasonBusy, SIPCode: 486}, r.Reasons()[1].Key)

	empty := report.New(since, until, time.UTC)
	require.Nil(t, empty.Totals.AnswerRate())
	require.Nil(t, empty.Totals.AverageTalk())
	require.Nil(t, empty.Delay.Percentile(95))
}

func TestDelay(t *testing.T) {
	t.Parallel()
	r := report.New(time.Time{}, time.Time{}, time.UTC)
	for ring := 1; ring <= 100; ring++ {
		r.Add(ended(time.Time{}, "a", "x", answered(1, ring)))
	}
	r.Add(ended(time.Time{}, "a", "x", call.Outcome{CallStatus: call.NotAnswered, RingSeconds: 999}))
	require.Equal(t, 100, r.Delay.Calls())
	require.InDelta(t, 50.5, *r.Delay.Average(), 1e-9)
	require.Equal(t, []int{1, 50, 95, 100}, []int{*r.Delay.Percentile(0), *r.Delay.Percentile(50), *r.Delay.Percentile(95), *r.Delay.Percentile(100)})
}

// TestSumsProperty: a report of sums by quarters of an hour is that of the calls, in every zone.
func TestSumsProperty(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(12, 15))
	outcomes := []call.Outcome{
		{CallStatus: call.Answered, Reason: call.ReasonCustomerHangup}, call.FromSIPCode(486), call.FromSIPCode(404), call.FromSIPCode(503),
	}
	for _, name := range []string{"UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Chatham"} {
		since := at(t, "2026-01-01T00:00:00Z").Add(time.Duration(random.IntN(30_000)) * 15 * time.Minute)
		until := since.Add(time.Duration(1+random.IntN(90*96)) * 15 * time.Minute)
		byCalls, bySums := report.New(since, until, zone(t, name)), report.New(since, until, zone(t, name))
		var sums store.ReportSums
		for range 2000 {
			o := outcomes[random.IntN(len(outcomes))]
			o.DurationSeconds, o.RingSeconds = random.IntN(600), random.IntN(60)
			e := ended(since.Add(time.Duration(random.Int64N(int64(until.Sub(since))))), fmt.Sprint(random.IntN(3)), fmt.Sprint(random.IntN(9)), o)
			byCalls.Add(e)
			talk, code := int64(0), 0
			if e.CallStatus == call.Answered {
				talk = int64(e.DurationSeconds)
				sums.Rings = append(sums.Rings, store.RingSum{Seconds: e.RingSeconds, Calls: 1})
			}
			if e.SIPCode != nil {
				code = *e.SIPCode
			}
			sums.Quarters = append(sums.Quarters, store.QuarterSum{Begins: e.CreatedAt.Truncate(15 * time.Minute), CallStatus: e.CallStatus, Calls: 1, TalkSeconds: talk})
			sums.Outcomes = append(sums.Outcomes, store.OutcomeSum{TrunkID: e.TrunkID, CallStatus: e.CallStatus, Reason: e.Reason, SIPCode: code, Calls: 1, TalkSeconds: talk})
			sums.Agents = append(sums.Agents, store.AgentSum{AgentID: e.AgentID, CallStatus: e.CallStatus, Calls: 1, TalkSeconds: talk})
		}
		bySums.AddSums(sums)
		require.Equal(t, byCalls, bySums, name)
	}
}

// TestSumsTakenOff: what was purged is no group without calls.
func TestSumsTakenOff(t *testing.T) {
	t.Parallel()
	since := at(t, "2026-01-01T00:00:00Z")
	r := report.New(since, since.Add(time.Hour), time.UTC)
	for _, n := range []int{1, -1} {
		r.AddSums(store.ReportSums{
			Quarters: []store.QuarterSum{{Begins: since, CallStatus: call.Failed, Calls: n}}, Agents: []store.AgentSum{{AgentID: "a", CallStatus: call.Failed, Calls: n}},
			Outcomes: []store.OutcomeSum{{TrunkID: "t", CallStatus: call.Failed, Reason: call.ReasonTrunkRejected, Calls: n}},
		})
	}
	require.Empty(t, r.Hours())
	require.Empty(t, r.Trunks())
	require.Empty(t, r.Agents())
	require.Empty(t, r.Reasons())
	require.Zero(t, r.Totals)
}
