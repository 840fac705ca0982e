package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// counted is what a report is made of, by kind and value.
type counted map[string][2]int64

func (c counted) add(calls int, talk int64, format string, values ...any) {
	key := fmt.Sprintf(format, values...)
	v := c[key]
	if c[key] = [2]int64{v[0] + int64(calls), v[1] + talk}; c[key] == [2]int64{} {
		delete(c, key)
	}
}

func (c counted) addCall(e store.EndedCall) {
	talk, code := int64(0), 0
	if e.CallStatus == call.Answered {
		talk = int64(e.DurationSeconds)
		c.add(1, 0, "ring %d", e.RingSeconds)
	}
	if e.SIPCode != nil {
		code = *e.SIPCode
	}
	c.add(1, talk, "quarter %s %s", e.CreatedAt.Truncate(15*time.Minute), e.CallStatus)
	c.add(1, talk, "outcome %s %s %s %d", e.TrunkID, e.CallStatus, e.Reason, code)
	c.add(1, talk, "agent %s %s", e.AgentID, e.CallStatus)
}

// byRows counts the calls themselves.
func byRows(t *testing.T, s *store.Store, f store.EndedFilter) counted {
	t.Helper()
	all := counted{}
	require.NoError(t, s.EndedCalls(t.Context(), f, func(e store.EndedCall) error {
		all.addCall(e)
		return nil
	}))
	return all
}

// bySums counts as a report does: by the sums, and by the calls that these leave out.
func bySums(t *testing.T, s *store.Store, f store.EndedFilter) (all counted, left []store.Span) {
	t.Helper()
	sums, left, err := s.ReportSums(t.Context(), f)
	require.NoError(t, err)
	all = counted{}
	for _, span := range left {
		f.Since, f.Until = span.Since, span.Until
		for key, v := range byRows(t, s, f) {
			all.add(int(v[0]), v[1], "%s", key)
		}
	}
	for _, q := range sums.Quarters {
		all.add(q.Calls, q.TalkSeconds, "quarter %s %s", q.Begins, q.CallStatus)
	}
	for _, o := range sums.Outcomes {
		all.add(o.Calls, o.TalkSeconds, "outcome %s %s %s %d", o.TrunkID, o.CallStatus, o.Reason, o.SIPCode)
	}
	for _, a := range sums.Agents {
		all.add(a.Calls, a.TalkSeconds, "agent %s %s", a.AgentID, a.CallStatus)
	}
	for _, r := range sums.Rings {
		all.add(r.Calls, 0, "ring %d", r.Seconds)
	}
	return all, left
}

// someCalls ends calls at random moments of five days, by several trunks and agents, in all ways.
func someCalls(t *testing.T, s *store.Store, random *rand.Rand, trunks []call.Trunk, n int) {
	t.Helper()
	hasEndpoint(t, s)
	for range n {
		c := newCall(trunks[random.IntN(len(trunks))], begin.Add(time.Duration(random.Int64N(int64(5*day)))).Truncate(time.Microsecond))
		c.AgentID = fmt.Sprintf("agent-%d", random.IntN(3))
		addCall(t, s, c)
		o := answeredFor(random.IntN(900))
		if random.IntN(2) == 0 {
			o = call.FromSIPCode([]int{404, 486, 503}[random.IntN(3)])
		}
		o.RingSeconds = random.IntN(6)
		if random.IntN(12) > 0 { // the others live
			endAs(t, s, c, o)
			storetest.Delivered(t, s, c.ID.EventID())
		}
	}
}

// testReportSums: whatever happens to calls, and whatever is asked for, the sums say what the calls say.
func testReportSums(t *testing.T, s *store.Store) {
	ctx, trunks := t.Context(), []call.Trunk{addTrunk(t, s), addTrunk(t, s)}
	random := rand.New(rand.NewPCG(12, 270))
	ask := func(what string) {
		t.Helper()
		for range 25 {
			f := store.EndedFilter{Since: begin.Add(time.Duration(random.Int64N(int64(5*day))) - day)}
			f.Until = f.Since.Add(time.Duration(random.Int64N(int64(6 * day))))
			if random.IntN(2) == 0 { // as consoles ask
				f.Since, f.Until = f.Since.Truncate(15*time.Minute), f.Until.Truncate(15*time.Minute)
			}
			if random.IntN(3) == 0 {
				f.TrunkID = trunks[0].ID
			}
			got, left := bySums(t, s, f)
			require.Equal(t, byRows(t, s, f), got, "%s: %v", what, f)
			for _, l := range left {
				if what == "folded" && f.Until.Sub(f.Since) > time.Hour {
					require.Less(t, l.Until.Sub(l.Since), 15*time.Minute, "the calls are read at both ends only")
				}
			}
		}
	}
	someCalls(t, s, random, trunks, 60)
	ask("not folded")
	require.NoError(t, s.FoldSums(ctx))
	ask("folded")
	someCalls(t, s, random, trunks, 40)
	ask("half folded")
	require.NoError(t, s.FoldSums(ctx))
	_, err := s.EraseCustomer(ctx, "9530251797")
	require.NoError(t, err)
	require.NoError(t, s.Purge(ctx, begin.Add(102*day), store.Retention{Numbers: 100 * day, Timelines: 100 * day}))
	require.Empty(t, s.ReportChanges(t), "who erases and forgets changes no sum")
	require.NoError(t, s.Purge(ctx, begin.Add(102*day), store.Retention{Calls: 100 * day}))
	require.NotEmpty(t, s.ReportChanges(t))
	ask("purged")
	require.NoError(t, s.FoldSums(ctx))
	require.NoError(t, s.FoldSums(ctx))
	ask("purged and folded")
	require.Zero(t, s.EmptyReportSums(t), "a purge leaves nothing")
	gotDay, _ := bySums(t, s, store.EndedFilter{Since: begin.Add(-day), Until: begin.Add(day)})
	require.Empty(t, gotDay, "the statistics of purged calls go with them")
}

