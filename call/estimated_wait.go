package call

import "time"

const (
	// TurnoverSpan is how far back one looks for lines that got free.
	TurnoverSpan = 2 * time.Minute
	// fewestFreed is how many there must have been: fewer tell of chance.
	fewestFreed = 3
)

// EstimateWait guesses how long the call at a place of the queue, 1 for the first, waits for its line, where so many lines got free within
// [TurnoverSpan]: as long as it takes until as many get free as calls stand there. It is unknown where too few did, and for a call that
// does not wait.
func EstimateWait(place, freed int) (wait time.Duration, known bool) {
	if place < 1 || freed < fewestFreed {
		return 0, false
	}
	return time.Duration(place) * TurnoverSpan / time.Duration(freed), true
}
