package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func testLeases(t *testing.T, s *store.Store) {
	ctx, d := t.Context(), addDelivery(t, s)
	lease := func(by string, lasts time.Duration, states ...store.DeliveryState) store.Lease {
		l, err := s.Lease(ctx, d.EventID, by, lasts, states...)
		require.NoError(t, err)
		return l
	}
	require.Equal(t, store.Lease{Got: true, Unwritten: 1}, lease("a", time.Minute, store.DeliveryPending))
	require.Equal(t, store.Lease{}, lease("b", time.Minute), "somebody posts it")
	require.Equal(t, store.Lease{Got: true, Unwritten: 2}, lease("a", -time.Minute), "what it has it may renew")
	require.Equal(t, store.Lease{Got: true, Unwritten: 3}, lease("b", time.Minute), "it has ended")
	require.Equal(t, store.Lease{Moved: true}, lease("c", time.Minute, store.DeliveryParked))

	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 1)))
	require.Equal(t, store.Lease{Got: true, Unwritten: 1}, lease("c", time.Minute), "what is written down ends it, and is counted no more")
	_, err := s.Lease(ctx, "evt_unknown", "a", time.Minute)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// testLeaseParked has two drains share the rows, and one go on where another died.
func testLeaseParked(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	fail(t, s, "ep_a")
	events := make([]string, 5)
	for i := range events {
		c := addCall(t, s, newCall(addTrunk(t, s), begin))
		endCall(t, s, c)
		events[i] = requireTakenUp(t, s, c.ID.EventID(), "run", store.DeliveryParked).EventID
	}
	take := func(by string, limit int) (got []string) {
		leased, err := s.LeaseParked(ctx, "ep_a", by, time.Minute, limit)
		require.NoError(t, err)
		for _, d := range leased {
			got = append(got, d.EventID)
			require.Equal(t, store.DeliveryParked, d.State)
			require.NotEmpty(t, d.Body)
			require.Equal(t, 1, d.Unwritten)
		}
		return got
	}
	require.Equal(t, events[:2], take("one", 2), "oldest first")
	require.Equal(t, events[2:], take("two", 10))
	require.Empty(t, take("one", 10))

	failed := someAttempt(store.Delivery{EventID: events[0]}, 1)
	require.NoError(t, s.SaveAttempt(ctx, failed))
	again, err := s.Delivery(ctx, events[0])
	require.NoError(t, err)
	require.Equal(t, store.DeliveryPending, again.State, "it goes on with its schedule")
	require.NotNil(t, again.NextAttemptAt)
	require.NoError(t, s.EndLeases(ctx, "ep_a", "one"))
	require.NoError(t, s.SaveAttempt(ctx, taken(store.Delivery{EventID: events[2]}, 1)))
	fresh, err := s.LeaseParked(ctx, "ep_a", "three", time.Minute, 10)
	require.NoError(t, err)
	require.Len(t, fresh, 1, "what was given back")
	require.Equal(t, events[1], fresh[0].EventID)
}

// testBornParked has outcomes wait as rows from the beginning while their endpoint is held back.
func testBornParked(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	born := func() store.Delivery {
		c := addCall(t, s, newCall(addTrunk(t, s), begin))
		endCall(t, s, c)
		d, err := s.DeliveryOfCall(ctx, c.ID)
		require.NoError(t, err)
		require.Equal(t, "ep_a", d.EndpointID)
		return d
	}
	require.Equal(t, store.DeliveryPending, born().State)
	fail(t, s, "ep_a")
	require.Equal(t, store.DeliveryParked, born().State)
	waiting, err := s.WaitingEndpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, []store.WaitingEndpoint{{ID: "ep_a", Hold: 1, Held: true}}, waiting)
	succeed(t, s, "ep_a")
	waiting, err = s.WaitingEndpoints(ctx)
	require.NoError(t, err)
	require.Equal(t, []store.WaitingEndpoint{{ID: "ep_a", Hold: 1}}, waiting, "it is to be drained")
	paused := store.EndpointPaused
	_, err = s.ChangeEndpoint(ctx, "ep_a", store.EndpointTarget{State: &paused})
	require.NoError(t, err)
	require.Equal(t, store.DeliveryParked, born().State)
	busy := addPending(t, s)
	require.NoError(t, s.Park(ctx, busy))
	d, err := s.Delivery(ctx, busy)
	require.NoError(t, err)
	require.Equal(t, store.DeliveryParked, d.State)
}

// addPending makes a delivery pending whatever its endpoint is.
func addPending(t *testing.T, s *store.Store) (eventID string) {
	t.Helper()
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	endCall(t, s, c)
	require.NoError(t, s.SaveAttempt(t.Context(), someAttempt(store.Delivery{EventID: c.ID.EventID()}, 1)))
	return c.ID.EventID()
}

// testDrainedEndpointFailsAgain opens the breaker at once when what was parked fails again: it does not take half a minute of posts.
func testDrainedEndpointFailsAgain(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	open := func(drained bool) bool {
		succeed(t, s, "ep_a")
		var health store.EndpointHealth
		for i := range 10 {
			var err error
			_, health, err = s.RecordResult(ctx, "ep_a", store.EndpointResult{At: begin, EventID: string(rune('a' + i)), Error: "answered 500", Drained: drained})
			require.NoError(t, err)
		}
		return health.Open()
	}
	require.False(t, open(false))
	require.True(t, open(true))
}
