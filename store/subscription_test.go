package store_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// subscribe adds an endpoint beside the default one.
func subscribe(t *testing.T, s *store.Store, filter store.EventFilter, types ...string) store.Endpoint {
	t.Helper()
	hasEndpoint(t, s)
	e, err := s.AddEndpoint(t.Context(), store.EndpointTarget{URL: ptr("https://more.example.com/hook"), EventTypes: types, Filter: &filter})
	require.NoError(t, err)
	require.False(t, e.Default)
	return e
}

func testFurtherEndpoints(t *testing.T, s *store.Store) {
	ctx := t.Context()
	target := store.EndpointTarget{
		URL: ptr("https://more.example.com/hook"), Name: ptr("reports"), EventTypes: []string{"call.*"}, Filter: &store.EventFilter{AgentPrefix: "team-a"},
		Schedule: []time.Duration{0, time.Minute}, MaxPerSecond: ptr(5), Headers: map[string]string{"X-Tenant": "a"},
	}
	further, err := s.AddEndpoint(ctx, target)
	require.NoError(t, err)
	require.False(t, further.Default, "it is not where outcomes go, though there is no such place yet")
	_, err = s.DefaultEndpoint(ctx)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.Equal(t, store.Subscription{EventTypes: target.EventTypes, Filter: *target.Filter, Schedule: target.Schedule, MaxPerSecond: 5}, further.Subscription)
	require.Equal(t, []any{"reports", target.Headers}, []any{further.Name, further.Headers})
	require.NoError(t, s.Seed(ctx, store.Seed{WebhookURL: "https://crm.example.com"}))
	first, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err, "a first start sets the default one all the same")

	for field, wrong := range map[string]store.EndpointTarget{
		"event_types":          {EventTypes: []string{"call.sung"}},
		"filter.call_statuses": {Filter: &store.EventFilter{CallStatuses: []call.CallStatus{"PERHAPS"}}},
		"schedule_seconds":     {Schedule: []time.Duration{time.Minute}},
		"max_per_second":       {MaxPerSecond: ptr(-1)},
	} {
		_, err := s.ChangeEndpoint(ctx, further.ID, wrong)
		require.ErrorIs(t, err, store.ErrInvalid, field)
		require.ErrorContains(t, err, field)
	}
	_, err = s.ChangeEndpoint(ctx, further.ID, store.EndpointTarget{EventTypes: []string{}})
	require.ErrorContains(t, err, "event_types must name at least one")
	for field, wrong := range map[string]store.EndpointTarget{
		"event_types": {EventTypes: []string{"*"}}, "filter": {Filter: &store.EventFilter{AgentPrefix: "team-a"}},
	} {
		_, err := s.ChangeEndpoint(ctx, first.ID, wrong)
		require.ErrorContains(t, err, field+" cannot be", "the default endpoint stays as the contract has it")
	}
	changed, err := s.ChangeEndpoint(ctx, further.ID, store.EndpointTarget{EventTypes: []string{"*"}, Schedule: []time.Duration{}})
	require.NoError(t, err)
	want := further
	want.EventTypes, want.Schedule = []string{"*"}, nil
	require.Equal(t, want, changed, "all else stays")
	all, err := s.Endpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{first.ID, further.ID}, []string{all[0].ID, all[1].ID})

	require.ErrorIs(t, s.RemoveEndpoint(ctx, first.ID), store.ErrConflict)
	require.ErrorIs(t, s.RemoveEndpoint(ctx, "ep_unknown"), store.ErrNotFound)
}

