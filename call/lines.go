package call

import "math"

// unlimited is more lines than there are.
const unlimited = math.MaxInt32

// Free is how many calls more have room within the limits, where so many lines are taken and so many dials began within a second.
func (l Limits) Free(taken, begun int) int {
	free := unlimited
	if l.Concurrent > 0 {
		free = min(free, l.Concurrent-taken)
	}
	if l.PerSecond > 0 {
		free = min(free, l.PerSecond-begun)
	}
	return max(0, free)
}

// FreeLines is how many calls more have room now.
type FreeLines struct {
	All     int            // through all trunks together
	ByTrunk map[string]int // by trunk id; a trunk that is not there has no limits
}

// Has reports whether a call more has room on a trunk.
func (f FreeLines) Has(trunkID string) bool {
	n, limited := f.ByTrunk[trunkID]
	return f.All > 0 && (!limited || n > 0)
}

// QueuedCall waits for a line of any of its trunks.
type QueuedCall struct {
	ID     ID
	Trunks []string // ids
}

// Grant gives the lines to those who wait, in their order: to each one of the first of its trunks that has any. It returns who got one; what
// is left stays in f. A call whose trunks have none holds nobody up who waits for another trunk.
//
// It decides for those who wake calls up and for those who claim lines alike, so that nobody is woken in vain, and nobody who comes later
// is quicker.
func (f *FreeLines) Grant(queue []QueuedCall) (granted []ID) {
	for _, c := range queue {
		for _, id := range c.Trunks {
			if !f.Has(id) {
				continue
			}
			f.All--
			if _, limited := f.ByTrunk[id]; limited {
				f.ByTrunk[id]--
			}
			granted = append(granted, c.ID)
			break
		}
	}
	return granted
}
