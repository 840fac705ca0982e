package call

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// MaxAttempts is how many trunks one call is tried through at the most.
	MaxAttempts = 3

	maxRouteTrunks = 20
	maxWeight      = 1000
	maxRouteDIDs   = 100
)

var numberPattern = regexp.MustCompile(`^[0-9x]{1,10}\*?$`)

// Route sends the calls that it matches to trunks. The first route in the operator's order that matches a call is its route.
type Route struct {
	ID       string
	Name     string
	Enabled  bool
	Match    RouteMatch
	Trunks   []RouteTrunk
	CallerID CallerID
}

// RouteMatch is a condition. What is empty matches every call; all that is set must match.
type RouteMatch struct {
	Number      string         `json:"number"`       // digits, x for any digit, * at the end for any rest: 98*, 9530xxxxxx
	Purposes    []Purpose      `json:"purposes"`     //
	AgentPrefix string         `json:"agent_prefix"` // the beginning of agent_id
	Days        []time.Weekday `json:"days"`         // 0 is Sunday
	From        TimeOfDay      `json:"from"`         // with To: the hours, on the days on which they begin
	To          TimeOfDay      `json:"to"`           // not included; equal to From: the whole day
	Zone        string         `json:"zone"`         // of days and hours; IANA name
}

// RouteTrunk is a trunk of a route. Trunks of a lower priority are tried first; among equals, each comes first in proportion to its
// weight. Both are those of DNS SRV records (RFC 2782), for calls.
type RouteTrunk struct {
	TrunkID  string `json:"trunk_id"`
	Priority int    `json:"priority"` // 0 to 1000
	Weight   int    `json:"weight"`   // 1 to 1000
}

// RouteQuestion is what routes are chosen by.
type RouteQuestion struct {
	CallID  ID // the same call gets the same plan each time
	Number  string
	Purpose Purpose
	AgentID string
	At      time.Time
	Turn    uint64 // counts the calls of the route, for a round robin of caller IDs
}

// RoutePlan is through which trunks a call is tried, in their order, three at the most.
type RoutePlan struct {
	RouteID string // empty: no route matched, or the installation has none
	Name    string
	Trunks  []Trunk
	DID     string // the caller ID that the route chooses; empty: the trunk's default
	// RoundRobin is set when the caller ID depends on RouteQuestion.Turn.
	RoundRobin bool
}

// PlanRoute decides how a call leaves. Trunks that are disabled are left out; those that ailing names come last: they are only
// tried when nothing else is left. When no route matches it is the default trunk, then the others in their order. It is a pure
// function: the dial preview and the dial get the same plan.
func PlanRoute(routes []Route, trunks []Trunk, ailing map[string]bool, q RouteQuestion) RoutePlan {
	enabled := map[string]Trunk{}
	for _, t := range trunks {
		if t.Enabled {
			enabled[t.ID] = t
		}
	}
	chance := rand.New(rand.NewPCG(seedOf(string(q.CallID)), 0)) //nolint:gosec // a share of the calls, not a secret
	for _, r := range routes {
		if !r.Enabled || !r.Match.matches(q) {
			continue
		}
		plan := RoutePlan{RouteID: r.ID, Name: r.Name, DID: r.CallerID.choose(q), RoundRobin: r.CallerID.Mode == CallerIDRoundRobin}
		for _, t := range inOrder(r.Trunks, chance) {
			if trunk, ok := enabled[t.TrunkID]; ok {
				plan.Trunks = append(plan.Trunks, trunk)
			}
		}
		if len(plan.Trunks) > 0 {
			return plan.healthyFirst(ailing)
		}
	}
	return withoutRoute(trunks).healthyFirst(ailing)
}

func withoutRoute(trunks []Trunk) (plan RoutePlan) {
	for _, t := range trunks {
		if t.Enabled {
			plan.Trunks = append(plan.Trunks, t)
		}
	}
	slices.SortStableFunc(plan.Trunks, func(a, b Trunk) int {
		switch {
		case a.Default == b.Default:
			return 0
		case a.Default:
			return -1
		default:
			return 1
		}
	})
	return plan
}

func (p RoutePlan) healthyFirst(ailing map[string]bool) RoutePlan {
	var well, ill []Trunk
	for _, t := range p.Trunks {
		if ailing[t.ID] {
			ill = append(ill, t)
		} else {
			well = append(well, t)
		}
	}
	p.Trunks = append(well, ill...)
	p.Trunks = p.Trunks[:min(len(p.Trunks), MaxAttempts)]
	return p
}

// inOrder sorts by priority, and within one draws by weight without putting back, as RFC 2782 says.
func inOrder(trunks []RouteTrunk, chance *rand.Rand) []RouteTrunk {
	left := slices.Clone(trunks)
	slices.SortStableFunc(left, func(a, b RouteTrunk) int { return a.Priority - b.Priority })
	var ordered []RouteTrunk
	for len(left) > 0 {
		equals := 0
		total := 0
		for equals < len(left) && left[equals].Priority == left[0].Priority {
			total += left[equals].Weight
			equals++
		}
		drawn, at := chance.IntN(max(total, 1)), 0
		for at < equals-1 && drawn >= left[at].Weight {
			drawn -= left[at].Weight
			at++
		}
		ordered = append(ordered, left[at])
		left = slices.Delete(left, at, at+1)
	}
	return ordered
}

