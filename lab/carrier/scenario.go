package carrier

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// scenarioPrefix begins the last ten digits of every number that asks for a scenario.
	scenarioPrefix = "900"
	numberDigits   = 10

	defaultRing = 1500 * time.Millisecond

	// ringLimit is how long a call may ring before the carrier gives up with 480, as real ones do. It is longer than
	// any ringing time that LiveKit's SIP service allows by default (3 minutes).
	ringLimit = 4 * time.Minute

	// atOnce is the talk time of the scenario that hangs up as soon as the call is up.
	atOnce = 50 * time.Millisecond
)

// Scenario is one thing the carrier can do with a call.
type Scenario struct {
	Code string // the three digits SSS that choose it
	Name string // stable, one word
	Does string // one line for the README

	final       int    // the final reply; 0: none until the caller gives up or ringLimit passes
	reason      string // its reason phrase
	provisional int    // what comes before it: 180 unless said otherwise
	silent      bool   // the INVITE is swallowed
	crosses     bool   // a CANCEL is met with 200 to the INVITE
	mute        bool   // no RTP is ever sent
	fadesOut    bool   // RTP stops when the talk time is over, the call stays up
	hangsUp     bool   // BYE as soon as the call is up
	tenths      bool   // RR and TT are tenths of a second
	odd         oddity // what no telephone should do, and some do
}

// Plan is what the carrier does with one call.
type Plan struct {
	Scenario
	Ring time.Duration // from the first provisional reply to the final one
	Talk time.Duration // from the ACK to our BYE; 0: until the caller hangs up
}

// Scenarios returns the table of scenarios in the order of their codes.
func Scenarios() []Scenario {
	all := []Scenario{
		{Code: "000", Name: "swallow", Does: "never replies: the INVITE is lost", silent: true},
		{Code: "100", Name: "trying", Does: "100 Trying and nothing more", provisional: 100},
		{Code: "180", Name: "ring-for-ever", Does: "180 Ringing and nothing more"},
		{Code: "183", Name: "early-media", Does: "183 with SDP and a tone for RR seconds, then as 200", provisional: 183, final: 200},
		{Code: "200", Name: "answer", Does: "answers, sends a 440 Hz tone, hangs up after TT seconds (00: never)", final: 200},
		{Code: "201", Name: "mute", Does: "answers and never sends RTP", final: 200, mute: true},
		{Code: "202", Name: "fade-out", Does: "answers, its RTP stops after TT seconds, the call stays up", final: 200, fadesOut: true},
		{Code: "210", Name: "answer-tenths", Does: "as 200, with RR and TT in tenths of a second", final: 200, tenths: true},
		{Code: "287", Name: "cross-cancel", Does: "rings; when the CANCEL comes, 200 to the INVITE has just left", crosses: true},
		{Code: "299", Name: "hang-up-at-once", Does: "answers and sends BYE within 100 ms of the ACK", final: 200, hangsUp: true},
	}
	all = slices.Concat(all, unkind(), refusals(), oddReplies())
	slices.SortFunc(all, func(a, b Scenario) int { return strings.Compare(a.Code, b.Code) })
	return all
}

func refusals() []Scenario {
	reasons := []struct {
		code   int
		reason string
	}{
		{301, "Moved Permanently"}, {302, "Moved Temporarily"}, {305, "Use Proxy"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{402, "Payment Required"}, {403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"},
		{407, "Proxy Authentication Required"}, {408, "Request Timeout"}, {410, "Gone"}, {415, "Unsupported Media Type"},
		{420, "Bad Extension"}, {480, "Temporarily Unavailable"}, {482, "Loop Detected"}, {484, "Address Incomplete"},
		{486, "Busy Here"}, {487, "Request Terminated"}, {488, "Not Acceptable Here"}, {491, "Request Pending"},
		{500, "Server Internal Error"}, {501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"},
		{504, "Server Time-out"}, {600, "Busy Everywhere"}, {603, "Decline"}, {604, "Does Not Exist Anywhere"},
		{606, "Not Acceptable"}, {607, "Unwanted"}, {608, "Rejected"},
	}
	extra := map[int]string{
		301: ", with a Contact", 302: ", with a Contact", 305: ", with a Contact",
		401: ", with a digest challenge that no credentials satisfy", 407: ", with a digest challenge that no credentials satisfy",
		420: ", with an Unsupported header",
	}
	all := make([]Scenario, 0, len(reasons))
	for _, r := range reasons {
		code := strconv.Itoa(r.code)
		all = append(all, Scenario{
			Code: code, Name: "refuse-" + code, Does: fmt.Sprintf("%d %s%s", r.code, r.reason, extra[r.code]), final: r.code, reason: r.reason,
		})
	}
	return all
}

// PlanFor reads the plan from a dialed number (the user part of the request URI). Only its last ten digits count,
// so that a dial prefix may stand before them: 900 SSS RR TT is scenario SSS, ringing RR seconds, talking TT
// seconds. Any other number rings for 1.5 s, answers, and talks until the caller hangs up.
func PlanFor(number string) Plan {
	last := lastDigits(number)
	rest, found := strings.CutPrefix(last, scenarioPrefix)
	if found && len(last) == numberDigits {
		for _, s := range Scenarios() {
			if s.Code == rest[:3] {
				return s.plan(rest[3:5], rest[5:7])
			}
		}
	}
	return Plan{Scenario: Scenario{Name: "default", final: 200}, Ring: defaultRing}
}

func (s Scenario) plan(ring, talk string) Plan {
	p := Plan{Scenario: s, Ring: s.unit() * digits(ring), Talk: s.unit() * digits(talk)}
	if s.final == 0 {
		p.Ring = ringLimit
	}
	if s.hangsUp {
		p.Talk = atOnce
	}
	return p
}

// unit is what RR and TT count.
func (s Scenario) unit() time.Duration {
	if s.tenths {
		return time.Second / 10
	}
	return time.Second
}

// Number is the ten digits that make the carrier play scenario code (three digits), ring for ring and talk for talk,
// both in whole seconds below 100; with a scenario that counts tenths of a second, in whole tenths below 100.
func Number(code string, ring, talk time.Duration) string {
	unit := time.Second
	for _, s := range Scenarios() {
		if s.Code == code {
			unit = s.unit()
		}
	}
	return fmt.Sprintf("%s%s%02d%02d", scenarioPrefix, code, ring/unit%100, talk/unit%100)
}

// Table is the README's table of scenarios, in Markdown.
func Table() string {
	var b strings.Builder
	b.WriteString("| SSS | name | what the carrier does |\n|---|---|---|\n")
	for _, s := range Scenarios() {
		fmt.Fprintf(&b, "| %s | `%s` | %s |\n", s.Code, s.Name, s.Does)
	}
	return b.String()
}

// lastDigits returns the last ten digits of number, or all of them when there are fewer.
func lastDigits(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if len(digits) > numberDigits {
		digits = digits[len(digits)-numberDigits:]
	}
	return digits
}

func digits(two string) time.Duration {
	n, err := strconv.Atoi(two)
	if err != nil { // digits were filtered by lastDigits
		return 0
	}
	return time.Duration(n)
}
