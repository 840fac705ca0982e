package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// hasEndpoint makes the endpoint ep_default unless there is a default one: without one, outcomes are parked.
func hasEndpoint(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.DefaultEndpoint(t.Context()); errors.Is(err, store.ErrNotFound) {
		require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint("ep_default")))
	}
}

// addDelivery ends a call and returns its delivery, which is pending.
func addDelivery(t *testing.T, s *store.Store) store.Delivery {
	t.Helper()
	hasEndpoint(t, s)
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	endCall(t, s, c)
	d, err := s.DeliveryOfCall(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c.ID.EventID(), d.EventID)
	require.Equal(t, bodyOf(c), d.Body)
	require.Equal(t, store.DeliveryPending, d.State)
	require.NotNil(t, d.NextAttemptAt)
	require.WithinDuration(t, time.Now(), *d.NextAttemptAt, time.Minute)
	return d
}

func testDeliveryStates(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	d := addDelivery(t, s)
	require.Equal(t, "ep_a", d.EndpointID)
	last := someAttempt(d, 1)
	last.NextAttemptAt, last.Run = nil, "run-1"
	for range 2 {
		require.NoError(t, s.SaveAttempt(ctx, last))
	}
	d.State, d.NextAttemptAt, d.Attempts, d.Automatic, d.Round = store.DeliveryDead, nil, 1, 1, 1
	d.LastStatus, d.LastError, d.LastClass = 503, last.Error, last.ErrorClass
	requireDelivery(t, s, d)
	replay := taken(d, 1)
	replay.Trigger, replay.ReplayID = store.TriggerReplay, "rpl_1"
	require.NoError(t, s.SaveAttempt(ctx, replay))
	late := someAttempt(d, 2)
	late.NextAttemptAt = nil
	require.NoError(t, s.SaveAttempt(ctx, late), "a late one takes nothing back")
	d.State, d.Attempts, d.Automatic, d.Round, d.Replays = store.DeliveryDelivered, 3, 2, 2, 1
	d.DeliveredAt = ptr(replay.StartedAt.Add(replay.Total))
	requireDelivery(t, s, d)

	_, err := s.Delivery(ctx, "evt_unknown")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func requireDelivery(t *testing.T, s *store.Store, want store.Delivery) {
	t.Helper()
	got, err := s.Delivery(t.Context(), want.EventID)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func someAttempt(d store.Delivery, n int) store.Attempt {
	return store.Attempt{
		EventID: d.EventID, N: n, Trigger: store.TriggerAutomatic, StartedAt: after(time.Duration(n) * time.Second),
		URL: "https://crm.example.com/hooks/calls", Status: 503, ErrorClass: "status", Error: "the CRM answered 503",
		RemoteAddr: "192.0.2.1:443", DNS: 1 * time.Millisecond, Connect: 2 * time.Millisecond, TLS: 3 * time.Millisecond,
		FirstByte: 4 * time.Millisecond, Total: 5 * time.Millisecond,
		RequestHeaders:  map[string][]string{"Webhook-Id": {d.EventID}},
		ResponseHeaders: map[string][]string{"Retry-After": {"7"}}, ResponseBody: []byte("later\x00\xff"),
		NextAttemptAt: ptr(after(time.Minute)),
	}
}

// taken is an attempt that the CRM took.
func taken(d store.Delivery, n int) store.Attempt {
	a := someAttempt(d, n)
	a.Status, a.ErrorClass, a.Error, a.NextAttemptAt, a.ResponseBody = 200, "", "", nil, nil
	a.ResponseHeaders = map[string][]string{}
	return a
}

func testAttempts(t *testing.T, s *store.Store) {
	ctx := t.Context()
	d := addDelivery(t, s)
	first, second := someAttempt(d, 1), taken(d, 2)
	require.NoError(t, s.SaveAttempt(ctx, first))
	repeated := first
	repeated.Error, repeated.N = "told otherwise", 2
	require.NoError(t, s.SaveAttempt(ctx, repeated))
	d.Attempts, d.Automatic, d.Round, d.LastStatus, d.LastError, d.LastClass, d.NextAttemptAt = 1, 1, 1, 503, first.Error, first.ErrorClass, first.NextAttemptAt
	requireDelivery(t, s, d)

	replay := someAttempt(d, 1)
	replay.Trigger, replay.ReplayID, replay.StartedAt, replay.NextAttemptAt, replay.Status = store.TriggerReplay, "rpl_1", after(time.Hour), nil, 500
	_, err := s.AttemptOfReplay(ctx, d.EventID, "rpl_1")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, s.SaveAttempt(ctx, replay))
	d.Attempts, d.Replays, d.LastStatus = 2, 1, 500
	requireDelivery(t, s, d) // a replay that fails leaves the schedule and its next attempt as they were
	got, err := s.AttemptOfReplay(ctx, d.EventID, "rpl_1")
	require.NoError(t, err)
	require.Equal(t, replay, got)
	_, err = s.AttemptOfReplay(ctx, d.EventID, "")
	require.ErrorIs(t, err, store.ErrNotFound, "automatic attempts have no replay")

	require.NoError(t, s.SaveAttempt(ctx, second))
	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 3)))
	attempts, err := s.Attempts(ctx, d.EventID)
	require.NoError(t, err)
	require.Equal(t, []store.Attempt{first, second, someAttempt(d, 3), replay}, attempts)
	delivery, err := s.Delivery(ctx, d.EventID)
	require.NoError(t, err)
	require.Equal(t, store.DeliveryDelivered, delivery.State)
	require.Nil(t, delivery.NextAttemptAt, "nothing is planned for a delivery that is done")

	unknown := first
	unknown.EventID = "evt_unknown"
	require.ErrorIs(t, s.SaveAttempt(ctx, unknown), store.ErrNotFound)
	for _, spoil := range []func(*store.Attempt){
		func(a *store.Attempt) { a.Trigger = "whim" },
		func(a *store.Attempt) { a.N = 0 },
		func(a *store.Attempt) { a.ReplayID = "rpl_1" },
		func(a *store.Attempt) { a.Trigger = store.TriggerProbe },
	} {
		bad := first
		spoil(&bad)
		require.ErrorIs(t, s.SaveAttempt(ctx, bad), store.ErrInvalid)
	}
}