// testOutcomeForEach ends calls and looks who hears of them.
func testOutcomeForEach(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	everything := subscribe(t, s, store.EventFilter{}, "*")
	subscribe(t, s, store.EventFilter{}, "call.ringing", "trunk.*")
	subscribe(t, s, store.EventFilter{TrunkIDs: []string{"trk_other"}}, "call.ended")
	subscribe(t, s, store.EventFilter{AgentPrefix: "nobody"}, "call.ended")
	subscribe(t, s, store.EventFilter{CallStatuses: []call.CallStatus{call.Answered}}, "call.ended")
	fitting := subscribe(t, s, store.EventFilter{TrunkIDs: []string{trunk.ID}, AgentPrefix: "agent", CallStatuses: []call.CallStatus{call.NotAnswered}}, "call.ended")
	paused := subscribe(t, s, store.EventFilter{}, "call.ended")
	_, err := s.ChangeEndpoint(ctx, paused.ID, store.EndpointTarget{State: ptr(store.EndpointPaused)})
	require.NoError(t, err)

	c := newCall(trunk, begin)
	c.AgentID = "agent-7"
	c = addCall(t, s, c)
	endCall(t, s, c)
	deliveries, err := s.DeliveriesOfCall(ctx, c.ID)
	require.NoError(t, err)
	got := map[string]store.DeliveryState{}
	ids := map[string]bool{}
	for _, d := range deliveries {
		got[d.EndpointID], ids[d.EventID] = d.State, true
	}
	require.Equal(t, c.ID.EventID(), deliveries[0].EventID, "the default endpoint's comes first")
	require.Equal(t, map[string]store.DeliveryState{
		deliveries[0].EndpointID: store.DeliveryPending, everything.ID: store.DeliveryPending, fitting.ID: store.DeliveryPending, paused.ID: store.DeliveryParked,
	}, got)
	require.Len(t, ids, 4, "each has an id of its own")
	first, err := s.DeliveryOfCall(ctx, c.ID)
	require.NoError(t, err)
	require.Equal(t, bodyOf(c), first.Body, "the default endpoint's bytes are those of ever")

	at := slices.IndexFunc(deliveries, func(d store.Delivery) bool { return d.EndpointID == fitting.ID })
	theirs, err := s.Delivery(ctx, deliveries[at].EventID)
	require.NoError(t, err)
	var told struct {
		Type string
		Data struct {
			CallID     string `json:"call_id"`
			EventID    string `json:"event_id"`
			CallStatus string `json:"call_status"`
			Sequence   int    `json:"sequence"`
		}
	}
	require.NoError(t, json.Unmarshal(theirs.Body, &told))
	require.Equal(t, []any{"call.ended", string(c.ID), theirs.EventID, "NOT_ANSWERED"}, []any{told.Type, told.Data.CallID, told.Data.EventID, told.Data.CallStatus})
	require.Equal(t, 2, told.Data.Sequence, "after call.created")

	again, err := s.RecordOutcome(ctx, c.ID, busy(begin), nil, nil, bodyOf(c))
	require.NoError(t, err)
	require.False(t, again)
	after, err := s.DeliveriesOfCall(ctx, c.ID)
	require.NoError(t, err)
	require.Equal(t, deliveries, after, "a second try makes none")

	sums, err := s.LedgerSums(ctx, begin.Add(-time.Hour))
	require.NoError(t, err)
	require.True(t, sums.Balanced(), "%+v", sums)
	require.Equal(t, []int{1, 1}, []int{sums.Outcomes, sums.Waiting}, "an outcome counts once, however many hear of it")
	var paged []string
	for cursor, more := "", true; more; more = cursor != "" {
		page, err := s.ListDeliveries(ctx, store.DeliveryFilter{Limit: 1, Cursor: cursor})
		require.NoError(t, err)
		for _, d := range page.Deliveries {
			paged = append(paged, d.EventID)
		}
		cursor = page.Next
	}
	require.Len(t, paged, 4, "a list's pages name each once: %s", paged)
	over, err := s.OverSince(ctx, begin.Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, []call.ID{c.ID}, over)
}

// testRemovedEndpoint takes away an endpoint with deliveries on their way, one of which is being posted.
func testRemovedEndpoint(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	gone := subscribe(t, s, store.EventFilter{}, "call.ended")
	first, second := addCall(t, s, newCall(trunk, begin)), addCall(t, s, newCall(trunk, begin))
	endCall(t, s, first)
	fail(t, s, gone.ID)
	_, _, err := s.RecordResult(ctx, gone.ID, store.EndpointResult{At: begin, EventID: "evt_1", Gone: true})
	require.NoError(t, err)
	require.NoError(t, s.RemoveEndpoint(ctx, gone.ID))
	require.ErrorIs(t, s.RemoveEndpoint(ctx, gone.ID), store.ErrNotFound)
	eventID := first.ID.EventIDFor(gone.ID)
	d, err := s.TakeUp(ctx, eventID, "another run")
	require.NoError(t, err)
	require.Equal(t, []any{store.DeliveryDead, "the endpoint was removed"}, []any{d.State, d.LastError}, "nobody revives it")
	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 1)), "one that was under way")
	d, err = s.TakeUp(ctx, eventID, "another run")
	require.NoError(t, err)
	require.Equal(t, store.DeliveryDead, d.State)
	endCall(t, s, second)
	deliveries, err := s.DeliveriesOfCall(ctx, second.ID)
	require.NoError(t, err)
	require.Len(t, deliveries, 1, "it hears of nothing more")
	_, err = s.Endpoint(ctx, gone.ID)
	require.ErrorIs(t, err, store.ErrRemoved)
	require.ErrorIs(t, err, store.ErrNotFound)
	all, err := s.Endpoints(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
	waiting, err := s.WaitingEndpoints(ctx)
	require.NoError(t, err)
	require.Empty(t, waiting)
	counts, err := s.CountEndpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, store.EndpointCounts{Well: 1}, counts)
}

// testEraseCustomerFromAll: each of a call's deliveries holds the number. It used to be taken out of the first one only, after which the
// others could not be found by it any more.
func testEraseCustomerFromAll(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	e := subscribe(t, s, store.EventFilter{}, "call.ended")
	theirs := addDelivered(t, s, trunk, "9530251797", begin)
	done, err := s.EraseCustomer(ctx, "9530251797")
	require.NoError(t, err)
	require.Equal(t, store.Erased{Left: 1}, done, "one of its webhooks is on its way")
	further, err := s.Delivery(ctx, theirs.ID.EventIDFor(e.ID))
	require.NoError(t, err)
	require.Contains(t, string(further.Body), "9530251797")
	require.NoError(t, s.SaveAttempt(ctx, taken(further, 1)))
	done, err = s.EraseCustomer(ctx, "9530251797")
	require.NoError(t, err)
	require.Equal(t, store.Erased{Calls: 1}, done)
	deliveries, err := s.DeliveriesOfCall(ctx, theirs.ID)
	require.NoError(t, err)
	require.Len(t, deliveries, 2)
	for _, d := range deliveries {
		d, err := s.Delivery(ctx, d.EventID)
		require.NoError(t, err)
		require.NotContains(t, string(d.Body), "9530251797")
	}
}
