package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// queueOf is a trunk with so many lines and who waits for them.
type queueOf struct {
	t     *testing.T
	s     *store.Store
	trunk call.Trunk
	at    time.Time
}

func newQueue(t *testing.T, s *store.Store, limits call.Limits) *queueOf {
	t.Helper()
	require.NoError(t, s.Seed(t.Context(), store.Seed{}))
	trunk := addTrunk(t, s)
	trunk.Limits = limits
	require.NoError(t, s.SaveTrunk(t.Context(), trunk))
	return &queueOf{t: t, s: s, trunk: trunk, at: begin}
}

func (q *queueOf) call() call.ID {
	q.t.Helper()
	return addCall(q.t, q.s, newCall(q.trunk, begin)).ID
}

// dial is what a dial does: it takes a line, or waits for one.
func (q *queueOf) dial(id call.ID) store.Admission {
	q.t.Helper()
	c := claimOf(id, 1, "mark of "+string(id), q.trunk)
	c.At = q.at
	got, err := q.s.ClaimAttempt(q.t.Context(), c)
	require.NoError(q.t, err)
	if got == store.NoLine {
		_, err = q.s.Enqueue(q.t.Context(), store.Waiting{CallID: id, Trunks: []string{q.trunk.ID}, ConnectedAt: q.at, At: q.at, Wait: time.Minute})
		require.NoError(q.t, err)
	}
	return got
}

func (q *queueOf) woken() []call.ID {
	q.t.Helper()
	ids, err := q.s.WakeQueued(q.t.Context(), q.at)
	require.NoError(q.t, err)
	return ids
}

func (q *queueOf) place(id call.ID) int {
	q.t.Helper()
	place, err := q.s.QueuePosition(q.t.Context(), id, q.at)
	require.NoError(q.t, err)
	return place
}

// freeLine ends a call; its line is free when the guard is over.
func (q *queueOf) freeLine(id call.ID) {
	q.t.Helper()
	endAs(q.t, q.s, call.Call{ID: id}, answeredFor(3))
	q.at = time.Now().Add(2 * time.Second)
}

func testQueueIsFirstComeFirstServed(t *testing.T, s *store.Store) {
	q := newQueue(t, s, call.Limits{Concurrent: 1})
	q.at = time.Now()
	talking, first, second, third := q.call(), q.call(), q.call(), q.call()
	require.Equal(t, store.Admitted, q.dial(talking))
	require.Equal(t, store.NoLine, q.dial(first))
	require.Equal(t, store.NoLine, q.dial(second))
	require.Equal(t, []int{1, 2, 0}, []int{q.place(first), q.place(second), q.place(third)})
	c, err := s.Call(t.Context(), second)
	require.NoError(t, err)
	require.Equal(t, call.StatusQueued, c.Status)
	require.NotNil(t, c.ConnectedAt)
	live, err := s.LiveByStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[call.Status]int{call.StatusCreated: 2, call.StatusQueued: 2}, live)
	page, err := s.ListCalls(t.Context(), store.CallFilter{Status: call.StatusQueued})
	require.NoError(t, err)
	require.Len(t, page.Calls, 2)
	require.Empty(t, q.woken())

	freed := func(id call.ID, since time.Time) int {
		n, err := s.LinesFreed(t.Context(), id, since)
		require.NoError(t, err)
		return n
	}
	began := q.at.Add(-time.Second)
	require.Zero(t, freed(first, began))

	q.freeLine(talking)
	require.Equal(t, []int{1, 0, 0}, []int{freed(first, began), freed(first, q.at), freed(third, began)}, "its trunk's, since then, of who waits")
	require.Equal(t, store.NoLine, q.dial(third), "the line is for who came first")
	require.Equal(t, []call.ID{first}, q.woken())
	require.Empty(t, q.woken(), "one worker wakes it")
	require.Equal(t, store.NoLine, q.dial(second), "not yet")
	require.Equal(t, 2, q.place(second), "and it keeps its place")
	require.Equal(t, store.Admitted, q.dial(first))
	require.Equal(t, []int{0, 1, 2}, []int{q.place(first), q.place(second), q.place(third)})
	_, err = s.QueuedUntil(t.Context(), first, q.at)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = s.Enqueue(t.Context(), store.Waiting{CallID: first, At: q.at, Wait: time.Minute})
	require.ErrorIs(t, err, store.ErrNotFound, "a call that was dialed does not wait again")
	require.NoError(t, s.MarkRinging(t.Context(), first, q.at))
	c, err = s.Call(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, call.StatusRinging, c.Status)
}

