package health

import (
	"cmp"
	"slices"
)

// rank orders the states of parts, worst first.
var rank = map[PartState]int{Failing: 1, Open: 2, Paused: 3, Unknown: 4, Working: 5, Idle: 6, Disabled: 7}

// Judge says how the installation does. While the store does not answer, what was read of it before is judged on.
func Judge(f Facts) Report {
	parts := []Part{Dependency(KindLiveKit, f.LiveKit), sip(f), Dependency(KindTemporal, f.Temporal), Dependency(KindStore, f.Store)}
	parts = append(parts, trunks(f)...)
	parts = append(parts, endpoints(f)...)
	parts = append(parts, ledger(f), workers(f))
	// Stable: parts of equal state stay in the order of kinds, trunks in theirs.
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(severity(a), severity(b)) })
	return Report{State: whole(parts), Parts: parts}
}

func severity(p Part) int {
	if p.stops {
		return 0
	}
	return rank[p.State]
}

func whole(parts []Part) State {
	state := OK
	for _, p := range parts {
		switch {
		case p.stops:
			return Down
		case p.State == Failing, p.State == Open, p.State == Paused, p.State == Unknown:
			state = Degraded
		}
	}
	return state
}
