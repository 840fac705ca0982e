package listen_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/listen"
	"github.com/click2call/click2call/store"
)

// table is the deliveries as the database shows them; it answers two at a time.
type table struct {
	mu    sync.Mutex
	rows  []store.Delivery
	down  bool
	looks int
}

func (t *table) DeliveriesSince(_ context.Context, after store.DeliveryMark) ([]store.DeliveryMark, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.looks++
	if t.down {
		return nil, errors.New("the database is down")
	}
	var marks []store.DeliveryMark
	for _, d := range t.rows {
		later := d.CreatedAt.After(after.CreatedAt) || (d.CreatedAt.Equal(after.CreatedAt) && d.EventID > after.EventID)
		if later && len(marks) < 2 {
			marks = append(marks, store.DeliveryMark{EventID: d.EventID, CreatedAt: d.CreatedAt})
		}
	}
	return marks, nil
}

func (t *table) DeliveriesOf(_ context.Context, ids []string) (found []store.Delivery, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, d := range t.rows {
		if slices.Contains(ids, d.EventID) {
			found = append(found, d)
		}
	}
	return found, nil
}

// commit makes a row visible that says to be born at a moment.
func (t *table) commit(born time.Time, names ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range names {
		t.rows = append(t.rows, store.Delivery{EventID: name, CreatedAt: born})
	}
	slices.SortFunc(t.rows, func(a, b store.Delivery) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.EventID, b.EventID))
	})
}

func (t *table) is(down bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.down = down
}

func (t *table) looked() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.looks
}

func newHub(source listen.Source) *listen.Hub { return listen.NewHub(source, zerolog.Nop(), time.Now) }

func join(t *testing.T, h *listen.Hub, owner string) *listen.Listener {
	t.Helper()
	l, err := h.Join(t.Context(), owner)
	require.NoError(t, err)
	return l
}

// heard is what a listener has got by now.
func heard(l *listen.Listener) (ids []string) {
	synctest.Wait()
	for {
		select {
		case e := <-l.Events():
			ids = append(ids, e.EventID)
		default:
			return ids
		}
	}
}

// later lets looks happen.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestEachOutcomeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := &table{}
		rows.commit(time.Now(), "before-1", "before-2", "before-3")
		h := newHub(rows)
		l := join(t, h, "key")
		defer h.Leave(l)
		require.Empty(t, heard(l), "what is from before is not heard")

		rows.commit(time.Now(), "a", "b", "c")
		later(2 * time.Second)
		require.Equal(t, []string{"a", "b", "c"}, heard(l))
		rows.commit(time.Now().Add(-20*time.Second), "late")
		later(2 * time.Second)
		require.Equal(t, []string{"late"}, heard(l), "it was committed long after its birth")
		rows.commit(time.Now().Add(5*time.Second), "early")
		later(3 * time.Minute)
		require.Equal(t, []string{"early"}, heard(l), "the clock of its worker is ahead")
	})
}

func TestOutageLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := &table{}
		h := newHub(rows)
		l := join(t, h, "key")
		defer h.Leave(l)
		later(time.Minute)
		rows.is(true)
		rows.commit(time.Now(), "during")
		later(10 * time.Minute)
		require.Empty(t, heard(l))
		rows.is(false)
		later(2 * time.Second)
		require.Equal(t, []string{"during"}, heard(l))
	})
}

func TestJoinWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := &table{down: true}
		h := newHub(rows)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := h.Join(ctx, "key")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		rows.is(false)
		l := join(t, h, "key")
		h.Leave(l)
	})
}

func TestSlowListenerIsDroppedAndNobodyElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := &table{}
		h := newHub(rows)
		slow, quick := join(t, h, "slow"), join(t, h, "quick")
		defer h.Leave(quick)
		total := 0
		for i := range 300 {
			rows.commit(time.Now(), fmt.Sprintf("e%03d", i))
			later(1001 * time.Millisecond)
			total += len(heard(quick))
		}
		require.Equal(t, 300, total)
		select {
		case <-slow.Slow():
		default:
			t.Fatal("it is not told that it is too slow")
		}
		require.Len(t, heard(slow), 256)
		require.True(t, h.Reached(slow).IsZero(), "it must not believe that it has everything")
		h.Leave(slow)
		h.Leave(slow)
	})
}

func TestListenersAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub(&table{})
		var in []*listen.Listener
		for i := range 50 {
			in = append(in, join(t, h, fmt.Sprint(i/10)))
		}
		_, err := h.Join(t.Context(), "another")
		require.ErrorIs(t, err, listen.ErrFull)
		h.Leave(in[0])
		_, err = h.Join(t.Context(), "1")
		require.ErrorIs(t, err, listen.ErrFull, "one key does not take the places of others")
		in[0] = join(t, h, "another")
		for _, l := range in {
			h.Leave(l)
		}
	})
}

// One look serves everybody, and nobody looks for nobody.
func TestLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := &table{}
		h := newHub(rows)
		later(time.Minute)
		require.Zero(t, rows.looked())
		var in []*listen.Listener
		for range 10 {
			in = append(in, join(t, h, "key"))
		}
		before := rows.looked()
		later(10 * time.Second)
		require.InDelta(t, 10, rows.looked()-before, 1)
		for _, l := range in {
			h.Leave(l)
		}
		later(2 * time.Second)
		before = rows.looked()
		later(time.Minute)
		require.Equal(t, before, rows.looked())
	})
}

func TestMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows, start := &table{}, time.Now()
		for i := range 5 {
			rows.commit(start.Add(time.Duration(i)*time.Minute), fmt.Sprint("e", i))
		}
		h := newHub(rows)
		missed := func(since time.Time, most int) (ids []string) {
			require.NoError(t, h.Missed(t.Context(), since, func(e listen.Event) bool {
				ids = append(ids, e.EventID)
				return len(ids) < most
			}))
			return ids
		}
		require.Equal(t, []string{"e2", "e3", "e4"}, missed(start.Add(2*time.Minute), 99), "looks overlap by 30 s")
		require.Equal(t, []string{"e0", "e1"}, missed(start, 2))
		require.Equal(t, start, h.ResumeFrom(start))
		later(90 * time.Minute)
		require.Equal(t, time.Now().Add(-listen.Rewind), h.ResumeFrom(start))
		rows.is(true)
		require.Error(t, h.Missed(t.Context(), start, func(listen.Event) bool { return true }))
	})
}

// A listener may resume from a moment that it has reached.
func TestReached(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rows := &table{}
		h := newHub(rows)
		l := join(t, h, "key")
		defer h.Leave(l)
		rows.commit(time.Now(), "a")
		later(2 * time.Second)
		require.True(t, h.Reached(l).IsZero(), "one waits for it")
		require.Equal(t, []string{"a"}, heard(l))
		require.WithinDuration(t, time.Now(), h.Reached(l), 2*time.Second)
		rows.is(true)
		reached := h.Reached(l)
		later(time.Minute)
		require.Equal(t, reached, h.Reached(l), "nobody knows what came meanwhile")
	})
}
