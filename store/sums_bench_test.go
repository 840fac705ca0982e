package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkDayOfCalls measures what a scrape, a check of the ledger and the overview ask of PostgreSQL after a day of
// CLICK2CALL_BENCH_CALLS calls: go test ./store -run '^$' -bench DayOfCalls -benchtime 20x -timeout 1h. Without the variable a
// thousand.
func BenchmarkDayOfCalls(b *testing.B) {
	s, _, calls := filled(b, 24*time.Hour)
	ctx, now := b.Context(), time.Now()
	for name, ask := range map[string]func(context.Context) error{
		"ledger sums":        func(ctx context.Context) error { return told(s.LedgerSums(ctx, now.Add(-24*time.Hour))) },
		"overview":           func(ctx context.Context) error { return told(s.CountCalls(ctx, now.Add(-24*time.Hour))) },
		"live by status":     func(ctx context.Context) error { return told(s.LiveByStatus(ctx)) },
		"deliveries waiting": func(ctx context.Context) error { return told(s.CountDeliveries(ctx)) },
		"overdue":            func(ctx context.Context) error { return told(s.OverdueDeliveries(ctx, now)) },
		"live calls, a page": func(ctx context.Context) error { return told(s.LiveBefore(ctx, now, "", 1000)) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, ask(ctx))
			}
		})
	}
	sums, err := s.LedgerSums(ctx, now.Add(-25*time.Hour))
	require.NoError(b, err)
	require.True(b, sums.Balanced(), "%+v", sums)
	require.Equal(b, calls, sums.Accepted)
}
