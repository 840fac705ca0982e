package health

import (
	"fmt"
	"net/url"
)

// fewestFailed is how many of a trunk's latest dials must fail, beside half of them, before we say that it fails.
const fewestFailed = 3

func trunks(all []Trunk) []Part {
	inUse := next(all, "")
	if inUse == "" {
		return append(disabledTrunks(all), Part{
			Kind: KindTrunk, Name: "Trunks", State: Failing, stops: true, What: "No trunk is enabled.",
			Means:  "Every call is refused with no_trunk.",
			Action: &Action{Kind: OpenTrunk, Label: "Set up a trunk"},
		})
	}
	parts := make([]Part, len(all))
	for i, t := range all {
		parts[i] = trunk(t, t.ID == inUse, all)
	}
	return parts
}

func disabledTrunks(all []Trunk) []Part {
	parts := make([]Part, len(all))
	for i, t := range all {
		parts[i] = Part{Kind: KindTrunk, ID: t.ID, Name: "Trunk " + t.Label, State: Disabled}
	}
	return parts
}

// next is the trunk that calls leave by when one is not to be used: the default, or the first enabled one.
func next(all []Trunk, without string) (id string) {
	for _, t := range all {
		if !t.Enabled || t.ID == without {
			continue
		}
		if t.Default {
			return t.ID
		}
		if id == "" {
			id = t.ID
		}
	}
	return id
}

func trunk(t Trunk, inUse bool, all []Trunk) Part {
	p := Part{Kind: KindTrunk, ID: t.ID, Name: "Trunk " + t.Label, State: Working}
	switch {
	case !t.Enabled:
		p.State = Disabled
	case fails(t):
		p.State, p.Since = Failing, moment(t.FailingSince)
		p.What = fmt.Sprintf("%d of its last %s failed.", t.Failed, count(t.Dialed, "dial", "dials"))
		p.Means, p.Action = means(t, inUse, all)
	case t.Dialed == 0:
		p.State = Idle
	}
	return p
}

func fails(t Trunk) bool { return t.Failed >= fewestFailed && 2*t.Failed >= t.Dialed }

// means says what a failing trunk means for calls, and offers the next one that does not fail.
func means(t Trunk, inUse bool, all []Trunk) (string, *Action) {
	see := &Action{
		Kind: SeeCalls, Target: url.Values{"trunk_id": {t.ID}, "call_status": {"FAILED"}}.Encode(), Label: "See its failed calls",
	}
	if !inUse {
		return "New calls do not leave by it: it is not the default.", see
	}
	well := make([]Trunk, 0, len(all))
	for _, other := range all {
		if !fails(other) {
			well = append(well, other)
		}
	}
	for _, other := range well {
		if other.ID == next(well, t.ID) {
			return "New calls leave by it, and most of them end FAILED.", &Action{Kind: MakeDefault, Target: other.ID, Label: "Make " + other.Label + " the default"}
		}
	}
	return "New calls leave by it, and most of them end FAILED. There is no other trunk that works.", see
}
