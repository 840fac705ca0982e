package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/click2call/click2call/lab/carrier"
)

// Plan is what a seed says: the same seed, numbers of calls and faults give the same plan.
type Plan struct {
	Mode   string // ANSWER_DETECTION
	Pair   bool   // two LiveKit servers and two SIP services
	Calls  []CallPlan
	Faults []Fault

	// Trunks is how many carriers there are: 2 with failover, limits, a queue, and one live call per agent; 1 with all of that but failover. 0 is the
	// world's carrier without any of it.
	Trunks      int
	First, Last Limits // of the first carrier and of the other one
	QueueWait   time.Duration
	Strict      bool          // see CarrierBook
	Patience    time.Duration // how long an agent stays with a call; 0: 40 s
}

// Part says who acts in a call, and how it should end when nothing breaks.
type Part string

// The parts that an agent and a customer play.
const (
	CustomerHangsUp Part = "customer hangs up"
	AgentHangsUp    Part = "agent hangs up"
	Refused         Part = "refused"        // busy, declined, no such number, a failing trunk
	RingsOut        Part = "rings out"      // nobody answers
	AgentCancels    Part = "agent cancels"  // while it rings
	AgentVanishes   Part = "agent vanishes" // in mid-call, without a word
	TabCloses       Part = "tab closes"     // in mid-call, with the beacon
	NeverConnects   Part = "never connects" // the agent does not come
	Held            Part = "held"           // the customer holds in silence, comes back, and hangs up
	Odd             Part = "odd"            // the carrier's replies are hard to read
)

// CallPlan is one call to be.
type CallPlan struct {
	At     time.Duration // from the start
	Part   Part
	Number string // ten digits; the carrier does as it says
	DID    string // the caller ID, another one for each call: the carriers' books are read by it
	Agent  string
	Stays  bool          // the page, when the customer's leg leaves; that of the document hangs up
	Silent bool          // the agent, whom nobody is to hear
	Acts   time.Duration // from the answer, or from ringing, to the agent's act
}

// Action is a way to break something.
type Action string

// The actions. Each is undone at the end of its fault.
const (
	Kill    Action = "kill -9"
	Pause   Action = "pause"
	Restart Action = "restart"
	Cut     Action = "cut"
	// ReadOnly has a database refuse to write, as a standby does that clients still reach after a failover.
	ReadOnly Action = "read-only"
	// Replace has an empty Temporal stand where the full one was, and the full one come back.
	Replace Action = "replace with an empty"
)

// Fault breaks one or two targets for a while.
type Fault struct {
	At      time.Duration // from the start
	For     time.Duration
	Strikes []Strike
}

// Strike is one target's share in a fault.
type Strike struct {
	Action Action
	Target Target
}

func (f Fault) String() string {
	var all []string
	for _, s := range f.Strikes {
		all = append(all, string(s.Action)+" "+string(s.Target))
	}
	return fmt.Sprintf("%s for %s", strings.Join(all, ", "), f.For.Round(100*time.Millisecond))
}

// Env is the product's environment for the plan: deadlines short enough that every one is reached.
func (p Plan) Env() []string {
	connect := "20s"
	if p.Strict { // who comes all at once may take a while to come in
		connect = "2m"
	}
	return []string{
		"ANSWER_DETECTION=" + p.Mode,
		"CONNECT_TIMEOUT=" + connect, "RING_TIMEOUT=10s", "MAX_CALL_DURATION=60s", "AGENT_REJOIN_GRACE=5s",
		"DELIVERY_SCHEDULE=0s,1s,2s,3s,4s,5s,10s,10s,10s,20s,20s,30s,60s,60s,60s", "DELIVERY_PROBE_WAITS=2s",
	}
}

// spells of a fault and of the calm after it. Long enough that every fault hits calls in several states, and that the next one
// meets parts that serve again.
const (
	shortestFault, longestFault = 500 * time.Millisecond, 6 * time.Second
	shortestCalm, longestCalm   = 2 * time.Second, 6 * time.Second
	firstFault                  = 5 * time.Second
	// A long pause or cut is more than LiveKit's clients wait before they begin their sessions anew.
	longestPause = 20 * time.Second
	// An empty Temporal stands until the processes have seen twice that it is another.
	shortestEmpty, longestEmpty = 10 * time.Second, 45 * time.Second
)

// modes of even and odd seeds. Of each four seeds, the last two have a pair.
var modes = [2]string{"webhook", "polling"}

// agents share the calls of a plan with two trunks: now and then one is asked to have a second call.
const agents = 24

