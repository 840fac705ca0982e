package bench

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []int
		q      float64
		want   int
	}{
		{nil, 0.5, 0}, {[]int{7}, 0.99, 7}, {[]int{3, 1, 2}, 0.5, 2}, {[]int{4, 3, 2, 1}, 0.5, 2}, {[]int{1, 2, 3, 4}, 1, 4}, {[]int{1, 2, 3, 4}, 0, 1},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 0.95, 10},
	} {
		require.Equal(t, tt.want, quantile(tt.values, tt.q), "%v at %v", tt.values, tt.q)
	}
}

func TestRatiosCompareTheSameRounds(t *testing.T) {
	t.Parallel()
	var mine, limit sample
	mine.add([]time.Duration{20, 30, 40})
	mine.add([]time.Duration{100})
	limit.add([]time.Duration{10, 15, 20})
	limit.add([]time.Duration{100})
	require.Equal(t, []float64{2, 1}, mine.ratios(&limit))
	require.Equal(t, []time.Duration{30, 100}, mine.medians())
	require.Equal(t, time.Duration(100), mine.pooled(0.99))
	require.Equal(t, "1.00 (1.00 to 2.00)", spread(mine.ratios(&limit), times))
	require.Equal(t, "none", spread(nil, times))
}

func TestWritesWithoutIdle(t *testing.T) {
	t.Parallel()
	w := writes{transactions: 50, rows: 12, wal: 1000}.without(writes{transactions: 10, wal: 5000}, 10*time.Second, 20*time.Second)
	require.Equal(t, writes{transactions: 30, rows: 12, wal: 0}, w)
}

func TestProcessFigures(t *testing.T) {
	t.Parallel()
	memory, err := memoryOf(os.Getpid())
	require.NoError(t, err)
	require.Greater(t, memory, int64(1<<20))
	_, err = cpuOf(os.Getpid())
	require.NoError(t, err)
	_, err = memoryOf(-1)
	require.Error(t, err)
	_, err = cpuOf(-1)
	require.Error(t, err)
}
