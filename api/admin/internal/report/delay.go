package report

import (
	"maps"
	"slices"
)

// Delay is how long answered calls rang. It keeps one count for each number of seconds, so it is exact, and small
// whatever the number of calls: nobody rings longer than the ring timeout.
type Delay struct {
	calls   int
	sum     int64
	seconds map[int]int
}

func (d *Delay) add(seconds, calls int) {
	if d.seconds == nil {
		d.seconds = map[int]int{}
	}
	d.calls += calls
	d.sum += int64(seconds) * int64(calls)
	d.seconds[seconds] += calls
}

// Calls is how many calls were counted.
func (d Delay) Calls() int { return d.calls }

// Average is in seconds; nil without calls.
func (d Delay) Average() *float64 { return ratio(float64(d.sum), d.calls) }

// Percentile returns the seconds within which at least p percent of the calls were answered (nearest rank); nil without
// calls.
func (d Delay) Percentile(p int) *int {
	return nearestRank(d.seconds, d.calls, p)
}

// nearestRank is the value that at least p percent of n values do not exceed; counts has how often each value is there.
func nearestRank(counts map[int]int, n, p int) *int {
	rank := max(1, (n*p+99)/100)
	seen := 0
	for _, v := range slices.Sorted(maps.Keys(counts)) {
		if seen += counts[v]; seen >= rank {
			return &v
		}
	}
	return nil
}
