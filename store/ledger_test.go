package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func testLedgerSums(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	hasEndpoint(t, s)
	require.NoError(t, s.InsertCall(ctx, newCall(trunk, begin), call.DefaultKnobs())) // never accepted
	endAs(t, s, addCall(t, s, newCall(trunk, begin.Add(-time.Hour))), answeredFor(9)) // before the time asked for
	addCall(t, s, newCall(trunk, begin))
	var ended []call.Call
	for range 4 {
		c := addCall(t, s, newCall(trunk, begin))
		endAs(t, s, c, answeredFor(3))
		ended = append(ended, c)
	}
	storetest.Delivered(t, s, ended[0].ID.EventID())
	storetest.Delivered(t, s, ended[1].ID.EventID())
	storetest.Dead(t, s, ended[2].ID.EventID())

	sums, err := s.LedgerSums(ctx, begin)
	require.NoError(t, err)
	require.Equal(t, store.LedgerSums{Accepted: 5, Live: 1, Outcomes: 4, Acknowledged: 2, Waiting: 1, Dead: 1}, sums)
	require.True(t, sums.Balanced())

	live, err := s.LiveByStatus(ctx)
	require.NoError(t, err)
	require.Equal(t, map[call.Status]int{call.StatusCreated: 1}, live)
}

// The sums are kept by triggers: no way of changing a row may be left out.
func testSumsFollow(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	quarter := begin.Truncate(15 * time.Minute)
	for i := range 6 {
		endAs(t, s, addCall(t, s, newCall(trunk, quarter.Add(time.Duration(i)*14*time.Minute))), answeredFor(i))
	}
	dead, parked, old := newCall(trunk, quarter), newCall(trunk, quarter), newCall(trunk, quarter.Add(-time.Microsecond))
	for _, c := range []call.Call{dead, parked, old} {
		endAs(t, s, addCall(t, s, c), answeredFor(1))
	}
	storetest.Dead(t, s, dead.ID.EventID())
	_, health, err := s.RecordResult(ctx, "ep_a", store.EndpointResult{At: time.Now(), EventID: dead.ID.EventID(), Gone: true, Error: "answered 410"})
	require.NoError(t, err)
	require.True(t, health.Open())
	_, err = s.TakeUp(ctx, parked.ID.EventID(), "run")
	require.NoError(t, err)
	want := store.LedgerSums{Accepted: 8, Outcomes: 8, Waiting: 6, Parked: 1, Dead: 1}
	for range 2 { // before and after
		sums, err := s.LedgerSums(ctx, quarter.Add(7*time.Minute))
		require.NoError(t, err)
		require.Equal(t, want, sums)
		counts, err := s.CountCalls(ctx, quarter)
		require.NoError(t, err)
		require.Equal(t, store.CallCounts{Answered: 8}, counts)
		require.NoError(t, s.FoldSums(ctx))
	}
	storetest.Delivered(t, s, parked.ID.EventID())
	_, err = s.TakeUp(ctx, dead.ID.EventID(), "another run")
	require.NoError(t, err)
	want.Parked, want.Dead, want.Acknowledged = 1, 0, 1
	sums, err := s.LedgerSums(ctx, quarter)
	require.NoError(t, err)
	require.Equal(t, want, sums, "parked and delivered by a replay; dead and taken up again")
	require.NoError(t, s.MarkDelivered(ctx, dead.ID.EventID(), begin))
	want.Parked, want.Acknowledged = 0, 2
	sums, err = s.LedgerSums(ctx, quarter)
	require.NoError(t, err)
	require.Equal(t, want, sums)
}

func TestLedgerBalance(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		sums store.LedgerSums
		want bool
	}{
		"nothing yet":                   {store.LedgerSums{}, true},
		"all there":                     {store.LedgerSums{Accepted: 9, Live: 2, Outcomes: 7, Acknowledged: 3, Waiting: 2, Parked: 1, Dead: 1}, true},
		"a call is lost":                {store.LedgerSums{Accepted: 9, Live: 1, Outcomes: 7, Acknowledged: 7}, false},
		"an outcome has no delivery":    {store.LedgerSums{Accepted: 7, Outcomes: 7, Acknowledged: 6, Missing: 1}, false},
		"a delivery without an outcome": {store.LedgerSums{Accepted: 7, Outcomes: 6, Live: 1, Acknowledged: 7}, false},
	} {
		require.Equal(t, tc.want, tc.sums.Balanced(), name)
	}
}

