package chaos_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
	"github.com/click2call/click2call/lab/chaos"
	"github.com/click2call/click2call/lab/crm"
)

func goodEntry() chaos.Entry {
	body := []byte(`{"call_status":"ANSWERED","disconnect_reason":"agent_hangup"}`)
	return chaos.Entry{
		Call:     "c2c_1",
		Record:   chaos.Record{CallID: "c2c_1", Status: "ended", CallStatus: "ANSWERED", Reason: "agent_hangup"},
		Webhooks: []crm.Request{{ID: "evt_1", Body: body, Status: 500}, {ID: "evt_1", Body: body, Status: 200, Verified: true}},
		Lines:    []chaos.Line{{Call: carrier.Call{ID: "a", Invites: 1, State: carrier.StateDown}, At: "one"}},
	}
}

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// goodBooks are of an agent's two calls, one after the other, and of a carrier who had both within a second: the product had the lines of
// both at once.
func goodBooks() chaos.Books {
	first, second := goodEntry(), goodEntry()
	first.Agent, first.Accepted, first.Record.EndedAt = "agent-01", noon, noon.Add(2*time.Minute)
	second.Agent, second.Accepted, second.Record.EndedAt = "agent-01", noon.Add(3*time.Minute), noon.Add(4*time.Minute)
	dial := func(after time.Duration) chaos.Dial {
		at := noon.Add(after)
		return chaos.Dial{
			Line:    chaos.Line{Call: carrier.Call{InvitedAt: at, DownAt: at.Add(time.Minute)}, At: "one"},
			Attempt: chaos.Attempt{CallID: "c2c_1", Claimed: at, Released: at.Add(time.Minute)},
		}
	}
	return chaos.Books{Asked: 2, Entries: []chaos.Entry{first, second}, Carriers: []chaos.CarrierBook{{
		Name: "one", Limits: chaos.Limits{Lines: 2, PerSecond: 2}, Dials: []chaos.Dial{dial(900 * time.Millisecond), dial(0)},
	}}}
}

// dialAgain has a carrier refuse the first INVITE of a call, and another one follow.
func dialAgain(b *chaos.Books, at string, code int) {
	first := &b.Entries[0].Lines[0]
	first.InvitedAt, first.FinalCode, first.Why = noon, code, carrier.WhyRefused
	second := chaos.Line{Call: carrier.Call{ID: "b", Invites: 1, State: carrier.StateDown, InvitedAt: noon.Add(time.Second)}, At: at}
	b.Entries[0].Lines = append(b.Entries[0].Lines, second)
}

// TestAnotherTrunkMayBeTried: two INVITEs for a call are right where the first carrier said that no phone rang, or nothing at all.
func TestAnotherTrunkMayBeTried(t *testing.T) {
	t.Parallel()
	b := goodBooks()
	dialAgain(&b, "two", 503)
	require.Empty(t, b.Findings())
	b.Entries[0].Lines[0].FinalCode, b.Entries[0].Lines[0].Why = 0, carrier.WhySwallowed
	require.Empty(t, b.Findings())
}

// TestWhatOthersDidIsNotTheProducts: LiveKit's SIP service holds a line for longer than its call, and is slow with an INVITE. Where
// nothing of LiveKit's was broken both count.
func TestWhatOthersDidIsNotTheProducts(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*chaos.CarrierBook){
		"line too many":    func(c *chaos.CarrierBook) { c.Limits.Lines, c.Dials[1].Released = 1, noon.Add(time.Second/2) },
		"burst of INVITEs": func(c *chaos.CarrierBook) { c.Limits.PerSecond, c.Dials[1].Claimed = 1, noon.Add(-2*time.Second) },
	} {
		b := goodBooks()
		spoil(&b.Carriers[0])
		require.Empty(t, b.Findings(), name)
		b.Carriers[0].Strict = true
		findings := b.Findings()
		require.Len(t, findings, 1, name)
		require.Equal(t, name, findings[0].Column)
	}
}

