package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/carrier"
)

// firstCarrier stands before the world's carrier in the order of the trunks, and does with a number what a test says.
type firstCarrier struct {
	*carrier.Carrier

	plays map[string]carrier.Plan // complete before the first call
}

func (f *firstCarrier) plan(number string) carrier.Plan {
	return f.plays[number]
}

func (s *site) firstCarrier(t *testing.T, o *console) *firstCarrier {
	t.Helper()
	f := &firstCarrier{plays: map[string]carrier.Plan{}}
	f.Carrier = carrier.New(carrier.Config{SIPAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Plan: f.plan, Logger: zerolog.Nop()})
	require.NoError(t, f.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, f.Close()) })
	id, err := s.NewTrunk(t.Context(), &livekit.SIPOutboundTrunkInfo{
		Name: "first", Address: f.SIPAddr(), Numbers: []string{"+912233445566"}, Transport: livekit.SIPTransport_SIP_TRANSPORT_UDP,
	})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, o.do(http.MethodPost, "/trunks", map[string]any{
		"label": "first", "livekit_trunk_id": id, "prefix": "", "default_did": "+912233445566", "default": true, "enabled": true}, nil))
	return f
}

// TestFailover has two carriers. The books of both say that another trunk is tried only where no phone can have rung.
func TestFailover(t *testing.T) {
	t.Parallel()
	s := open(t, setting{})
	o := s.console(t)
	first := s.firstCarrier(t, o)
	for i, tc := range []struct {
		name  string
		plays string // by the first carrier
		want  outcome
		stays bool // the page, when the leg leaves; the one of the document hangs up
		both  bool // the other one is tried, and answers
	}{
		{"503 at once", carrier.Number("503", 0, 0), customerHangup, true, true},
		{"403 at once", carrier.Number("403", 0, 0), customerHangup, true, true},
		{"500 after it rang", carrier.Number("500", 2*time.Second, 0), outcome{"FAILED", "trunk_unavailable", 500, "system"}, true, false},
		{"486 at once", carrier.Number("486", 0, 0), busyHere, true, false},
		{"503 and a page that hangs up", carrier.Number("503", 0, 0), outcome{"FAILED", "trunk_unavailable", 503, "system"}, false, false},
	} {
		number := carrier.Number("210", time.Second, 2*time.Second+time.Duration(i)*time.Second/10) // one of its own
		first.plays[number] = carrier.PlanFor(tc.plays)
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := s.call(t, number)
			c.HangUpOnDrop = !tc.stays
			c.join().endAs(tc.want, ending{none: !tc.both, tried: tc.both})
			require.Equal(t, 1, first.Number(number).Invites, "INVITEs at the first carrier")
			var detail struct {
				Attempts []struct{ Trunk, Rang string }
			}
			o.get("/calls/"+c.placed.CallID, &detail)
			require.Len(t, detail.Attempts, map[bool]int{false: 1, true: 2}[tc.both])
			require.Equal(t, "first", detail.Attempts[0].Trunk)
		})
	}
}
