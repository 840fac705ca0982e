package call

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Refusal is why a customer may not be called now. Its values are the codes that /click2call answers.
type Refusal string

// The refusals, in the order in which they are looked for.
const (
	RefusedByList      Refusal = "on_do_not_call_list"
	RefusedByHours     Refusal = "outside_calling_hours"
	RefusedByFrequency Refusal = "called_too_often"
)

// maxFrequency bounds the limits on calls to one number.
const maxFrequency = 1000

// PermissionRules decide whether a customer may be called now. Each of the three is off until an operator switches it on.
type PermissionRules struct {
	Version        int64         `json:"-"` // counts the changes; 0 when nobody ever set any
	DefaultPurpose Purpose       `json:"default_purpose"`
	Hours          *CallingHours `json:"calling_hours"` // nil: at any time
	Lists          []Purpose     `json:"do_not_call"`   // the purposes that do-not-call lists hold for
	Frequency      Frequency     `json:"frequency"`
}

// Frequency limits the calls to one number, of all agents together. 0 is no limit. A call counts when it is dialed.
type Frequency struct {
	PerDay   int       `json:"per_day"`  // in any 24 hours
	PerWeek  int       `json:"per_week"` // in any 7 days
	Purposes []Purpose `json:"purposes"`
}

// DefaultPermissionRules allow everything.
func DefaultPermissionRules() PermissionRules { return PermissionRules{DefaultPurpose: PurposeService} }

// Validate returns one error that names every mistake, or nil.
func (r PermissionRules) Validate() error {
	var errs []error
	if err := CheckPurpose(r.DefaultPurpose); err != nil {
		errs = append(errs, fmt.Errorf("default_purpose %w", err))
	}
	if r.Hours != nil {
		errs = append(errs, r.Hours.validate())
	}
	for name, purposes := range map[string][]Purpose{"do_not_call": r.Lists, "frequency": r.Frequency.Purposes} {
		for _, p := range purposes {
			if err := CheckPurpose(p); err != nil {
				errs = append(errs, fmt.Errorf("%s: %q %w", name, p, err))
			}
		}
	}
	f := r.Frequency
	if f.PerDay < 0 || f.PerWeek < 0 || f.PerDay > maxFrequency || f.PerWeek > maxFrequency {
		errs = append(errs, fmt.Errorf("frequency: per_day and per_week must be between 0 (no limit) and %d", maxFrequency))
	}
	if f.PerDay > 0 && f.PerWeek > 0 && f.PerWeek < f.PerDay {
		errs = append(errs, errors.New("frequency: per_week must not be less than per_day"))
	}
	return errors.Join(errs...)
}

// PermissionQuestion is everything that the rules need to know of one call.
type PermissionQuestion struct {
	At      time.Time
	Purpose Purpose
	List    string // the do-not-call list that the number is on; empty: none
	Day     int    // calls dialed to the number in the last 24 hours
	Week    int    // and in the last 7 days
}

// Permission is the answer, as it is recorded.
type Permission struct {
	Refusal Refusal    `json:"refusal,omitempty"` // empty: the customer may be called
	OpensAt *time.Time `json:"opens_at,omitempty"`
	Why     string     `json:"why"` // one sentence for people; it holds no number
	Purpose Purpose    `json:"purpose"`
	Rules   int64      `json:"rules_version"`
}

// Allowed reports whether the customer may be called.
func (p Permission) Allowed() bool { return p.Refusal == "" }

// Ask decides. It is a pure function of rules and question: the preview, /click2call and the dial get the same answer.
func (r PermissionRules) Ask(q PermissionQuestion) Permission {
	answer := Permission{Purpose: q.Purpose, Rules: r.Version, Why: "No rule forbids it."}
	f := r.LimitFor(q.Purpose)
	switch {
	case q.List != "" && slices.Contains(r.Lists, q.Purpose):
		answer.Refusal, answer.Why = RefusedByList, fmt.Sprintf("The number is on the list %q.", q.List)
	case r.Hours != nil && !r.Hours.OpenAt(q.At, q.Purpose):
		answer.Refusal, answer.OpensAt = RefusedByHours, r.Hours.NextOpening(q.At, q.Purpose)
		answer.Why = fmt.Sprintf("It is %s in %s, outside the calling hours for %s calls.",
			q.At.In(r.Hours.location()).Format("Mon 15:04"), r.Hours.Zone, q.Purpose)
	case f.PerDay > 0 && q.Day >= f.PerDay:
		answer.Refusal, answer.Why = RefusedByFrequency, fmt.Sprintf("The number was called %d times in the last 24 hours; %d is the limit.", q.Day, f.PerDay)
	case f.PerWeek > 0 && q.Week >= f.PerWeek:
		answer.Refusal, answer.Why = RefusedByFrequency, fmt.Sprintf("The number was called %d times in the last 7 days; %d is the limit.", q.Week, f.PerWeek)
	}
	return answer
}

// LimitFor is the limit on calls for a purpose; the zero Frequency when there is none.
func (r PermissionRules) LimitFor(p Purpose) Frequency {
	if slices.Contains(r.Frequency.Purposes, p) {
		return r.Frequency
	}
	return Frequency{}
}
