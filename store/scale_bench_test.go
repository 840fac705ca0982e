package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// BenchmarkMonthOfCalls measures what the console's pages ask of PostgreSQL after a month of CLICK2CALL_BENCH_CALLS calls with their
// deliveries and attempts, and how long the sums of reports take to fill: go test ./store -run '^$' -bench MonthOfCalls -benchtime 5x -timeout 1h.
func BenchmarkMonthOfCalls(b *testing.B) {
	const month = 30 * 24 * time.Hour
	s, _, _ := filled(b, month)
	ctx, now := b.Context(), time.Now()
	middle, yesterday := now.Add(-month/2), now.Add(-24*time.Hour)
	calls := func(f store.CallFilter) func() error { return func() error { return told(s.ListCalls(ctx, f)) } }
	deliveries := func(f store.DeliveryFilter) func() error {
		return func() error { return told(s.ListDeliveries(ctx, f)) }
	}
	report := func(since time.Time, agent string) func() error {
		return func() error {
			f := store.EndedFilter{Since: since, Until: now, AgentID: agent}
			_, left, err := s.ReportSums(ctx, f)
			for _, span := range left {
				f.Since, f.Until = span.Since, span.Until
				err = errors.Join(err, s.EndedCalls(ctx, f, func(store.EndedCall) error { return nil }))
			}
			return err
		}
	}
	began, steps := time.Now(), 0
	require.NoError(b, s.RebuildReports(ctx, now))
	require.NoError(b, s.FillReports(ctx, func(time.Time) { steps++ }))
	b.Logf("the sums of reports are filled in %s, %d steps", time.Since(began).Round(time.Second), steps)
	for _, page := range []struct {
		what string
		ask  func() error
	}{
		{"calls, newest", calls(store.CallFilter{})},
		{"calls, a page in the middle", calls(store.CallFilter{Until: &middle})},
		{"calls, live", calls(store.CallFilter{Live: true})},
		{"calls of an agent", calls(store.CallFilter{AgentID: "agent-7"})},
		{"calls, busy", calls(store.CallFilter{Reason: call.ReasonBusy})},
		{"calls, a reason that none has", calls(store.CallFilter{Reason: call.ReasonMediaTimeout})},
		{"calls, SIP code", calls(store.CallFilter{SIPCode: 486})},
		{"calls of an agent, busy", calls(store.CallFilter{AgentID: "agent-7", Reason: call.ReasonBusy})},
		{"calls of a case", calls(store.CallFilter{CaseID: "case-77"})},
		{"search by ten digits", calls(store.CallFilter{NumberSuffix: "9000007919"})},
		{"search by four digits", calls(store.CallFilter{NumberSuffix: "7919"})},
		{"search for a number that was never called", calls(store.CallFilter{NumberSuffix: "8000000001"})},
		{"deliveries, newest", deliveries(store.DeliveryFilter{})},
		{"deliveries, waiting", deliveries(store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryPending}})},
		{"deliveries, dead", deliveries(store.DeliveryFilter{States: []store.DeliveryState{store.DeliveryDead}})},
		{"attempts of a delivery", func() error { return told(s.Attempts(ctx, "evt_00000000000000000000000077")) }},
		{"overview", func() error { return told(s.CountCalls(ctx, yesterday)) }},
		{"trunks, today", func() error { return told(s.CountTrunkCalls(ctx, yesterday)) }},
		{"report of a day", report(yesterday, "")},
		{"report of 30 days, an agent", report(now.Add(-month), "agent-7")},
		{"report of 30 days, a trunk", func() error {
			return told2(s.ReportSums(ctx, store.EndedFilter{Since: now.Add(-month), Until: now, TrunkID: "trk"}))
		}},
		{"report of 30 days", report(now.Add(-month), "")},
	} {
		b.Run(page.what, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, page.ask())
			}
		})
	}
}
