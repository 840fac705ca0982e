package call

import "fmt"

// BreakerRule says when a trunk's breaker opens: by the share of failures of its own among its latest dials. The zero value never does.
type BreakerRule struct {
	Dials   int // how many of the latest count; 0: no breaker
	Share   int // percent of them that must have failed
	Minimum int // failures that there must be, whatever the share
}

// MaxBreakerDials bounds how far back a breaker looks.
const MaxBreakerDials = 200

// DefaultBreakerRule is what a new installation starts with.
func DefaultBreakerRule() BreakerRule { return BreakerRule{Dials: 20, Share: 50, Minimum: 5} }

// Validate returns an error that says what is out of range, or nil.
func (r BreakerRule) Validate() error {
	if r.Dials == 0 {
		return nil
	}
	if r.Dials < 0 || r.Dials > MaxBreakerDials || r.Share < 1 || r.Share > 100 || r.Minimum < 1 || r.Minimum > r.Dials {
		return fmt.Errorf("the breaker of trunks looks at %d dials for %d %% and %d failures: it must be 0 dials (no breaker), or up to %d, with 1 to 100 %% and 1 failure to as many as dials",
			r.Dials, r.Share, r.Minimum, MaxBreakerDials)
	}
	return nil
}

// Opens reports whether so many failures of so many dials are enough.
func (r BreakerRule) Opens(failed, dials int) bool {
	return r.Dials > 0 && failed >= r.Minimum && failed*100 >= r.Share*dials
}

// TrunkFailed reports whether an attempt tells against its trunk and not of the customer: the rule of [Dial.FailsOver], whether or not
// somebody could listen. A 408 does only when it is certain that nothing rang.
func (a Attempt) TrunkFailed() bool {
	switch a.State {
	case DialNoReply:
		return true
	case DialRefused:
		return trunkFaults(a.SIPCode) && (a.SIPCode != 408 || a.Rang == RangNo)
	default:
		return false
	}
}

// TrunkWorked reports whether an attempt shows that its trunk reaches phones: the reply is one that comes from beyond it.
func (a Attempt) TrunkWorked() bool {
	return a.State == DialAnswered || a.State == DialRefused && !trunkFaults(a.SIPCode)
}

// probeShare is one in how many calls keeps a trunk whose breaker is open at its place of the plan.
const probeShare = 20

// Probes reports whether a call is one of the few that try a trunk whose breaker is open as if it were not: real calls show when it works
// again. The same call gets the same answer each time.
func (id ID) Probes() bool { return id != "" && seedOf(string(id))%probeShare == 0 }
