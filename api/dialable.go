package api

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	// faultsAge is how old the word on dial faults may be.
	faultsAge = time.Second
	// tryEvery is how often a call is let through although it is certain that nothing can be dialed: only a dial shows that the
	// SIP service, or the carrier's login, works again.
	tryEvery = 10 * time.Second
)

// errNothingCanBeDialed is for the log; the CRM hears no_trunk.
var errNothingCanBeDialed = errors.New("nothing can be dialed")

// dialable remembers what keeps calls from being dialed. It is safe for concurrent use.
type dialable struct {
	mu      sync.Mutex
	readAt  time.Time
	faults  []store.DialFault
	triedAt time.Time
}

// check refuses a call while it is certain that nothing can be dialed through its trunk. It never refuses because the database
// does not tell, and every ten seconds it lets a call try.
func (d *dialable) check(ctx context.Context, s interface {
	DialFaults(ctx context.Context) ([]store.DialFault, error)
}, t call.Trunk, now time.Time,
) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if age := now.Sub(d.readAt); age < 0 || age >= faultsAge {
		if faults, err := s.DialFaults(ctx); err == nil {
			d.faults, d.readAt = faults, now
		}
	}
	for _, f := range d.faults {
		if (f.TrunkID != "" && f.TrunkID != t.ID) || !f.Holds(now) {
			continue
		}
		// The check of the trunks sees when LiveKit knows a trunk again; of the others only a dial does.
		if f.Kind == store.FaultTrunkUnknown || now.Sub(d.triedAt) < tryEvery {
			return problem.Unable(problem.NoTrunk, fmt.Errorf("%w: %s", errNothingCanBeDialed, f.Kind))
		}
		d.triedAt = now
	}
	return nil
}
