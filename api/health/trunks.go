package health

import (
	"fmt"
	"net/url"

	"github.com/click2call/click2call/store"
)

// fewestFailed is how many of a trunk's latest dials must fail, beside half of them, before we say that it fails.
const fewestFailed = 3

// sip is the word on LiveKit's SIP service, as dials found it.
func sip(f Facts) Part {
	p := Part{Kind: KindSIP, Name: "LiveKit SIP", State: Working}
	if f := faultOf(f, ""); f != nil {
		p.State, p.stops, p.Since = Failing, true, moment(f.Since)
		p.What = "No SIP service takes dials: check that livekit-sip runs and reaches LiveKit's Redis."
		p.Means = "New calls are refused with no_trunk; one every ten seconds tries. Calls in progress go on."
	}
	return p
}

// faultOf is the certain fault of a trunk, or of the SIP service when the id is empty.
func faultOf(f Facts, trunkID string) *store.DialFault {
	for _, fault := range f.Faults {
		if fault.TrunkID == trunkID && fault.Holds(f.At) {
			return &fault
		}
	}
	return nil
}

func trunks(f Facts) []Part {
	all := f.Trunks
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
		parts[i] = trunk(t, t.ID == inUse, f)
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

func trunk(t Trunk, inUse bool, f Facts) Part {
	p := Part{Kind: KindTrunk, ID: t.ID, Name: "Trunk " + t.Label, State: Working}
	fault := faultOf(f, t.ID)
	switch {
	case !t.Enabled:
		p.State = Disabled
	case fault != nil:
		p.State, p.Since, p.stops = Failing, moment(fault.Since), inUse
		p.What = "LiveKit does not know its trunk " + t.LiveKitTrunkID + ": create it in LiveKit again, and set its id here."
		if fault.Kind == store.FaultTrunkLogin {
			p.What = "The carrier refuses its user name or password: correct them in LiveKit."
		}
		p.Means, p.Action = means(t, inUse, f)
		if inUse {
			p.Means = "Nothing can be dialed: new calls are refused with no_trunk."
		}
		if p.Action.Kind == SeeCalls {
			p.Action = &Action{Kind: OpenTrunk, Target: t.ID, Label: "Open the trunk"}
		}
	case fails(t):
		p.State, p.Since = Failing, moment(t.FailingSince)
		p.What = fmt.Sprintf("%d of its last %s failed.", t.Failed, count(t.Dialed, "dial", "dials"))
		p.Means, p.Action = means(t, inUse, f)
	case t.Dialed == 0:
		p.State = Idle
	}
	return p
}

func fails(t Trunk) bool { return t.Failed >= fewestFailed && 2*t.Failed >= t.Dialed }

// means says what a failing trunk means for calls, and offers the next one that does not fail.
func means(t Trunk, inUse bool, f Facts) (string, *Action) {
	see := &Action{
		Kind: SeeCalls, Target: url.Values{"trunk_id": {t.ID}, "call_status": {"FAILED"}}.Encode(), Label: "See its failed calls",
	}
	if !inUse {
		return "New calls do not leave by it: it is not the default.", see
	}
	well := make([]Trunk, 0, len(f.Trunks))
	for _, other := range f.Trunks {
		if !fails(other) && faultOf(f, other.ID) == nil {
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
