package activities_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
)

// gone are live calls whose workflows Temporal does not have, in the order of their ids.
func (b *ledgerBench) gone(n int) []call.ID {
	b.t.Helper()
	var ids []call.ID
	for range n {
		ids = append(ids, b.live())
		delete(b.fates, string(ids[len(ids)-1]))
	}
	slices.Sort(ids)
	return ids
}

func TestLedgerHealsSeveralAtOnce(t *testing.T) {
	t.Parallel()
	const together = 4
	b := newLedgerBench(t)
	b.gone(together)
	var asked sync.WaitGroup
	asked.Add(together)
	all := make(chan struct{})
	go func() {
		asked.Wait()
		close(all)
	}()
	b.onAsk = func(ctx context.Context, _ string) error {
		asked.Done()
		select {
		case <-all:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	require.Equal(t, together, b.check().CallsEnded)
}

// A check that fails half-way has healed something, and nobody would hear of it again.
func TestLedgerTellsWhatItDidBeforeItFailed(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.gone(3)
	event := b.outcome()
	b.onAsk = func(_ context.Context, id string) error {
		if id == event {
			return errDown
		}
		return nil
	}
	_, err := b.tryCheck()
	require.ErrorContains(t, err, errDown.Error())
	require.Equal(t, []activities.AlertKind{activities.AlertLedgerHealed}, b.alerts)
	kept, err := b.store.LedgerCheck(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, kept.CallsEndedTotal)
	require.Less(t, kept.At.Year(), 2000, "a check that failed is none that was made")

	b.onAsk = nil
	require.Equal(t, 1, b.check().DeliveriesStarted)
	kept, err = b.store.LedgerCheck(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, kept.CallsEndedTotal)
	require.WithinDuration(t, time.Now(), kept.At, time.Minute)
}

// A check that has more to do than time ends before its own time limit would take what it did with it.
func TestLedgerStopsInTime(t *testing.T) {
	t.Parallel()
	const some = 20
	b := newLedgerBench(t)
	b.gone(100)
	var began sync.Map
	b.ledger.Spare = 10*time.Minute - 2*time.Second // of the ten minutes that the test environment gives
	b.check()
	b.release()
	b.alerts = nil
	b.ledger.Calling.Rooms = slowRooms{b.rooms, func(id call.ID) {
		began.Store(id, true)
		count := 0
		began.Range(func(any, any) bool { count++; return true })
		if count > some { // what comes later takes longer than there is time
			<-time.After(3 * time.Second)
		}
	}}
	report := b.check()
	require.Positive(t, report.CallsEnded)
	require.Less(t, report.CallsEnded, 100)
	require.Equal(t, []activities.AlertKind{activities.AlertLedgerHealed}, b.alerts)
	b.ledger.Calling.Rooms, b.ledger.Spare = b.rooms, 0
	require.Equal(t, 100-report.CallsEnded, b.check().CallsEnded, "the next check goes on")
}

// slowRooms are looked into slowly.
type slowRooms struct {
	*fakeRooms
	onLook func(call.ID)
}

func (r slowRooms) Look(ctx context.Context, id call.ID) (livekit.Room, error) {
	r.onLook(id)
	return r.fakeRooms.Look(ctx, id)
}

// stubbornRooms cannot be deleted, but for one.
type stubbornRooms struct {
	*fakeRooms
	but call.ID
}

func (r stubbornRooms) CloseRoom(ctx context.Context, id call.ID) error {
	if id != r.but {
		return errDown
	}
	return r.fakeRooms.CloseRoom(ctx, id)
}

func TestLedgerComesToAll(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	ids := b.gone(5)
	last := ids[len(ids)-1]
	b.ledger.Heals, b.ledger.Calling.Rooms = 4, stubbornRooms{b.rooms, last}
	ended := 0
	for range 2 {
		ended += b.check().CallsEnded
	}
	require.Equal(t, 1, ended, "those that cannot be ended must not keep it from its turn")
	require.ElementsMatch(t, ids[:4], unresolved(b), "what a check did not come to is still not healed")
	b.check()
	require.ElementsMatch(t, ids[:4], unresolved(b))
	told := slices.DeleteFunc(slices.Clone(b.alerts), func(k activities.AlertKind) bool { return k != activities.AlertLedgerUnresolved })
	require.LessOrEqual(t, len(told), 2, "each is told once: %v", b.alerts)

	b.ledger.Calling.Rooms = b.rooms
	require.Equal(t, 4, b.check().CallsEnded)
	require.Empty(t, unresolved(b))
}

// What could not be healed is not forgotten by a check that could not even ask.
func TestLedgerRemembersWhatItCouldNotHeal(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	ids := b.gone(2)
	b.ledger.Calling.Rooms = deafRooms{b.rooms}
	b.check()
	b.onAsk = func(context.Context, string) error { return errDown }
	_, err := b.tryCheck()
	require.Error(t, err)
	require.ElementsMatch(t, ids, unresolved(b))
	b.onAsk = nil
	b.check()
	require.Equal(t, []activities.AlertKind{activities.AlertLedgerUnresolved}, b.alerts, "once")
}

func TestLedgerTellsOfOverdueDeliveries(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	event := b.outcome()
	b.fates[event] = activities.Fate{Running: true}
	b.ledger.Store = later{b.store}
	report := b.check()
	require.Equal(t, 1, report.Overdue)
	require.Equal(t, []activities.AlertKind{activities.AlertDeliveriesOverdue}, b.alerts)
}

// later is the store as it is two minutes later.
type later struct{ activities.LedgerStore }

func (s later) OverdueDeliveries(ctx context.Context, at time.Time) (int, error) {
	return s.LedgerStore.OverdueDeliveries(ctx, at.Add(2*time.Minute))
}

func unresolved(b *ledgerBench) []call.ID {
	b.t.Helper()
	kept, err := b.store.LedgerCheck(b.t.Context())
	require.NoError(b.t, err)
	var ids []call.ID
	for _, id := range kept.Unresolved {
		require.True(b.t, strings.HasPrefix(id, "c2c_"), id)
		ids = append(ids, call.ID(id))
	}
	return ids
}

// sumless is a store whose sums cannot be read.
type sumless struct{ activities.LedgerStore }

func (sumless) LedgerSums(context.Context, time.Time) (store.LedgerSums, error) {
	return store.LedgerSums{}, errDown
}

// The sums are for people: a check that did its work has been made without them.
func TestLedgerIsCheckedWithoutItsSums(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	b.gone(1)
	b.ledger.Store = sumless{b.store}
	require.Equal(t, 1, b.check().CallsEnded)
	kept, err := b.store.LedgerCheck(t.Context())
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), kept.At, time.Minute)
}