// testAttemptsThatCross saves what a worker that was believed dead still has to say.
func testAttemptsThatCross(t *testing.T, s *store.Store) {
	ctx := t.Context()
	d := addDelivery(t, s)
	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 1)))
	same := taken(d, 1)
	same.StartedAt = after(time.Hour)
	require.NoError(t, s.SaveAttempt(ctx, same), "another attempt under the same number")
	attempts, err := s.Attempts(ctx, d.EventID)
	require.NoError(t, err)
	same.N = 2
	require.Equal(t, []store.Attempt{someAttempt(d, 1), same}, attempts)
	requireState(t, s, d.EventID, store.DeliveryDelivered)

	d = addDelivery(t, s)
	for i, a := range []store.Attempt{someAttempt(d, 1), taken(d, 2)} {
		a.Trigger, a.ReplayID, a.StartedAt, a.NextAttemptAt = store.TriggerReplay, "rpl_1", after(time.Duration(i)*time.Minute), nil
		require.NoError(t, s.SaveAttempt(ctx, a))
	}
	attempts, err = s.Attempts(ctx, d.EventID)
	require.NoError(t, err)
	require.Len(t, attempts, 1, "one attempt for one replay")
	requireState(t, s, d.EventID, store.DeliveryDelivered)
}

func requireState(t *testing.T, s *store.Store, eventID string, want store.DeliveryState) {
	t.Helper()
	d, err := s.Delivery(t.Context(), eventID)
	require.NoError(t, err)
	require.Equal(t, want, d.State)
}

func testProbesAreBounded(t *testing.T, s *store.Store) {
	d := addDelivery(t, s)
	for i := range 103 {
		a := someAttempt(d, i+1)
		a.Trigger, a.ReplayID, a.NextAttemptAt = store.TriggerProbe, fmt.Sprintf("probe-%d", i), nil
		require.NoError(t, s.SaveAttempt(t.Context(), a))
	}
	attempts, err := s.Attempts(t.Context(), d.EventID)
	require.NoError(t, err)
	require.Len(t, attempts, 100)
	require.Equal(t, 4, attempts[0].N)
	got, err := s.Delivery(t.Context(), d.EventID)
	require.NoError(t, err)
	require.Equal(t, 103, got.Probes)
}

func testAttemptsAreBounded(t *testing.T, s *store.Store) {
	d := addDelivery(t, s)
	a := someAttempt(d, 1)
	a.ResponseBody = make([]byte, 100<<10)
	a.Error, a.URL = strings.Repeat("é", 5000), "https://crm.example.com/"+strings.Repeat("x", 5000)
	a.ResponseHeaders = map[string][]string{"Long": {strings.Repeat("y", 5000)}}
	for i := range 200 {
		a.ResponseHeaders[fmt.Sprintf("X-%d", i)] = []string{"v"}
	}
	require.NoError(t, s.SaveAttempt(t.Context(), a))
	attempts, err := s.Attempts(t.Context(), d.EventID)
	require.NoError(t, err)
	got := attempts[0]
	require.True(t, got.Truncated)
	require.Len(t, got.ResponseBody, 64<<10)
	require.Len(t, got.ResponseHeaders, 100)
	require.LessOrEqual(t, len(got.Error), 2048)
	require.Len(t, got.URL, 2048)
}

// testDeliveryWithoutEndpoint has an outcome wait as a row until somebody sets the webhook URL.
func testDeliveryWithoutEndpoint(t *testing.T, s *store.Store) {
	ctx := t.Context()
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	endCall(t, s, c)
	event := c.ID.EventID()
	born := requireTakenUp(t, s, event, "run-1", store.DeliveryParked)
	require.Empty(t, born.EndpointID)
	require.Nil(t, born.NextAttemptAt, "nothing is due, and nothing polls")
	_, err := s.Endpoint(ctx, born.EndpointID)
	require.ErrorIs(t, err, store.ErrNotFound)
	waiting, err := s.WaitingEndpoints(ctx)
	require.NoError(t, err)
	require.Empty(t, waiting)
	counts, err := s.CountDeliveries(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, counts.Parked)

	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_late")))
	e, err := s.Endpoint(ctx, born.EndpointID)
	require.NoError(t, err)
	require.Equal(t, "ep_late", e.ID)
	waiting, err = s.WaitingEndpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, []store.WaitingEndpoint{{ID: "ep_late"}}, waiting)
	for _, want := range []int{1, 0} {
		n, err := s.AdoptParked(ctx, "ep_late", 10)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	leased, err := s.LeaseParked(ctx, "ep_late", "drain", time.Minute, 10)
	require.NoError(t, err)
	require.Len(t, leased, 1)
	require.Equal(t, event, leased[0].EventID)
}
