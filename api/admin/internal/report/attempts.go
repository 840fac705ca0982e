package report

import (
	"time"

	"github.com/click2call/click2call/store"
)

// Attempts is how attempts to an endpoint went.
type Attempts struct {
	Made, Succeeded int
	took            map[int]int // how many took so many milliseconds
}

func (a *Attempts) add(s store.AttemptSum) {
	if a.took == nil {
		a.took = map[int]int{}
	}
	a.Made += s.N
	a.took[s.TookMS] += s.N
	if s.Class == "" {
		a.Succeeded += s.N
	}
}

// Took is within how many milliseconds p percent of the attempts were over, with an answer or without. Nil when there was none.
func (a Attempts) Took(p int) *int { return nearestRank(a.took, a.Made, p) }

// EndpointReport is how the attempts to an endpoint went: in all, in each slot, and how they failed.
type EndpointReport struct {
	All      Attempts
	Slots    []Attempts
	Failures map[store.DeliveryAnswer]int
}

// NewEndpointReport adds up what the store counted.
func NewEndpointReport(sums []store.AttemptSum, slots int) EndpointReport {
	r := EndpointReport{Slots: make([]Attempts, slots), Failures: map[store.DeliveryAnswer]int{}}
	for _, s := range sums {
		if s.Slot < 0 || s.Slot >= slots {
			continue // the store answers none
		}
		r.All.add(s)
		r.Slots[s.Slot].add(s)
		if answer := store.AnswerOf(s.Status, s.Class); answer != "" {
			r.Failures[answer] += s.N
		}
	}
	return r
}

const (
	fineHours = 48 // so far back the slots are hours
	coarse    = 6 * time.Hour
)

// EndpointSlots are the slots in which the attempts of the last hours are shown: the last one holds the present moment. They begin with an
// hour of the zone: in Asia/Kolkata that is half past one of UTC's.
func EndpointSlots(at time.Time, hours int, zone *time.Location) (since time.Time, step time.Duration, slots int) {
	step = time.Hour
	if hours > fineHours {
		step = coarse
	}
	slots = int((time.Duration(hours)*time.Hour + step - 1) / step)
	local := at.In(zone)
	hour := at.Add(-time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
	return hour.Add(time.Hour - time.Duration(slots)*step), step, slots
}
