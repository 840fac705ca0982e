package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/store"
)

// fail tells an endpoint's breaker of failures of two events, a second apart, until it opens.
func fail(t *testing.T, s *store.Store, endpointID string) store.EndpointHealth {
	t.Helper()
	for i := range 100 {
		_, health, err := s.RecordResult(t.Context(), endpointID, store.EndpointResult{
			At: after(time.Duration(10*i) * time.Second), EventID: fmt.Sprintf("evt_%d", i%2), Error: "answered 500",
		})
		require.NoError(t, err)
		if health.Open() {
			return health
		}
	}
	require.Fail(t, "the breaker does not open")
	return store.EndpointHealth{}
}

func succeed(t *testing.T, s *store.Store, endpointID string) store.EndpointHealth {
	t.Helper()
	_, health, err := s.RecordResult(t.Context(), endpointID, store.EndpointResult{At: begin, EventID: "evt_0", OK: true})
	require.NoError(t, err)
	require.False(t, health.Open())
	return health
}

func requireTakenUp(t *testing.T, s *store.Store, eventID, run string, want store.DeliveryState) store.Delivery {
	t.Helper()
	for range 2 {
		d, err := s.TakeUp(t.Context(), eventID, run)
		require.NoError(t, err)
		require.Equal(t, want, d.State)
		requireDelivery(t, s, d)
	}
	d, err := s.Delivery(t.Context(), eventID)
	require.NoError(t, err)
	return d
}

func testTakeUp(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	older, younger := addDelivery(t, s), addDelivery(t, s)
	requireTakenUp(t, s, older.EventID, "run-1", store.DeliveryPending)

	fail(t, s, "ep_a")
	for _, d := range []store.Delivery{younger, older} {
		parked := requireTakenUp(t, s, d.EventID, "run-1", store.DeliveryParked)
		require.Nil(t, parked.NextAttemptAt)
		require.Zero(t, parked.Automatic, "parking uses up no attempt")
	}
	page, err := s.Parked(ctx, "ep_a", "", 1)
	require.NoError(t, err)
	require.Equal(t, []string{older.EventID}, page, "oldest first")
	page, err = s.Parked(ctx, "ep_a", page[0], 10)
	require.NoError(t, err)
	require.Equal(t, []string{younger.EventID}, page)

	succeed(t, s, "ep_a")
	requireTakenUp(t, s, older.EventID, "run-1", store.DeliveryPending)
	saveTaken(t, s, younger)
	requireTakenUp(t, s, younger.EventID, "run-1", store.DeliveryDelivered)

	e, err := s.Endpoint(ctx, "ep_a")
	require.NoError(t, err)
	require.Equal(t, 1, e.Health.Holds)
	e.State = store.EndpointPaused
	require.NoError(t, s.SaveEndpoint(ctx, e))
	requireTakenUp(t, s, older.EventID, "run-1", store.DeliveryParked)
	e, err = s.Endpoint(ctx, "ep_a")
	require.NoError(t, err)
	require.Equal(t, 2, e.Health.Holds, "a pause is a hold")

	_, err = s.TakeUp(ctx, "evt_unknown", "run-1")
	require.ErrorIs(t, err, store.ErrNotFound)
}

func saveTaken(t *testing.T, s *store.Store, d store.Delivery) {
	t.Helper()
	require.NoError(t, s.SaveAttempt(t.Context(), taken(d, 1)))
}

func testTakeUpRevives(t *testing.T, s *store.Store) {
	ctx := t.Context()
	d := addDelivery(t, s)
	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 1)))
	last := someAttempt(d, 2)
	last.NextAttemptAt, last.Run = nil, "run-1"
	require.NoError(t, s.SaveAttempt(ctx, last))

	dead := requireTakenUp(t, s, d.EventID, "run-1", store.DeliveryDead)
	require.Equal(t, 2, dead.Automatic)
	revived := requireTakenUp(t, s, d.EventID, "run-2", store.DeliveryPending)
	require.Zero(t, revived.Round, "its schedule begins anew")
	require.Equal(t, 2, revived.Automatic)
	require.NotNil(t, revived.NextAttemptAt)
	require.NoError(t, s.SaveAttempt(ctx, someAttempt(d, 3)))
	again := requireTakenUp(t, s, d.EventID, "run-2", store.DeliveryPending)
	require.Equal(t, 1, again.Round)
	require.Equal(t, 3, again.Automatic)
}

func testTakeUpAdoptsEndpoint(t *testing.T, s *store.Store) {
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	endCall(t, s, c)
	event := c.ID.EventID()
	require.Empty(t, requireTakenUp(t, s, event, "run-1", store.DeliveryParked).EndpointID)
	require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint("ep_late")))
	require.Equal(t, "ep_late", requireTakenUp(t, s, event, "run-1", store.DeliveryPending).EndpointID)
	require.NoError(t, s.SaveEndpoint(t.Context(), func() store.Endpoint { e := someEndpoint("ep_b"); e.Default = true; return e }()))
	require.Equal(t, "ep_late", requireTakenUp(t, s, event, "run-1", store.DeliveryPending).EndpointID, "it stays")
}

// testNobodyIsParkedForGood closes the breaker while deliveries are being taken up: whoever is parked after that would
// wait for a watch that has ended.
func testNobodyIsParkedForGood(t *testing.T, s *store.Store) {
	require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint("ep_a")))
	deliveries := make([]store.Delivery, 12)
	for i := range deliveries {
		deliveries[i] = addDelivery(t, s)
	}
	fail(t, s, "ep_a")
	var group errgroup.Group
	for i, d := range deliveries {
		group.Go(func() error {
			if i == len(deliveries)/2 {
				_, _, err := s.RecordResult(t.Context(), "ep_a", store.EndpointResult{At: begin, EventID: d.EventID, OK: true})
				if err != nil {
					return err
				}
				// From here on the list of those parked is complete: it can only get shorter.
				parked, err := s.Parked(t.Context(), "ep_a", "", 100)
				if err != nil {
					return err
				}
				for _, other := range deliveries {
					taken, err := s.TakeUp(t.Context(), other.EventID, "run-1")
					if err != nil {
						return err
					}
					if taken.State == store.DeliveryParked {
						return fmt.Errorf("%s was parked after the breaker had closed; %d were before", other.EventID, len(parked))
					}
				}
				return nil
			}
			_, err := s.TakeUp(t.Context(), d.EventID, "run-1")
			return err
		})
	}
	require.NoError(t, group.Wait())
	parked, err := s.Parked(t.Context(), "ep_a", "", 100)
	require.NoError(t, err)
	require.Empty(t, parked)
}