func seedOf(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

func (m RouteMatch) matches(q RouteQuestion) bool {
	if m.Number != "" && !matchesNumber(m.Number, q.Number) ||
		len(m.Purposes) > 0 && !slices.Contains(m.Purposes, q.Purpose) ||
		!strings.HasPrefix(q.AgentID, m.AgentPrefix) {
		return false
	}
	local := q.At.In(m.location())
	now := timeOfDayAt(local)
	onDay := func(d time.Weekday) bool { return len(m.Days) == 0 || slices.Contains(m.Days, d) }
	switch {
	case m.From == m.To:
		return onDay(local.Weekday())
	case m.From < m.To:
		return onDay(local.Weekday()) && m.From <= now && now < m.To
	case now >= m.From: // the hours go on after midnight
		return onDay(local.Weekday())
	default:
		return now < m.To && onDay((local.Weekday()+6)%7)
	}
}

func (m RouteMatch) location() *time.Location {
	if zone, err := time.LoadLocation(m.Zone); err == nil {
		return zone
	}
	return time.UTC
}

func matchesNumber(pattern, number string) bool {
	rest, any := strings.CutSuffix(pattern, "*")
	if len(number) < len(rest) || !any && len(number) != len(rest) {
		return false
	}
	for i := range len(rest) {
		if rest[i] != 'x' && rest[i] != number[i] {
			return false
		}
	}
	return true
}

// Validate returns one error that names every mistake, or nil. Known are the ids of the trunks that there are.
func (r Route) Validate(known map[string]bool) error {
	var errs []error
	fail := func(field, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s "+format, append([]any{field}, args...)...))
	}
	if r.Name == "" || len(r.Name) > 128 {
		fail("name", "must have 1 to 128 characters")
	}
	if m := r.Match; m.Number != "" && (!numberPattern.MatchString(m.Number) || !strings.HasSuffix(m.Number, "*") && len(m.Number) != 10) {
		fail("number", "must be ten digits or x, or fewer and a * at the end, for example 98* or 9530xxxxxx")
	}
	for _, p := range r.Match.Purposes {
		if err := CheckPurpose(p); err != nil {
			fail("purposes", "%q %w", p, err)
		}
	}
	if len(r.Match.AgentPrefix) > 128 {
		fail("agent_prefix", "must have at most 128 characters")
	}
	if slices.ContainsFunc(r.Match.Days, func(d time.Weekday) bool { return d < 0 || d > 6 }) || len(r.Match.Days) > 7 {
		fail("days", "must name weekdays, 0 (Sunday) to 6")
	}
	if r.Match.From < 0 || r.Match.From > endOfDay || r.Match.To < 0 || r.Match.To > endOfDay {
		fail("from", "and to must be between 00:00 and 24:00")
	}
	if _, err := time.LoadLocation(r.Match.Zone); err != nil || r.Match.Zone == "Local" {
		fail("zone", "%q must be a time zone such as Asia/Kolkata", r.Match.Zone)
	}
	if len(r.Trunks) == 0 || len(r.Trunks) > maxRouteTrunks {
		fail("trunks", "must name 1 to %d trunks", maxRouteTrunks)
	}
	seen := map[string]bool{}
	for _, t := range r.Trunks {
		switch {
		case !known[t.TrunkID]:
			fail("trunks", "%q is not one of the trunks: reload the list", t.TrunkID)
		case seen[t.TrunkID]:
			fail("trunks", "%q stands there twice", t.TrunkID)
		case t.Priority < 0 || t.Priority > maxWeight || t.Weight < 1 || t.Weight > maxWeight:
			fail("trunks", "%q must have a priority of 0 to %d and a weight of 1 to %d", t.TrunkID, maxWeight, maxWeight)
		}
		seen[t.TrunkID] = true
	}
	return errors.Join(append(errs, r.CallerID.validate())...)
}

// Shadowed returns the routes that no call can reach, because an earlier enabled one without a condition takes every call, or one with the
// same conditions stands before it. The value names that earlier route.
func Shadowed(routes []Route) map[string]string {
	hidden := map[string]string{}
	for i, r := range routes {
		for _, earlier := range routes[:i] {
			if r.Enabled && earlier.Enabled && hidden[r.ID] == "" && earlier.Match.covers(r.Match) {
				hidden[r.ID] = earlier.ID
			}
		}
	}
	return hidden
}

// covers reports whether every call that o matches surely is matched by m. It may miss some, but is never wrong.
func (m RouteMatch) covers(o RouteMatch) bool {
	subset := func(all, some []Purpose) bool {
		return len(all) == 0 || len(some) > 0 && !slices.ContainsFunc(some, func(p Purpose) bool { return !slices.Contains(all, p) })
	}
	rest, open := strings.CutSuffix(m.Number, "*")
	number := m.Number == "" || m.Number == o.Number || open && !strings.Contains(rest, "x") && strings.HasPrefix(o.Number, rest)
	always := len(m.Days) == 0 && m.From == m.To
	sameHours := slices.Equal(m.Days, o.Days) && m.From == o.From && m.To == o.To && m.Zone == o.Zone
	return number && subset(m.Purposes, o.Purposes) && strings.HasPrefix(o.AgentPrefix, m.AgentPrefix) && (always || sameHours)
}
