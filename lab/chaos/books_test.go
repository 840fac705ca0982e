package chaos_test

import (
	"strings"
	"testing"

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
		Lines:    []carrier.Call{{ID: "a", Invites: 1, State: carrier.StateDown}},
	}
}

func TestGoodBooksAgree(t *testing.T) {
	t.Parallel()
	require.Empty(t, chaos.Books{Asked: 2, Entries: []chaos.Entry{goodEntry()}}.Findings())
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
		"a second dial":             {func(b *chaos.Books) { b.Entries[0].Lines = append(b.Entries[0].Lines, b.Entries[0].Lines[0]) }, "dialed twice"},
		"a second INVITE":           {func(b *chaos.Books) { b.Entries[0].Lines[0].Invites = 2 }, "dialed twice"},
		"a phone off the hook":      {func(b *chaos.Books) { b.Entries[0].Lines[0].State = carrier.StateUp }, "line still up"},
		"a room for nobody":         {func(b *chaos.Books) { b.Rooms = []string{"c2c_1"} }, "room left over"},
		"a webhook out of the blue": {func(b *chaos.Books) { b.Webhooks = []crm.Request{{CallID: "c2c_2"}} }, "webhook of a refused call"},
		"a dial after the refusal":  {func(b *chaos.Books) { b.Lines = []carrier.Call{{Number: "9"}} }, "dial of a refused call"},
	} {
		seen[tc.column] = true
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := chaos.Books{Asked: 1, Entries: []chaos.Entry{goodEntry()}}
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
