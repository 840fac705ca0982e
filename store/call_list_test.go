package store_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// testListPagesProperty: whatever the page size, the pages together are every call once, newest first, though many calls
// share a moment; calls that come in between change nothing.
func testListPagesProperty(t *testing.T, s *store.Store) {
	trunk := addTrunk(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	const calls, moments = 60, 7
	var want []call.ID
	created := map[call.ID]time.Time{}
	for range calls {
		c := addCall(t, s, newCall(trunk, after(time.Duration(random.IntN(moments))*time.Microsecond)))
		want, created[c.ID] = append(want, c.ID), c.CreatedAt
	}
	slices.SortFunc(want, func(a, b call.ID) int {
		if d := created[b].Compare(created[a]); d != 0 {
			return d
		}
		if a > b {
			return -1
		}
		return 1
	})
	for _, size := range []int{1, 2, 7, 20, 59, 60, 200} {
		require.Equal(t, want, idsOf(allPages(t, s, store.CallFilter{Limit: size, Until: ptr(after(time.Second))}, func() {
			addCall(t, s, newCall(trunk, after(time.Hour)))
		})), "page size %d", size)
	}
}

func allPages(t *testing.T, s *store.Store, f store.CallFilter, between func()) (all []call.Call) {
	t.Helper()
	const bound = 1000 // a cursor that does not advance must fail, not run for ever
	for range bound {
		page, err := s.ListCalls(t.Context(), f)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Calls), f.Limit)
		all = append(all, page.Calls...)
		if page.Next == "" {
			return all
		}
		require.Len(t, page.Calls, f.Limit)
		f.Cursor = page.Next
		between()
	}
	require.FailNow(t, "the pages never end")
	return nil
}

func idsOf(calls []call.Call) (ids []call.ID) {
	for _, c := range calls {
		ids = append(ids, c.ID)
	}
	return ids
}

func testListFilters(t *testing.T, s *store.Store) {
	trunk, other := addTrunk(t, s), addTrunk(t, s)
	odd := newCall(other, after(time.Hour))
	odd.CaseID, odd.AgentID, odd.CustomerNumber = "case-2", "agent-2", "9000000042"
	addCall(t, s, odd)
	endCall(t, s, odd)
	var rest []call.ID
	for i := range 3 {
		c := addCall(t, s, newCall(trunk, after(time.Duration(-i)*time.Minute)))
		rest = append(rest, c.ID)
	}
	both := append([]call.ID{odd.ID}, rest...)
	for name, tc := range map[string]struct {
		filter store.CallFilter
		want   []call.ID
	}{
		"all":                     {store.CallFilter{}, both},
		"case":                    {store.CallFilter{CaseID: "case-2"}, both[:1]},
		"agent":                   {store.CallFilter{AgentID: "agent-1"}, rest},
		"trunk":                   {store.CallFilter{TrunkID: other.ID}, both[:1]},
		"live":                    {store.CallFilter{Status: call.StatusCreated}, rest},
		"call status":             {store.CallFilter{CallStatus: call.NotAnswered}, both[:1]},
		"other status":            {store.CallFilter{CallStatus: call.Answered}, nil},
		"reason":                  {store.CallFilter{Reason: call.ReasonBusy}, both[:1]},
		"number suffix":           {store.CallFilter{NumberSuffix: "042"}, both[:1]},
		"number prefix":           {store.CallFilter{NumberSuffix: "900"}, nil},
		"since is in":             {store.CallFilter{Since: ptr(begin)}, both[:2]},
		"until is out":            {store.CallFilter{Until: ptr(begin)}, rest[1:]},
		"several":                 {store.CallFilter{AgentID: "agent-1", Since: ptr(begin), Until: ptr(after(time.Second))}, rest[:1]},
		"one of two spans":        {store.CallFilter{Within: []store.Span{{begin, after(time.Second)}, {after(time.Hour), after(2 * time.Hour)}}}, both[:2]},
		"a span's end is out":     {store.CallFilter{Within: []store.Span{{after(-time.Minute), begin}}}, rest[1:2]},
		"as many as there may be": {store.CallFilter{Within: slices.Repeat([]store.Span{{after(time.Hour), after(2 * time.Hour)}}, 500)}, both[:1]},
		"no span":                 {store.CallFilter{Within: []store.Span{}}, nil},
		"another zone":            {store.CallFilter{Since: ptr(begin.In(time.FixedZone("IST", 19800)))}, both[:2]},
	} {
		page, err := s.ListCalls(t.Context(), tc.filter)
		require.NoError(t, err, name)
		require.Equal(t, tc.want, idsOf(page.Calls), name)
		require.Empty(t, page.Next, name)
	}
}

func testListRefusesNonsense(t *testing.T, s *store.Store) {
	for _, cursor := range []string{"x", "!!!", "MTIz", "MSBjMmNfeA", "LTEgYzJjX2FhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"} {
		_, err := s.ListCalls(t.Context(), store.CallFilter{Cursor: cursor})
		require.ErrorIs(t, err, store.ErrBadCursor, cursor)
	}
	for _, f := range []store.CallFilter{{Limit: -1}, {Limit: 201}, {Within: make([]store.Span, 501)}, {NumberSuffix: "%"}, {NumberSuffix: "12345678901"}, {NumberSuffix: "٣"}} {
		_, err := s.ListCalls(t.Context(), f)
		require.ErrorIs(t, err, store.ErrBadFilter)
	}
}