func testLedgerLists(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	hasEndpoint(t, s)
	var ids []call.ID
	for range 3 {
		ids = append(ids, addCall(t, s, newCall(trunk, begin)).ID)
	}
	endAs(t, s, call.Call{ID: ids[0], CreatedAt: begin}, answeredFor(1))
	now := time.Now().Add(time.Minute)

	first, err := s.LiveBefore(ctx, now, "", 1)
	require.NoError(t, err)
	require.Len(t, first, 1)
	second, err := s.LiveBefore(ctx, now, first[0], 10)
	require.NoError(t, err)
	require.ElementsMatch(t, ids[1:], append(first, second...))
	young, err := s.LiveBefore(ctx, begin.Add(-time.Hour), "", 10)
	require.NoError(t, err)
	require.Empty(t, young)

	waiting, err := s.WaitingBefore(ctx, now, 10)
	require.NoError(t, err)
	require.Equal(t, []store.WaitingDelivery{{EventID: ids[0].EventID(), CallID: ids[0]}}, waiting)
	waiting, err = s.WaitingBefore(ctx, begin, 10)
	require.NoError(t, err)
	require.Empty(t, waiting)
	storetest.Delivered(t, s, ids[0].EventID())
	waiting, err = s.WaitingBefore(ctx, now, 10)
	require.NoError(t, err)
	require.Empty(t, waiting)
}

func testOverdueDeliveries(t *testing.T, s *store.Store) {
	ctx, trunk := t.Context(), addTrunk(t, s)
	require.NoError(t, s.SaveEndpoint(ctx, someEndpoint("ep_a")))
	waiting, done, held := addCall(t, s, newCall(trunk, begin)), addCall(t, s, newCall(trunk, begin)), addCall(t, s, newCall(trunk, begin))
	for _, c := range []call.Call{waiting, done} {
		endAs(t, s, c, answeredFor(1))
	}
	storetest.Delivered(t, s, done.ID.EventID())
	_, health, err := s.RecordResult(ctx, "ep_a", store.EndpointResult{At: time.Now(), EventID: waiting.ID.EventID(), Gone: true, Error: "answered 410"})
	require.NoError(t, err)
	require.True(t, health.Open())
	endAs(t, s, held, answeredFor(1))
	parked, err := s.TakeUp(ctx, held.ID.EventID(), "run")
	require.NoError(t, err)
	require.Equal(t, store.DeliveryParked, parked.State)
	due, err := s.Delivery(ctx, waiting.ID.EventID())
	require.NoError(t, err)

	for wait, want := range map[time.Duration]int{0: 0, store.OverdueAfter: 0, store.OverdueAfter + time.Second: 1, 100 * time.Hour: 1} {
		n, err := s.OverdueDeliveries(ctx, due.NextAttemptAt.Add(wait))
		require.NoError(t, err)
		require.Equal(t, want, n, "%s after its time", wait)
	}
}

func testLedgerCheck(t *testing.T, s *store.Store) {
	ctx := t.Context()
	_, err := s.LedgerCheck(ctx)
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NoError(t, s.KeepLedgerCheck(ctx, store.LedgerCheck{At: begin, CallsChecked: 9, CallsEnded: 2, DeliveriesStarted: 1}))
	require.NoError(t, s.KeepLedgerCheck(ctx, store.LedgerCheck{At: after(time.Minute), CallsChecked: 5, DeliveriesChecked: 4, CallsEnded: 1,
		Unresolved: []string{"c2c_x"}}))
	got, err := s.LedgerCheck(ctx)
	require.NoError(t, err)
	require.Equal(t, store.LedgerCheck{At: after(time.Minute).Truncate(time.Microsecond), CallsChecked: 5, DeliveriesChecked: 4, CallsEnded: 1,
		Unresolved: []string{"c2c_x"}, CallsEndedTotal: 3, DeliveriesStartedTotal: 1}, got)
}

// statements is an observer that remembers.
type statements struct {
	mu   sync.Mutex
	seen map[string]int
	bad  map[string]int
}

func (o *statements) Statement(group string, _ time.Duration, failed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen[group]++
	if failed {
		o.bad[group]++
	}
}

func TestStatementsAreObserved(t *testing.T) {
	t.Parallel()
	o := &statements{seen: map[string]int{}, bad: map[string]int{}}
	s, err := store.Open(t.Context(), storetest.EmptySQLiteURL(t), storetest.Key(), store.WithObserver(o))
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	c := addCall(t, s, newCall(addTrunk(t, s), begin))
	_, err = s.Call(t.Context(), c.ID)
	require.NoError(t, err)
	_, err = s.Call(t.Context(), call.NewID())
	require.ErrorIs(t, err, store.ErrNotFound)
	endAs(t, s, c, answeredFor(1))
	_, err = s.TakeUp(t.Context(), c.ID.EventID(), "run")
	require.NoError(t, err)
	for _, group := range []string{"insert calls", "select calls", "update calls", "insert deliveries", "select deliveries", "commit"} {
		require.Positive(t, o.seen[group], "%s in %v", group, o.seen)
	}
	require.Empty(t, o.bad, "a row that is not there is no failure")
	require.NoError(t, s.Close())
	_, err = s.Call(t.Context(), c.ID)
	require.Error(t, err)
	require.Equal(t, 1, o.bad["select calls"])
}
