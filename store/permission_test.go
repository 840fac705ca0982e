package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func testPermissionRules(t *testing.T, s *store.Store) {
	ctx := t.Context()
	rules, err := s.PermissionRules(ctx)
	require.NoError(t, err)
	require.Equal(t, call.DefaultPermissionRules(), rules, "before the first save everything is allowed")
	rules.Lists = []call.Purpose{call.PurposePromotional}
	rules.Hours = &call.CallingHours{Zone: "Asia/Kolkata", Open: []call.OpenHours{{Purpose: call.PurposePromotional, Days: []time.Weekday{1}, From: 540, To: 1260}}}
	version, err := s.SavePermissionRules(ctx, rules, "asha")
	require.NoError(t, err)
	require.Equal(t, int64(1), version)
	saved, err := s.PermissionRules(ctx)
	require.NoError(t, err)
	rules.Version = 1
	require.Equal(t, rules, saved)
	rules.Version = 0
	_, err = s.SavePermissionRules(ctx, rules, "asha")
	require.ErrorIs(t, err, store.ErrConflict, "somebody saved in between")
	saved.Hours.Zone = "India"
	_, err = s.SavePermissionRules(ctx, saved, "asha")
	require.ErrorIs(t, err, store.ErrInvalid)
}

func testDoNotCall(t *testing.T, s *store.Store) {
	ctx, now := t.Context(), time.Now()
	list, err := s.AddDoNotCallList(ctx, " Own requests ")
	require.NoError(t, err)
	_, err = s.AddDoNotCallList(ctx, "Own requests")
	require.ErrorIs(t, err, store.ErrConflict)
	past, future := now.Add(-time.Hour), now.Add(time.Hour)
	require.NoError(t, s.AddDoNotCall(ctx, list.ID, []store.DoNotCallEntry{
		{Number: "9530251797", Reason: "asked by mail"}, {Number: "9530251798", ExpiresAt: &past}, {Number: "9530251799", ExpiresAt: &future},
	}))
	require.ErrorIs(t, s.AddDoNotCall(ctx, "dnc_unknown", []store.DoNotCallEntry{{Number: "9530251797"}}), store.ErrConflict)
	for number, listed := range map[string]bool{"9530251797": true, "9530251798": false, "9530251799": true, "9530251700": false} {
		standing, err := s.Standing(ctx, number, now)
		require.NoError(t, err)
		require.Equal(t, listed, standing.List == "Own requests", number)
	}
	standing, err := s.Standing(ctx, "9530251797", now)
	require.NoError(t, err)
	require.Equal(t, "asked by mail", standing.Reason)
	listed, err := s.ListedOn(ctx, "9530251797", now)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.Equal(t, []string{list.ID, "Own requests", "asked by mail"}, []string{listed[0].ListID, listed[0].List, listed[0].Reason})
	require.Nil(t, listed[0].ExpiresAt)
	require.WithinDuration(t, now, listed[0].AddedAt, time.Minute)
	listed, err = s.ListedOn(ctx, "9530251799", now)
	require.NoError(t, err)
	require.WithinDuration(t, future, *listed[0].ExpiresAt, time.Millisecond)
	listed, err = s.ListedOn(ctx, "9530251798", now)
	require.NoError(t, err)
	require.Empty(t, listed, "it has expired")
	require.NoError(t, s.AddDoNotCall(ctx, list.ID, []store.DoNotCallEntry{{Number: "9530251797", Reason: "first"}, {Number: "9530251797", Reason: "second"}}))
	n, err := s.CountDoNotCall(ctx, list.ID)
	require.NoError(t, err)
	require.Equal(t, int64(3), n, "a number is on a list once")

	require.ErrorIs(t, s.DeleteDoNotCallList(ctx, list.ID), store.ErrConflict, "numbers are on it")
	n, err = s.DeleteDoNotCall(ctx, list.ID, "9530251797", "9530251700")
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	standing, err = s.Standing(ctx, "9530251797", now)
	require.NoError(t, err)
	require.Empty(t, standing.List)
	n, err = s.DeleteDoNotCall(ctx, list.ID)
	require.NoError(t, err)
	require.Equal(t, int64(2), n)
	require.NoError(t, s.DeleteDoNotCallList(ctx, list.ID))
	require.ErrorIs(t, s.DeleteDoNotCallList(ctx, list.ID), store.ErrNotFound)
}

