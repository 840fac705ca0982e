package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

// testEndpointAttempts counts attempts by their slot and answer, and finds deliveries by how the latest one failed.
func testEndpointAttempts(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	hasEndpoint(t, s)
	endpoint, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err)
	made := func(at time.Duration, status int, class string, took time.Duration) string {
		c := addCall(t, s, newCall(trunk, begin))
		endCall(t, s, c)
		a := store.Attempt{EventID: c.ID.EventID(), N: 1, Trigger: store.TriggerAutomatic, Run: "run", StartedAt: begin.Add(at), Status: status,
			ErrorClass: class, Error: class, Total: took}
		require.NoError(t, s.SaveAttempt(ctx, a))
		return a.EventID
	}
	made(-time.Second, 200, "", time.Second) // before
	good := made(0, 200, "", 87_654*time.Microsecond)
	refused := made(30*time.Minute, 422, "status", 123_456*time.Microsecond)
	down := []string{made(31*time.Minute, 503, "status", 1_234*time.Millisecond), made(90*time.Minute, 503, "status", 1_299*time.Millisecond)}
	slow := made(91*time.Minute, 0, "timeout", 15_500*time.Millisecond)
	made(2*time.Hour, 200, "", time.Second) // after

	sums, err := s.AttemptSums(ctx, endpoint.ID, begin, time.Hour, 2)
	require.NoError(t, err)
	require.ElementsMatch(t, []store.AttemptSum{
		{Slot: 0, Status: 200, TookMS: 87, N: 1}, {Slot: 0, Status: 422, Class: "status", TookMS: 120, N: 1},
		{Slot: 0, Status: 503, Class: "status", TookMS: 1200, N: 1}, {Slot: 1, Status: 503, Class: "status", TookMS: 1200, N: 1},
		{Slot: 1, Class: "timeout", TookMS: 15000, N: 1},
	}, sums)
	none, err := s.AttemptSums(ctx, "ep_another", begin, time.Hour, 2)
	require.NoError(t, err)
	require.Empty(t, none)
	_, err = s.AttemptSums(ctx, endpoint.ID, begin, time.Hour, 201)
	require.ErrorIs(t, err, store.ErrBadFilter)

	found := func(f store.DeliveryFilter) (events []string) {
		page, err := s.ListDeliveries(ctx, f)
		require.NoError(t, err)
		for _, d := range page.Deliveries {
			events = append(events, d.EventID)
		}
		return events
	}
	for answer, want := range map[store.DeliveryAnswer][]string{
		"422": {refused}, "503": down, "5xx": down, "4xx": {refused}, "timeout": {slow}, "dns": nil, "200": nil,
	} {
		require.ElementsMatch(t, want, found(store.DeliveryFilter{Answer: answer}), answer)
		preview, err := s.PreviewReplay(ctx, store.ReplaySelection{Answer: answer})
		require.NoError(t, err)
		require.Equal(t, len(want), preview.Count, answer)
	}
	preview, err := s.PreviewReplay(ctx, store.ReplaySelection{States: []store.DeliveryState{store.DeliveryDead}})
	require.NoError(t, err)
	require.Equal(t, map[store.DeliveryAnswer]int{"422": 1, "503": 2, "timeout": 1}, preview.ByAnswer)
	require.Equal(t, 4, preview.ByState[store.DeliveryDead])
	d, err := s.Delivery(ctx, good)
	require.NoError(t, err)
	c, err := s.Call(ctx, d.CallID)
	require.NoError(t, err)
	for _, search := range []string{good, string(d.CallID)} {
		require.Equal(t, []string{good}, found(store.DeliveryFilter{Search: search}), search)
	}
	require.Contains(t, found(store.DeliveryFilter{Search: c.CaseID}), good)
	require.Empty(t, found(store.DeliveryFilter{Search: "no such case"}))
}

// testAttemptsOfOld runs the migration that tells attempts from before migration 00290 their endpoint.
func testAttemptsOfOld(t *testing.T, s *store.Store) {
	ctx := t.Context()
	folder := map[string]string{"postgres": "postgres", "sqlite3": "sqlite"}[s.Pool().DriverName()]
	text, err := os.ReadFile(filepath.Join("migrations", folder, "00291_attempt_endpoint_of_old.sql"))
	require.NoError(t, err)
	hasEndpoint(t, s)
	endpoint, err := s.DefaultEndpoint(ctx)
	require.NoError(t, err)
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	endCall(t, s, c)
	recent := time.Now().Add(-time.Hour).Truncate(time.Hour)
	for n, at := range []time.Time{recent, recent.Add(-9 * 24 * time.Hour)} {
		require.NoError(t, s.SaveAttempt(ctx, store.Attempt{EventID: c.ID.EventID(), N: n + 1, Trigger: store.TriggerAutomatic, StartedAt: at,
			Status: 503, ErrorClass: "status", Error: "answered 503", NextAttemptAt: ptr(recent.Add(24 * time.Hour))}))
	}
	for _, statement := range append([]string{
		`UPDATE delivery_attempts SET endpoint_id = NULL`, `UPDATE deliveries SET endpoint_id = NULL, last_class = ''`,
	}, strings.Split(string(text), ";\n")...) {
		_, err := s.Pool().ExecContext(ctx, statement)
		require.NoError(t, err)
	}
	sums, err := s.AttemptSums(ctx, endpoint.ID, recent.Add(-10*24*time.Hour), 24*time.Hour, 12)
	require.NoError(t, err)
	require.Len(t, sums, 1, "of the last eight days")
	d, err := s.Delivery(ctx, c.ID.EventID())
	require.NoError(t, err)
	require.Equal(t, "status", d.LastClass)
}