// testQueueHealsItself: whoever leaves the queue in whatever way holds nobody up, and who was woken by a worker that died is woken again.
func testQueueHealsItself(t *testing.T, s *store.Store) {
	q := newQueue(t, s, call.Limits{Concurrent: 1})
	q.at = time.Now()
	talking := q.call()
	require.Equal(t, store.Admitted, q.dial(talking))
	ended, hangingUp, late, last := q.call(), q.call(), q.call(), q.call()
	for _, id := range []call.ID{ended, hangingUp, late} {
		require.Equal(t, store.NoLine, q.dial(id))
	}
	until, err := s.Enqueue(t.Context(), store.Waiting{CallID: late, Trunks: []string{q.trunk.ID}, At: q.at.Add(time.Hour), Wait: time.Minute})
	require.NoError(t, err)
	require.WithinDuration(t, q.at.Add(time.Minute), until, time.Millisecond, "waiting anew is waiting no longer")
	endAs(t, s, call.Call{ID: ended}, answeredFor(0))
	_, err = s.KeepLegAtHangUp(t.Context(), hangingUp, call.LegGone)
	require.NoError(t, err)
	q.freeLine(talking)
	require.Equal(t, []call.ID{late}, q.woken())
	q.at = q.at.Add(6 * time.Second)
	require.Equal(t, []call.ID{late}, q.woken(), "its worker died before it could tell it")

	q.at = q.at.Add(2 * time.Minute)
	require.Zero(t, q.place(late))
	require.Equal(t, store.Admitted, q.dial(last), "nobody waits any more")
	require.Empty(t, q.woken())
}

func testQueueFillsASecond(t *testing.T, s *store.Store) {
	q := newQueue(t, s, call.Limits{PerSecond: 2})
	var waiting []call.ID
	for i := range 6 {
		id := q.call()
		if got := q.dial(id); i >= 2 {
			require.Equal(t, store.NoLine, got)
			waiting = append(waiting, id)
		}
	}
	for len(waiting) > 0 {
		q.at = q.at.Add(1001 * time.Millisecond)
		require.Equal(t, waiting[:2], q.woken())
		require.Equal(t, store.Admitted, q.dial(waiting[0]))
		require.Equal(t, store.Admitted, q.dial(waiting[1]))
		require.Empty(t, q.woken())
		waiting = waiting[2:]
	}
}

func testLineFree(t *testing.T, s *store.Store) {
	q := newQueue(t, s, call.Limits{Concurrent: 1})
	q.at = time.Now()
	free := func(id call.ID) bool {
		t.Helper()
		free, err := s.LineFree(t.Context(), id, q.at)
		require.NoError(t, err)
		return free
	}
	talking, first, second := q.call(), q.call(), q.call()
	require.True(t, free(talking))
	require.Equal(t, store.Admitted, q.dial(talking))
	require.False(t, free(first))
	require.Equal(t, store.NoLine, q.dial(first))
	q.freeLine(talking)
	require.True(t, free(first))
	require.False(t, free(second), "the line is for who waits")
	other := addTrunk(t, s)
	require.True(t, free(second), "the second trunk has no limit")
	other.Enabled = false
	require.NoError(t, s.SaveTrunk(t.Context(), other))
	settings, err := s.Settings(t.Context())
	require.NoError(t, err)
	settings.Limits = call.Limits{Concurrent: 1}
	require.NoError(t, s.SaveSettings(t.Context(), settings, "asha"))
	require.True(t, free(first))
	require.Equal(t, store.Admitted, q.dial(first))
	require.False(t, free(second), "the whole installation has one line")
	_, err = s.LineFree(t.Context(), call.NewID(), q.at)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// testQueueRace: workers that dial, wake and wait at once give no line twice.
func testQueueRace(t *testing.T, s *store.Store) {
	q := newQueue(t, s, call.Limits{Concurrent: 2})
	var mu sync.Mutex
	admitted := map[call.ID]bool{}
	ids := make([]call.ID, 12)
	for i := range ids {
		ids[i] = q.call()
	}
	at := time.Now()
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			c := claimOf(id, 1, "mark of "+string(id), q.trunk)
			c.At = at
			got, err := s.ClaimAttempt(t.Context(), c)
			if err == nil && got == store.NoLine {
				_, err = s.Enqueue(t.Context(), store.Waiting{CallID: id, Trunks: []string{q.trunk.ID}, At: at, Wait: time.Minute})
			}
			if err == nil && i%3 == 0 {
				_, err = s.WakeQueued(t.Context(), at)
			}
			mu.Lock()
			defer mu.Unlock()
			assert.NoError(t, err)
			admitted[id] = got == store.Admitted
		})
	}
	all.Wait()
	n := 0
	for _, in := range admitted {
		if in {
			n++
		}
	}
	require.Equal(t, 2, n)
}
