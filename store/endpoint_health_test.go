package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/click2call/click2call/store"
)

func testBreaker(t *testing.T, s *store.Store) {
	for name, run := range map[string]struct {
		failures, events int
		gap              time.Duration
		open             bool
	}{
		"ten in a row over 30 s":     {10, 2, 4 * time.Second, true},
		"nine":                       {9, 2, 10 * time.Second, false},
		"a hundred in one second":    {100, 100, 10 * time.Millisecond, false},
		"one outcome, for ever":      {30, 1, time.Hour, false},
		"many, the last one decides": {31, 31, time.Second, true},
	} {
		id := "ep_" + name
		require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint(id)))
		succeed(t, s, id)
		var first, last store.EndpointHealth
		for i := range run.failures {
			before, health, err := s.RecordResult(t.Context(), id, store.EndpointResult{
				At: after(time.Duration(i) * run.gap), EventID: fmt.Sprintf("evt_%d", i%run.events), Error: "answered 500",
			})
			require.NoError(t, err)
			require.Equal(t, i, before.Failures)
			require.Equal(t, i+1, health.Failures)
			if i == 0 {
				first = before
			}
			last = health
		}
		require.Zero(t, first)
		require.Equal(t, run.open, last.Open(), name)
		require.Equal(t, begin.Truncate(time.Microsecond), *last.FailingSince)
		require.Equal(t, "answered 500", last.Reason)
		e, err := s.Endpoint(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, last, e.Health)

		closed := succeed(t, s, id)
		require.Zero(t, closed.Failures)
		require.Equal(t, last.Holds, closed.Holds)
	}
	_, _, err := s.RecordResult(t.Context(), "ep_unknown", store.EndpointResult{At: begin})
	require.ErrorIs(t, err, store.ErrNotFound)
}

// testBreakerAtGone opens the breaker from many sides at once: only one of them sees it open.
func testBreakerAtGone(t *testing.T, s *store.Store) {
	require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint("ep_a")))
	opened := make(chan bool, 8)
	var group errgroup.Group
	for i := range cap(opened) {
		group.Go(func() error {
			before, health, err := s.RecordResult(t.Context(), "ep_a", store.EndpointResult{
				At: begin, EventID: fmt.Sprintf("evt_%d", i), Gone: true, Error: "answered 410 Gone",
			})
			opened <- !before.Open() && health.Open()
			return err
		})
	}
	require.NoError(t, group.Wait())
	count := 0
	for range cap(opened) {
		if <-opened {
			count++
		}
	}
	require.Equal(t, 1, count)
	e, err := s.Endpoint(t.Context(), "ep_a")
	require.NoError(t, err)
	require.Equal(t, 1, e.Health.Holds)
	require.Equal(t, cap(opened), e.Health.Failures)
}

func requireProbe(t *testing.T, s *store.Store, hold int, wantEvent string, wantHeld bool) {
	t.Helper()
	choice, err := s.NextProbe(t.Context(), "ep_a", hold)
	require.NoError(t, err)
	require.Equal(t, wantHeld, choice.Held)
	require.Equal(t, wantEvent, choice.EventID)
	if wantEvent != "" {
		d, err := s.Delivery(t.Context(), wantEvent)
		require.NoError(t, err)
		require.Equal(t, d.Probes+1, choice.Number)
		require.Equal(t, d.State == store.DeliveryPending, choice.Pending)
	}
}

func testNextProbe(t *testing.T, s *store.Store) {
	ctx := t.Context()
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	a, b := addDelivery(t, s), addDelivery(t, s)
	requireProbe(t, s, 1, "", false) // its breaker is closed
	fail(t, s, "ep_a")
	requireProbe(t, s, 1, a.EventID, true) // pending, none is parked
	requireTakenUp(t, s, b.EventID, "run-1", store.DeliveryParked)
	requireProbe(t, s, 1, b.EventID, true)
	requireTakenUp(t, s, a.EventID, "run-1", store.DeliveryParked)
	requireProbe(t, s, 1, a.EventID, true)
	requireProbe(t, s, 0, "", false) // another watch's hold

	probe := someAttempt(a, 1)
	probe.Trigger, probe.ReplayID, probe.NextAttemptAt = store.TriggerProbe, "probe-1", nil
	require.NoError(t, s.SaveAttempt(ctx, probe))
	requireProbe(t, s, 1, b.EventID, true) // a had its turn

	e, err := s.Endpoint(ctx, "ep_a")
	require.NoError(t, err)
	e.State = store.EndpointPaused
	require.NoError(t, s.SaveEndpoint(ctx, e))
	requireProbe(t, s, 2, "", true)
	e.State = store.EndpointActive
	require.NoError(t, s.SaveEndpoint(ctx, e))

	saveTaken(t, s, a)
	saveTaken(t, s, b)
	requireProbe(t, s, 2, "", false) // nobody waits: the next delivery tells
	e, err = s.Endpoint(ctx, "ep_a")
	require.NoError(t, err)
	require.False(t, e.Health.Open())
	_, health, err := s.RecordResult(ctx, "ep_a", store.EndpointResult{At: after(time.Hour), EventID: "evt_next", Error: "answered 500"})
	require.NoError(t, err)
	require.True(t, health.Open(), "one failure is enough now")
}

func testCountEndpoints(t *testing.T, s *store.Store) {
	ctx := t.Context()
	counts := func() store.EndpointCounts {
		c, err := s.CountEndpoints(ctx)
		require.NoError(t, err)
		return c
	}
	require.Equal(t, store.EndpointCounts{}, counts())
	for _, id := range []string{"ep_a", "ep_b", "ep_c", "ep_d"} {
		require.NoError(t, s.SaveEndpoint(ctx, someEndpoint(id)))
	}
	result := func(id string, r store.EndpointResult) {
		r.At, r.EventID = begin, "evt_1"
		_, _, err := s.RecordResult(ctx, id, r)
		require.NoError(t, err)
	}
	result("ep_a", store.EndpointResult{OK: true})
	result("ep_b", store.EndpointResult{Error: "answered 500"})
	result("ep_c", store.EndpointResult{Error: "answered 410", Gone: true})
	require.Equal(t, store.EndpointCounts{Well: 2, Failing: 1, Open: 1}, counts())
}