// MakePlan spreads the calls evenly over the time that the faults take. Trunks is 1, the world's carrier without limits, or 2.
func MakePlan(seed uint64, calls, faults, trunks int) Plan {
	r := rand.New(rand.NewPCG(seed, 0xC2C)) //nolint:gosec // repeatable on purpose
	p := Plan{Mode: modes[seed%2], Pair: seed/2%2 == 1}
	if trunks > 1 {
		p.Trunks, p.First, p.Last, p.QueueWait = trunks, Limits{Lines: 4, PerSecond: 1}, Limits{Lines: 6, PerSecond: 2}, 15*time.Second
	}
	at := firstFault
	for range faults {
		f := Fault{At: at, For: between(r, shortestFault, longestFault), Strikes: strikes(r, targets(p.Pair))}
		switch long := r.IntN(4) == 0; {
		case f.has(Replace):
			f.For = between(r, shortestEmpty, longestEmpty)
		case long && (f.has(Pause) || f.has(Cut)):
			f.For = between(r, longestFault, longestPause)
		}
		p.Faults = append(p.Faults, f)
		at += f.For + between(r, shortestCalm, longestCalm)
	}
	for i := range calls {
		c := aCall(r, i, at*time.Duration(i)/time.Duration(calls))
		c.Agent = "agent-chaos"
		if p.Trunks > 0 {
			c.Agent, c.Stays = fmt.Sprintf("agent-%02d", i%agents), i%3 != 0
		}
		p.Calls = append(p.Calls, c)
	}
	return p
}

// The crowd's trunk, and how much faster than it can carry them the callers come.
const (
	crowdLines, crowdPerSecond = 10, 3
	crowdComes                 = 8 // callers a second
	crowdLeaves                = 1 // a second, at the least
)

// MakeCrowd has callers come all at once to a trunk of ten lines and three INVITEs a second, while each worker and each api is killed every
// few seconds. Nothing else breaks, so that what the carrier sees is what the product did.
func MakeCrowd(seed uint64, callers int) Plan {
	r := rand.New(rand.NewPCG(seed, 0xC20)) //nolint:gosec // repeatable on purpose
	lasts := time.Duration(callers) * time.Second / crowdLeaves
	p := Plan{
		Mode: modes[seed%2], Trunks: 1, First: Limits{Lines: crowdLines, PerSecond: crowdPerSecond}, QueueWait: 10 * time.Minute,
		Strict: true, Patience: lasts + time.Minute,
	}
	for i := range callers {
		c := CallPlan{At: time.Duration(i) * time.Second / crowdComes, Part: CustomerHangsUp, DID: fmt.Sprintf("+9180%08d", i)}
		c.Agent, c.Silent, c.Number = fmt.Sprintf("agent-%04d", i), true, carrier.Number("210", 500*time.Millisecond, between(r, time.Second, 6*time.Second))
		p.Calls = append(p.Calls, c)
	}
	for at := firstFault; at < lasts*3/4; {
		f := Fault{At: at, For: between(r, shortestFault, shortestCalm), Strikes: []Strike{{Kill, Worker}}}
		if r.IntN(3) == 0 {
			f.Strikes = append(f.Strikes, Strike{Kill, API})
		}
		p.Faults = append(p.Faults, f)
		at += f.For + between(r, shortestCalm, 2*longestCalm)
	}
	return p
}

// strikes breaks one part, and every third time two.
func strikes(r *rand.Rand, from []breakable) []Strike {
	first := strike(r, from)
	if r.IntN(3) != 0 {
		return []Strike{first}
	}
	for {
		if second := strike(r, from); second.Target != first.Target {
			return []Strike{first, second}
		}
	}
}

func (f Fault) has(a Action) bool {
	return slices.ContainsFunc(f.Strikes, func(s Strike) bool { return s.Action == a })
}

func strike(r *rand.Rand, from []breakable) Strike {
	t := from[r.IntN(len(from))]
	return Strike{Target: t.name, Action: t.actions[r.IntN(len(t.actions))]}
}

// parts of calls: most calls are answered.
var parts = slices.Concat(
	slices.Repeat([]Part{CustomerHangsUp}, 5), slices.Repeat([]Part{AgentHangsUp}, 4), slices.Repeat([]Part{Refused}, 3),
	[]Part{RingsOut, AgentCancels, AgentVanishes, TabCloses, NeverConnects, Held, Odd, Odd},
)

// odd scenarios are in lab/carrier/README.md.
var odd = []string{"901", "902", "903", "904", "905", "906", "907", "908", "909", "910", "911", "912", "184", "185", "205", "206", "207", "208", "209", "212"}

var refusals = []string{"486", "603", "404", "480", "503", "403", "000"}

func aCall(r *rand.Rand, i int, at time.Duration) CallPlan {
	c := CallPlan{At: at, Part: parts[r.IntN(len(parts))], DID: fmt.Sprintf("+9180%08d", i), Acts: between(r, 0, 8*time.Second)}
	ring := between(r, 0, 4*time.Second)
	switch c.Part {
	case CustomerHangsUp:
		c.Number = carrier.Number("200", ring, between(r, time.Second, 9*time.Second))
	case Refused:
		c.Number = carrier.Number(refusals[r.IntN(len(refusals))], ring, 0)
	case Held:
		c.Number = carrier.Number([]string{"203", "204"}[r.IntN(2)], ring, between(r, 4*time.Second, 18*time.Second))
	case Odd:
		c.Number = carrier.Number(odd[r.IntN(len(odd))], ring, between(r, time.Second, 6*time.Second))
	case RingsOut, AgentCancels:
		c.Number = carrier.Number("180", 0, 0)
	default:
		c.Number = carrier.Number("200", ring, 0)
	}
	return c
}

func between(r *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(r.Int64N(int64(high-low)))
}
