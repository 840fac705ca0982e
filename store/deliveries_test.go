package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// addDelivery ends a call and returns its delivery.
func addDelivery(t *testing.T, s *store.Store) store.Delivery {
	t.Helper()
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
	for range 2 {
		require.NoError(t, s.MarkDead(ctx, d.EventID, begin))
	}
	d.State, d.NextAttemptAt = store.DeliveryDead, nil
	requireDelivery(t, s, d)
	require.NoError(t, s.MarkDelivered(ctx, d.EventID, begin), "a replay succeeded")
	require.NoError(t, s.MarkDelivered(ctx, d.EventID, after(time.Hour)))
	require.NoError(t, s.MarkDead(ctx, d.EventID, after(time.Hour)), "a late one")
	d.State, d.DeliveredAt = store.DeliveryDelivered, ptr(begin)
	requireDelivery(t, s, d)

	require.ErrorIs(t, s.MarkDelivered(ctx, "evt_unknown", begin), store.ErrNotFound)
	require.ErrorIs(t, s.MarkDead(ctx, "evt_unknown", begin), store.ErrNotFound)
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
		ResponseHeaders: map[string][]string{"Retry-After": {"7"}}, ResponseBody: []byte("later\x00\xff"),
		NextAttemptAt: ptr(after(time.Minute)),
	}
}

func testAttempts(t *testing.T, s *store.Store) {
	ctx := t.Context()
	d := addDelivery(t, s)
	first, second := someAttempt(d, 1), someAttempt(d, 2)
	require.NoError(t, s.SaveAttempt(ctx, first))
	repeated := first
	repeated.Error, repeated.NextAttemptAt = "told otherwise", nil
	require.NoError(t, s.SaveAttempt(ctx, repeated))
	d.Attempts, d.LastStatus, d.LastError, d.NextAttemptAt = 1, 503, first.Error, first.NextAttemptAt
	requireDelivery(t, s, d)

	second.Status, second.ErrorClass, second.Error, second.NextAttemptAt = 200, "", "", nil
	second.ResponseBody, second.ResponseHeaders = nil, map[string][]string{}
	replay := second
	replay.N, replay.Trigger, replay.StartedAt = 1, store.TriggerReplay, after(time.Hour)
	require.NoError(t, s.SaveAttempt(ctx, replay))
	require.NoError(t, s.SaveAttempt(ctx, second))
	d.Attempts, d.LastStatus, d.LastError, d.NextAttemptAt = 3, 200, "", nil
	requireDelivery(t, s, d)
	attempts, err := s.Attempts(ctx, d.EventID)
	require.NoError(t, err)
	require.Equal(t, []store.Attempt{first, second, replay}, attempts)

	require.NoError(t, s.MarkDelivered(ctx, d.EventID, begin))
	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 3)))
	got, err := s.Delivery(ctx, d.EventID)
	require.NoError(t, err)
	require.Nil(t, got.NextAttemptAt, "nothing is planned for a delivery that is done")

	unknown := first
	unknown.EventID = "evt_unknown"
	require.ErrorIs(t, s.SaveAttempt(ctx, unknown), store.ErrNotFound)
	bad := first
	bad.Trigger = "whim"
	require.ErrorIs(t, s.SaveAttempt(ctx, bad), store.ErrInvalid)
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

func testDeliveryWithoutEndpoint(t *testing.T, s *store.Store) {
	d := addDelivery(t, s)
	require.Empty(t, d.EndpointID)
	_, err := s.Endpoint(t.Context(), d.EndpointID)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint("ep_late")))
	e, err := s.Endpoint(t.Context(), d.EndpointID)
	require.NoError(t, err)
	require.Equal(t, "ep_late", e.ID)
}
