package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin/internal/report"
	"github.com/click2call/click2call/call"
)

func TestTrunkReport(t *testing.T) {
	t.Parallel()
	india, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	at := func(text string) time.Time {
		t.Helper()
		moment, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return moment
	}
	attempts := []call.Attempt{
		{TrunkID: "b", State: call.DialRefused, SIPCode: 486, StartedAt: at("2026-11-28T18:29:59Z")}, // 23:59:59 there
		{TrunkID: "b", State: call.DialRefused, SIPCode: 486, StartedAt: at("2026-11-28T18:30:00Z")}, // midnight
		{TrunkID: "a", State: call.DialRefused, SIPCode: 486, StartedAt: at("2026-11-28T18:31:00Z")},
		{TrunkID: "b", State: call.DialRefused, SIPCode: 486, StartedAt: at("2026-11-28T19:29:59Z")}, // 00:59:59
		{TrunkID: "b", State: call.DialRefused, SIPCode: 486, StartedAt: at("2026-11-28T19:30:00Z")}, // 01:00
	}
	spans := func(hours bool) (all []string) {
		r := report.NewTrunkReport(india, hours)
		for _, a := range attempts {
			r.Add(a, nil)
		}
		for _, s := range r.Spans() {
			all = append(all, s.Begins.Format("02 15:04 ")+s.TrunkID+" "+string(rune('0'+s.Numbers.Seizures)))
		}
		return all
	}
	require.Equal(t, []string{"28 00:00 b 1", "29 00:00 a 1", "29 00:00 b 3"}, spans(false))
	require.Equal(t, []string{"28 23:00 b 1", "29 00:00 a 1", "29 00:00 b 2", "29 01:00 b 1"}, spans(true))
}
