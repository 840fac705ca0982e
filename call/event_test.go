package call_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

// TestEventBytes compares each event with its golden file: receivers depend on every byte's meaning.
func TestEventBytes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 9, 30, 0, 123_456_789, time.UTC)
	later := at.Add(8 * time.Second)
	c := call.Call{
		ID: "c2c_abcdefghijklmnopqrstuvwxyz", CaseID: "LOAN-1", CustomerCRMID: "crm-7", AgentID: "agent-1", CustomerNumber: "9530251797", DID: "+912233445566",
		TrunkID: "trk_1", Status: call.StatusCreated, CreatedAt: at,
	}
	ended := call.FromSIPCode(486)
	ended.RingSeconds, ended.EndedAt = 8, later
	events := map[call.EventType]func(call.EventType) ([]byte, error){
		call.EventCallCreated: func(e call.EventType) ([]byte, error) { return call.NewProgressEvent(e, at, c, 1) },
		call.EventCallQueued: func(e call.EventType) ([]byte, error) {
			c.Status, c.ConnectedAt = call.StatusQueued, &at
			return call.NewProgressEvent(e, at, c, 2)
		},
		call.EventCallRinging: func(e call.EventType) ([]byte, error) {
			c.Status, c.ConnectedAt = call.StatusRinging, &at
			return call.NewProgressEvent(e, at, c, 3)
		},
		call.EventCallAnswered: func(e call.EventType) ([]byte, error) {
			c.Status, c.ConnectedAt, c.AnsweredAt = call.StatusAnswered, &at, &later
			return call.NewProgressEvent(e, later, c, 4)
		},
		call.EventCallEnded: func(call.EventType) ([]byte, error) {
			return call.NewEndedEvent(c, ended, c.ID.EventIDFor("ep_ABC"), 5)
		},
		call.EventTrunkDegraded: func(e call.EventType) ([]byte, error) {
			return call.NewTrunkEvent(e, at, "trk_1", "Mumbai", "8 of its last 10 dials failed for its own sake.")
		},
		call.EventTrunkRecovered: func(e call.EventType) ([]byte, error) { return call.NewTrunkEvent(e, at, "trk_1", "Mumbai", "") },
	}
	for _, e := range call.EventTypes() {
		c.Status, c.ConnectedAt, c.AnsweredAt = call.StatusCreated, nil, nil
		got, err := events[e](e)
		require.NoError(t, err)
		want, err := os.ReadFile("testdata/event_" + string(e) + ".json")
		require.NoError(t, err)
		require.Equal(t, string(want), string(got)+"\n", e)
	}
}

func TestEventPatterns(t *testing.T) {
	t.Parallel()
	for pattern, names := range map[string]int{
		"*": 7, "call.*": 5, "trunk.*": 2, "call.ended": 1, "call": 0, "call.": 0, "call*": 0, "cal*": 0, ".*": 0, "": 0, "call.e*": 0, "call.ended.*": 0, "**": 0,
	} {
		n := 0
		for _, e := range call.EventTypes() {
			if e.Matches(pattern) {
				n++
			}
		}
		require.Equal(t, names, n, pattern)
		require.Equal(t, names > 0, call.NamesEvents(pattern), pattern)
	}
}