// testReportSumsAreFilled has sums that lack calls, that are wrong, and that are of calls which are gone.
func testReportSumsAreFilled(t *testing.T, s *store.Store) {
	ctx, trunks := t.Context(), []call.Trunk{addTrunk(t, s), addTrunk(t, s)}
	random := rand.New(rand.NewPCG(270, 12))
	someCalls(t, s, random, trunks, 50)
	all := store.EndedFilter{Since: begin.Add(-day), Until: begin.Add(6 * day)}
	sums := func() counted {
		got, left := bySums(t, s, all)
		require.LessOrEqual(t, len(left), 2)
		return got
	}
	want := byRows(t, s, all)
	for what, damage := range map[string]func(){
		"nothing is wrong": func() {},
		"as before the migration": func() {
			require.NoError(t, s.FoldSums(ctx))
			s.SpoilReportSums(t, "DELETE FROM {table}")
		},
		"too many":           func() { s.SpoilReportSums(t, "UPDATE {table} SET calls = calls + 3 WHERE span = 900") },
		"days that are off":  func() { s.SpoilReportSums(t, "UPDATE {table} SET calls = calls + 3 WHERE span = 86400") },
		"long before a call": func() { s.SpoilReportSums(t, "UPDATE {table} SET begins = begins - 8640000 WHERE begins % 2700 = 0") },
	} {
		require.NoError(t, s.FoldSums(ctx))
		damage()
		require.NoError(t, s.RebuildReports(ctx, begin.Add(30*day)))
		require.Equal(t, want, sums(), "%s: read from the calls until the sums are right", what)
		ends := []time.Time{}
		require.NoError(t, s.FillReportsBy(ctx, 7, func(from time.Time) { ends = append(ends, from) }))
		require.Greater(t, len(ends), 4, what)
		require.Equal(t, want, sums(), what)
		got, _, err := s.ReportSums(ctx, all)
		require.NoError(t, err)
		require.NotEmpty(t, got.Quarters, "by the sums")
		require.NoError(t, s.FillReports(ctx, nil))
		require.Equal(t, want, sums(), "%s: twice", what)
	}
}

// TestReportSumsWhileCallsEnd fills, folds and ends at the same time.
func TestReportSumsWhileCallsEnd(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]opener{"SQLite": storetest.SQLite, "PostgreSQL": storetest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			trunks := []call.Trunk{addTrunk(t, s)}
			someCalls(t, s, rand.New(rand.NewPCG(1, 1)), trunks, 20)
			s.SpoilReportSums(t, "DELETE FROM {table}")
			require.NoError(t, s.RebuildReports(t.Context(), begin.Add(30*day)))
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan error, 3)
			go func() { done <- s.FillReportsBy(t.Context(), 3, nil) }()
			for range 2 {
				go func() {
					for ctx.Err() == nil {
						if err := s.FoldSums(t.Context()); err != nil {
							done <- err
							return
						}
					}
					done <- nil
				}()
			}
			someCalls(t, s, rand.New(rand.NewPCG(2, 2)), trunks, 40)
			stop()
			for range 3 {
				require.NoError(t, <-done)
			}
			all := store.EndedFilter{Since: begin.Add(-day), Until: begin.Add(6 * day)}
			got, _ := bySums(t, s, all)
			require.Equal(t, byRows(t, s, all), got)
		})
	}
}

// TestReportMigration: an installation with calls has them summed, a new one has nothing to do.
func TestReportMigration(t *testing.T) {
	t.Parallel()
	for folder, open := range map[string]opener{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		s := open(t)
		text, err := os.ReadFile("migrations/" + folder + "/00270_report_sums.sql")
		require.NoError(t, err)
		_, last, found := strings.Cut(string(text), "INSERT INTO report_filled")
		require.True(t, found)
		all := store.EndedFilter{Since: time.Now().Add(-day).Truncate(day), Until: time.Now().Add(day).Truncate(day)}
		read := func() (sums store.ReportSums) {
			sums, _, err := s.ReportSums(t.Context(), all)
			require.NoError(t, err)
			return sums
		}
		_, left, err := s.ReportSums(t.Context(), all)
		require.NoError(t, err)
		require.Empty(t, left, "%s: a new one", folder)
		endCall(t, s, addCall(t, s, newCall(addTrunk(t, s), time.Now().UTC().Truncate(time.Microsecond))))
		require.NoError(t, s.FoldSums(t.Context()))
		s.SpoilReportSums(t, "DELETE FROM {table}")
		_, err = s.Pool().ExecContext(t.Context(), "DELETE FROM report_filled; INSERT INTO report_filled"+last)
		require.NoError(t, err)
		require.Empty(t, read(), "%s: all is read from the calls", folder)
		require.NoError(t, s.FillReports(t.Context(), nil))
		require.Len(t, read().Quarters, 1, folder)
	}
}
