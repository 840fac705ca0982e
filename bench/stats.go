package bench

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// sample is what one subject took, round by round.
type sample struct{ rounds [][]time.Duration }

func (s *sample) add(round []time.Duration) { s.rounds = append(s.rounds, round) }

// medians are the medians of the rounds.
func (s *sample) medians() []time.Duration {
	all := make([]time.Duration, 0, len(s.rounds))
	for _, r := range s.rounds {
		if len(r) > 0 {
			all = append(all, quantile(r, 0.5))
		}
	}
	return all
}

// pooled is the quantile of all rounds together.
func (s *sample) pooled(q float64) time.Duration { return quantile(slices.Concat(s.rounds...), q) }

func (s *sample) count() int { return len(slices.Concat(s.rounds...)) }

// ratios are the medians of s as multiples of those of the same rounds of limit.
func (s *sample) ratios(limit *sample) []float64 {
	var all []float64
	for i, r := range s.rounds {
		if i < len(limit.rounds) && len(r) > 0 && len(limit.rounds[i]) > 0 {
			all = append(all, float64(quantile(r, 0.5))/float64(quantile(limit.rounds[i], 0.5)))
		}
	}
	return all
}

// quantile is the nearest-rank quantile; 0 of nothing.
func quantile[T cmp.Ordered](values []T, q float64) (none T) {
	if len(values) == 0 {
		return none
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// spread renders a median with the smallest and the largest of its values: "12.1 (10.9 to 15.0)".
func spread[T cmp.Ordered](values []T, render func(T) string) string {
	if len(values) == 0 {
		return "none"
	}
	return fmt.Sprintf("%s (%s to %s)", render(quantile(values, 0.5)), render(slices.Min(values)), render(slices.Max(values)))
}

func ms(d time.Duration) string {
	v := float64(d) / float64(time.Millisecond)
	if math.Abs(v) < 100 {
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

func times(v float64) string { return fmt.Sprintf("%.2f", v) }