func testDoNotCallImports(t *testing.T, s *store.Store) {
	ctx := t.Context()
	list, err := s.AddDoNotCallList(ctx, "Registry")
	require.NoError(t, err)
	running, err := s.BeginImport(ctx, list.ID, "asha")
	require.NoError(t, err)
	running.State, running.Taken, running.Refused, running.Faults = store.ImportDone, 7, 1, []string{"line 3: no number"}
	require.NoError(t, s.KeepImport(ctx, running))
	imports, err := s.Imports(ctx)
	require.NoError(t, err)
	require.Len(t, imports, 1)
	require.Equal(t, running.Faults, imports[0].Faults)
	require.Equal(t, int64(7), imports[0].Taken)
	require.NoError(t, s.DeleteDoNotCallList(ctx, list.ID), "an empty list goes with its imports")
	_, err = s.BeginImport(ctx, list.ID, "asha")
	require.ErrorIs(t, err, store.ErrConflict)
}

func testDialsAreCounted(t *testing.T, s *store.Store) {
	ctx, now, number := t.Context(), begin, "9530251797"
	limit := call.Frequency{PerDay: 2, PerWeek: 3}
	count := func(at time.Time) bool {
		id := call.NewID()
		counted, err := s.CountDial(ctx, id, number, at, limit)
		require.NoError(t, err)
		again, err := s.CountDial(ctx, id, number, at, limit)
		require.NoError(t, err)
		require.Equal(t, counted, again, "a call counts once")
		return counted
	}
	require.True(t, count(now))
	require.True(t, count(now.Add(time.Hour)))
	require.False(t, count(now.Add(2*time.Hour)), "two a day")
	require.True(t, count(now.Add(25*time.Hour)), "the first is more than a day ago")
	require.False(t, count(now.Add(50*time.Hour)), "three a week")
	standing, err := s.Standing(ctx, number, now.Add(25*time.Hour))
	require.NoError(t, err)
	require.Equal(t, 3, standing.Week)
	require.Equal(t, 1, standing.Day)
	require.NoError(t, s.Housekeep(ctx, now.Add(10*24*time.Hour)))
	standing, err = s.Standing(ctx, number, now.Add(25*time.Hour))
	require.NoError(t, err)
	require.Zero(t, standing.Week, "a week is kept")
}

func testDialsAtOnceKeepTheLimit(t *testing.T, s *store.Store) {
	var counted atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			ok, err := s.CountDial(t.Context(), call.NewID(), "9530251797", time.Now(), call.Frequency{PerDay: 3})
			if err == nil && ok {
				counted.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, int64(3), counted.Load(), "of 20 calls at once")
}

func testPermitDial(t *testing.T, s *store.Store) {
	ctx, now := t.Context(), time.Now()
	rules := call.DefaultPermissionRules()
	rules.Frequency = call.Frequency{PerDay: 1, Purposes: []call.Purpose{call.PurposeService}}
	rules.Lists = []call.Purpose{call.PurposeService}
	_, err := s.SavePermissionRules(ctx, rules, "asha")
	require.NoError(t, err)
	c := call.Call{ID: call.NewID(), CustomerNumber: "9530251797"}
	for range 2 {
		permission, err := s.PermitDial(ctx, c, now)
		require.NoError(t, err)
		require.True(t, permission.Allowed(), "a call that was counted may ask again: %s", permission.Why)
		require.Equal(t, call.PurposeService, permission.Purpose)
	}
	another := call.Call{ID: call.NewID(), CustomerNumber: c.CustomerNumber}
	permission, err := s.PermitDial(ctx, another, now)
	require.NoError(t, err)
	require.Equal(t, call.RefusedByFrequency, permission.Refusal)
	another.Purpose = call.PurposePromotional
	permission, err = s.PermitDial(ctx, another, now)
	require.NoError(t, err)
	require.True(t, permission.Allowed(), "no limit for this purpose")

	asked, err := s.Permission(ctx, c.CustomerNumber, "", now)
	require.NoError(t, err)
	require.Equal(t, call.RefusedByFrequency, asked.Refusal)
	list, err := s.AddDoNotCallList(ctx, "Own")
	require.NoError(t, err)
	require.NoError(t, s.AddDoNotCall(ctx, list.ID, []store.DoNotCallEntry{{Number: "9530251700"}}))
	asked, err = s.Permission(ctx, "9530251700", "", now)
	require.NoError(t, err)
	require.Equal(t, call.RefusedByList, asked.Refusal)
	permission, err = s.PermitDial(ctx, call.Call{ID: call.NewID(), CustomerNumber: "9530251700"}, now)
	require.NoError(t, err)
	require.Equal(t, call.RefusedByList, permission.Refusal, "listed between the placing and the dial")
}
