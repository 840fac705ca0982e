package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// TestNothingCanBeDialed: /click2call refuses while it is certain, not before, and not for another trunk's sake.
func TestNothingCanBeDialed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fault := func(trunk string, kind store.FaultKind, signs int) {
		now := b.clock.now()
		b.store.mu.Lock()
		b.store.faults = []store.DialFault{{TrunkID: trunk, Kind: kind, Signs: signs, Since: now.Add(-5 * time.Second), SeenAt: now}}
		b.store.mu.Unlock()
		b.clock.forward(time.Second)
	}
	refused := func() { b.place(goodBody).isProblem(http.StatusServiceUnavailable, "no_trunk") }

	fault("trunk-1", store.FaultTrunkUnknown, 1)
	b.place(goodBody).ok()
	fault("trunk-2", store.FaultTrunkUnknown, 2)
	b.place(goodBody).ok()
	fault("trunk-1", store.FaultTrunkUnknown, 2)
	refused()
	b.clock.forward(30 * time.Second)
	refused()
	opened := len(b.workflows.opened())
	require.Equal(t, 2, opened, "nothing is started for a call that is refused")

	for _, kind := range []store.FaultKind{store.FaultNoSIPService, store.FaultTrunkLogin} {
		trunk := map[store.FaultKind]string{store.FaultTrunkLogin: "trunk-1"}[kind]
		b.clock.forward(time.Minute)
		fault(trunk, kind, 2)
		b.place(goodBody).ok() // this one tries
		refused()
		b.clock.forward(9 * time.Second)
		refused()
		b.clock.forward(time.Second)
		b.place(goodBody).ok()
		refused()
	}
	b.clock.forward(5 * time.Minute)
	b.place(goodBody).ok()
	b.place(goodBody).ok() // nobody has seen the fault for long

	fault("trunk-1", store.FaultTrunkUnknown, 2)
	refused()
	b.store.mu.Lock()
	b.store.faults = nil
	b.store.mu.Unlock()
	b.clock.forward(time.Second)
	b.place(goodBody).ok()
}
