package call

import "time"

// Abandoned is a call without an outcome whose workflow is gone, as an operator's termination or a loss of Temporal's data
// leaves it: what its row, and a last look into its room, still tell.
type Abandoned struct {
	Call       Call
	Reply      *Dial     // of its dial, when one was written down
	Leg        LegStatus // just before its room was deleted
	Terminated bool      // an operator ended the workflow
	GoneAt     time.Time // when the workflow ended; zero when nobody knows
	ClosedAt   time.Time // when its room was deleted
}

// Evidence is what the classifier can know of it. An operator's termination counts as an operator's hang-up, but for a dial
// whose fate nobody knows: nothing is claimed of that.
//
// The call ended when the room was deleted if the leg was still there, else at the earliest moment that is known, so that
// nobody is billed for the time until it was noticed.
func (a Abandoned) Evidence() Evidence {
	end := a.ClosedAt
	gone := a.Leg.Absent() || a.Leg == LegUnknown
	if gone && !a.GoneAt.IsZero() && a.GoneAt.Before(end) {
		end = a.GoneAt
	}
	e := Evidence{ConnectedAt: a.Call.ConnectedAt, Dial: a.dial(end), LegAtHangUp: a.Leg, ClosedAt: end}
	if a.Terminated && !(e.Dial.State == DialUnknown && gone) {
		e.HangUp = &Request{At: end, Source: SourceOperator}
	}
	return e
}

func (a Abandoned) dial(end time.Time) Dial {
	started := valueOf(a.Call.ConnectedAt)
	switch {
	case a.Call.AnsweredAt != nil:
		return Dial{State: DialAnswered, StartedAt: started, EndedAt: *a.Call.AnsweredAt, Source: SourceDial}
	case a.Reply != nil:
		return *a.Reply
	case a.Call.ConnectedAt != nil, a.Leg != LegUnknown && !a.Leg.Absent():
		d := Dial{State: DialUnknown, StartedAt: started, EndedAt: end, Source: SourceRoom}
		if !a.Leg.Absent() {
			d.LastStatus = a.Leg
		}
		return d
	default:
		return Dial{}
	}
}

// Timeline is the story of the call as far as it is known. why says how the workflow went.
func (a Abandoned) Timeline(why string) []Entry {
	entries := []Entry{{At: a.Call.CreatedAt, Source: SourceRoom, Name: "created"}}
	if at := a.Call.ConnectedAt; at != nil {
		entries = append(entries, Entry{At: *at, Source: SourceBrowser, Name: "connect"})
	}
	if at := a.Call.AnsweredAt; at != nil {
		entries = append(entries, Entry{At: *at, Source: SourceDial, Name: "dial", Detail: string(DialAnswered)})
	}
	return append(entries, Entry{At: a.ClosedAt, Source: SourceTimer, Name: "workflow_gone", Detail: why})
}

func valueOf(t *time.Time) (v time.Time) {
	if t != nil {
		v = *t
	}
	return v
}
