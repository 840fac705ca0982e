package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
)

const promotion = `{"case_id":"c","customer_number":"9530251797","agent_id":"a","purpose":"promotional"}`

// closeAt makes promotional calls forbidden from a time of the bench's day (in UTC) on, until midnight.
func (b *bench) closeAt(from time.Time) {
	everyDay := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	b.store.rules.Version = 3
	b.store.rules.Hours = &call.CallingHours{Zone: "UTC", Open: []call.OpenHours{
		{Purpose: call.PurposePromotional, Days: everyDay, From: 0, To: call.TimeOfDay(from.Hour()*60 + from.Minute())},
	}}
}

func TestCallsOutsideOfHoursAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	now := b.clock.now().UTC()
	b.closeAt(now)
	a := b.place(promotion).isProblem(http.StatusForbidden, "outside_calling_hours")
	midnight := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC)
	require.Equal(t, midnight.Format(time.RFC3339), a.str("opens_at"))
	b.nothingStarted()
	require.Len(t, b.store.audited, 1)
	require.Equal(t, "call_refused", b.store.audited[0].Action)
	require.Contains(t, b.store.audited[0].Detail, "rules version 3")
	b.place(goodBody).ok() // service calls have no hours
}

func TestTheHourPassesBeforeConnect(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.closeAt(b.clock.now().UTC().Add(time.Minute))
	id := call.ID(b.place(promotion).ok().str("call_id"))
	require.Equal(t, int64(3), b.store.calls[id].Permission.Rules, "the decision is kept with the version of its rules")
	b.clock.forward(2 * time.Minute)
	b.connect(id).isProblem(http.StatusForbidden, "outside_calling_hours")
	require.Empty(t, b.workflows.sent(), "nobody is dialed")
	require.Equal(t, "connect_not_permitted", b.store.timeline(id)[0].Name)
	require.Equal(t, "outside_calling_hours", b.store.timeline(id)[0].Detail)
}

func TestListedNumbersAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store.rules.Lists, b.store.listed = []call.Purpose{call.PurposePromotional}, "Own requests"
	a := b.place(promotion).isProblem(http.StatusForbidden, "on_do_not_call_list")
	require.Contains(t, a.str("detail"), "Own requests")
	b.nothingStarted()
}

func TestRefusedCallsLeaveTheIdempotencyKeyFree(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store.rules.Lists, b.store.listed = []call.Purpose{call.PurposePromotional}, "Own requests"
	b.place(promotion, "Idempotency-Key", "k").isProblem(http.StatusForbidden, "on_do_not_call_list")
	b.store.listed = ""
	require.Empty(t, b.place(promotion, "Idempotency-Key", "k").ok().header.Get("Idempotent-Replayed"))
}

func TestPurposeMustBeKnown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.place(`{"case_id":"c","customer_number":"9530251797","agent_id":"a","purpose":"sales"}`).isProblem(http.StatusBadRequest, "invalid_request")
}