func TestGoodBooksAgree(t *testing.T) {
	t.Parallel()
	require.Empty(t, goodBooks().Findings())
}

// TestEachWrongIsFound: what a broken product would leave in the books.
func TestEachWrongIsFound(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, tc := range map[string]struct {
		spoil  func(*chaos.Books)
		column string
	}{
		"a call that hangs":         {func(b *chaos.Books) { b.Entries[0].Record.Status = "answered" }, "still open"},
		"an end without an outcome": {func(b *chaos.Books) { b.Entries[0].Record.Reason = "" }, "no outcome"},
		"a webhook never sent":      {func(b *chaos.Books) { b.Entries[0].Webhooks = nil }, "webhook lost"},
		"a webhook never accepted":  {func(b *chaos.Books) { b.Entries[0].Webhooks = b.Entries[0].Webhooks[:1] }, "webhook lost"},
		"a second outcome":          {func(b *chaos.Books) { b.Entries[0].Webhooks[0].ID = "evt_2" }, "two events"},
		"another body of one event": {func(b *chaos.Books) { b.Entries[0].Webhooks[0].Body = []byte("{}") }, "bytes differ"},
		"a record that was changed": {func(b *chaos.Books) { b.Entries[0].Record.Reason = "customer_hangup" }, "webhook contradicts"},
		"a second dial":             {func(b *chaos.Books) { dialAgain(b, "one", 503) }, "dialed twice"},
		"a dial after the customer": {func(b *chaos.Books) { dialAgain(b, "two", 486) }, "dialed twice"},
		"a second phone":            {func(b *chaos.Books) { dialAgain(b, "two", 500); b.Entries[0].Lines[0].RingingAt = noon }, "phones rung twice"},
		"a second INVITE":           {func(b *chaos.Books) { b.Entries[0].Lines[0].Invites = 2 }, "dialed twice"},
		"a phone off the hook":      {func(b *chaos.Books) { b.Entries[0].Lines[0].State = carrier.StateUp }, "line still up"},
		"a room for nobody":         {func(b *chaos.Books) { b.Rooms = []string{"c2c_1"} }, "room left over"},
		"a webhook out of the blue": {func(b *chaos.Books) { b.Webhooks = []crm.Request{{CallID: "c2c_2"}} }, "webhook of a refused call"},
		"an eleventh line":          {func(b *chaos.Books) { b.Carriers[0].Limits.Lines = 1 }, "line too many"},
		"a fourth INVITE":           {func(b *chaos.Books) { b.Carriers[0].Limits.PerSecond = 1 }, "burst of INVITEs"},
		"a line of nobody":          {func(b *chaos.Books) { b.Carriers[0].Held = []chaos.Attempt{{CallID: "c2c_1"}} }, "line not given back"},
		"an agent with two calls":   {func(b *chaos.Books) { b.Entries[1].Accepted = noon.Add(time.Minute) }, "two calls of an agent"},
		"an agent who may not call": {func(b *chaos.Books) { b.Busy = []string{"agent-01"} }, "agent locked out"},
		"a trunk of no use":         {func(b *chaos.Books) { b.Open = []string{"one"} }, "breaker stuck"},
		"a dial after the refusal":  {func(b *chaos.Books) { b.Lines = []chaos.Line{{Call: carrier.Call{Number: "9"}}} }, "dial of a refused call"},
	} {
		seen[tc.column] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := goodBooks()
			tc.spoil(&b)
			findings := b.Findings()
			require.NotEmpty(t, findings)
			var out strings.Builder
			b.Print(&out)
			for _, f := range findings {
				require.Contains(t, chaos.Columns(), f.Column)
				require.Contains(t, out.String(), "WRONG "+f.Column)
			}
			require.Equal(t, tc.column, findings[0].Column)
		})
	}
	for _, column := range chaos.Columns() {
		require.True(t, seen[column], "nothing here makes %q", column)
	}
}
