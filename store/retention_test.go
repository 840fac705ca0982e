package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const day = 24 * time.Hour

// addDelivered makes a call whose outcome arrived at its second attempt, with the contract's body.
func addDelivered(t *testing.T, s *store.Store, trunk call.Trunk, number string, at time.Time) call.Call {
	t.Helper()
	hasEndpoint(t, s)
	c := newCall(trunk, at)
	c.CustomerNumber, c.CustomerCRMID = number, `crm "1" é`
	addCall(t, s, c)
	require.NoError(t, s.AppendEntry(t.Context(), c.ID, call.Entry{At: at, Source: call.SourceTimer, Name: "noted"}))
	outcome := busy(at.Add(time.Minute))
	body, err := call.NewPayload(c, outcome)
	require.NoError(t, err)
	recorded, err := s.RecordOutcome(t.Context(), c.ID, outcome, nil, nil, body)
	require.NoError(t, err)
	require.True(t, recorded)
	d := store.Delivery{EventID: c.ID.EventID()}
	require.NoError(t, s.SaveAttempt(t.Context(), someAttempt(d, 1)))
	require.NoError(t, s.SaveAttempt(t.Context(), taken(d, 2)))
	return c
}

// kept says what is left of a call.
func kept(t *testing.T, s *store.Store, c call.Call) string {
	t.Helper()
	read, err := s.Call(t.Context(), c.ID)
	if err != nil {
		require.ErrorIs(t, err, store.ErrNotFound)
		return "nothing"
	}
	timeline, err := s.Timeline(t.Context(), c.ID)
	require.NoError(t, err)
	attempts, err := s.Attempts(t.Context(), c.ID.EventID())
	require.NoError(t, err)
	answered := 0
	for _, a := range attempts {
		answered += len(a.ResponseBody) + len(a.ResponseHeaders)
	}
	d, err := s.DeliveryOfCall(t.Context(), c.ID)
	require.NoError(t, err)
	require.NotNil(t, read.Outcome, "the outcome stays")
	require.Contains(t, string(d.Body), `"agent_id":"agent-1"`)
	if read.CustomerNumber == "" {
		require.Contains(t, string(d.Body), `"phone_to":""`)
		require.NotContains(t, string(d.Body), c.CustomerNumber)
	}
	return fmt.Sprintf("number %t, crm id %t, timeline %t, attempts %d, answers %t",
		read.CustomerNumber != "", read.CustomerCRMID != "", len(timeline) > 0, len(attempts), answered > 0)
}

const all = "number true, crm id true, timeline true, attempts 2, answers true"

func testPurge(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	now := begin.Add(400 * day)
	placed := func(ago time.Duration) call.Call { return addDelivered(t, s, trunk, "9530251797", now.Add(-ago)) }
	ten, forty, hundred, year := placed(10*day), placed(40*day), placed(100*day), placed(399*day)
	live := addCall(t, s, newCall(trunk, now.Add(-399*day)))
	waits := addCall(t, s, newCall(trunk, now.Add(-399*day)))
	endCall(t, s, waits)
	require.NoError(t, s.Purge(ctx, now, store.Retention{}))
	for _, c := range []call.Call{ten, forty, hundred, year} {
		require.Equal(t, all, kept(t, s, c), "0 keeps for ever")
	}
	keep := store.Retention{Responses: 5 * day, Attempts: 30 * day, Timelines: 30 * day, Numbers: 90 * day, Calls: 365 * day}
	for range 2 {
		require.NoError(t, s.Purge(ctx, now, keep))
		require.Equal(t, "number true, crm id true, timeline true, attempts 2, answers false", kept(t, s, ten))
		require.Equal(t, "number true, crm id true, timeline false, attempts 0, answers false", kept(t, s, forty))
		require.Equal(t, "number false, crm id true, timeline false, attempts 0, answers false", kept(t, s, hundred))
		require.Equal(t, "nothing", kept(t, s, year))
	}
	_, err := s.Call(ctx, live.ID)
	require.NoError(t, err, "a call that lives is not purged")
	read, err := s.Call(ctx, waits.ID)
	require.NoError(t, err)
	require.NotEmpty(t, read.CustomerNumber, "an outcome that is on its way keeps its call and its bytes")

	require.NoError(t, s.SaveAttempt(ctx, func() store.Attempt { // of a replay, long after its call was gone through
		a := someAttempt(store.Delivery{EventID: forty.ID.EventID()}, 1)
		a.Trigger, a.ReplayID, a.NextAttemptAt = store.TriggerReplay, "rpl_1", nil
		return a
	}()))
	require.NoError(t, s.Purge(ctx, now.Add(8*day), keep))
	require.Contains(t, kept(t, s, forty), "attempts 0")
}

// testPurgeInBatches has more calls than a batch, many of them of one moment.
func testPurgeInBatches(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	now := begin.Add(400 * day)
	var calls []call.Call
	for i := range 450 {
		at := begin
		if i > 250 {
			at = begin.Add(time.Duration(i) * time.Second)
		}
		calls = append(calls, addDelivered(t, s, trunk, "9530251797", at))
	}
	require.NoError(t, s.Purge(t.Context(), now, store.Retention{Numbers: 90 * day}))
	for _, c := range calls {
		read, err := s.Call(t.Context(), c.ID)
		require.NoError(t, err)
		require.Empty(t, read.CustomerNumber)
	}
}

func testPurgeAudit(t *testing.T, s *store.Store) {
	for i := range 30 {
		require.NoError(t, s.AppendAudit(t.Context(), store.AuditEntry{At: begin.Add(time.Duration(i) * day), UserName: "asha", Action: "login"}))
	}
	require.NoError(t, s.Purge(t.Context(), begin.Add(30*day), store.Retention{Audit: 10 * day}))
	page, err := s.AuditLog(t.Context(), store.AuditFilter{})
	require.NoError(t, err)
	require.Len(t, page.Entries, 10)
}

func testEraseCustomer(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	theirs, others := addDelivered(t, s, trunk, "9530251797", begin), addDelivered(t, s, trunk, "9530251798", begin)
	waiting := addCall(t, s, newCall(trunk, begin.Add(time.Hour)))
	before, err := s.ListCalls(ctx, store.CallFilter{CallStatus: call.NotAnswered})
	require.NoError(t, err)
	require.Len(t, before.Calls, 2)

	done, err := s.EraseCustomer(ctx, "9530251797")
	require.NoError(t, err)
	require.Equal(t, store.Erased{Calls: 1, Left: 1}, done, "the live call keeps its number: it may still be dialed")
	require.Equal(t, "number false, crm id false, timeline false, attempts 2, answers false", kept(t, s, theirs))
	require.Equal(t, all, kept(t, s, others))
	d, err := s.DeliveryOfCall(ctx, theirs.ID)
	require.NoError(t, err)
	require.Contains(t, string(d.Body), `"customer_crm_id":""`)
	require.Contains(t, string(d.Body), `"call_status":"NOT_ANSWERED"`)
	found, err := s.ListCalls(ctx, store.CallFilter{NumberSuffix: "9530251797"})
	require.NoError(t, err)
	require.Len(t, found.Calls, 1)
	require.Equal(t, waiting.ID, found.Calls[0].ID)
	after, err := s.ListCalls(ctx, store.CallFilter{CallStatus: call.NotAnswered})
	require.NoError(t, err)
	require.Len(t, after.Calls, 2, "statistics stay")

	done, err = s.EraseCustomer(ctx, "9530251797")
	require.NoError(t, err)
	require.Equal(t, store.Erased{Left: 1}, done)
}
