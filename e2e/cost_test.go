package e2e_test

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/click2call/click2call/lab/history"
	"github.com/click2call/click2call/lab/world"
)

const (
	maxEvents  = 36
	maxActions = 13
	// oneTask is one workflow task more, in events: two words about a call's end may reach it on both sides of a task's beginning.
	oneTask = 3

	shortTalk = 3
	longTalk  = 40
	costRing  = 2
)

// TestCostOfACall prints what an answered call with its delivery costs in Temporal, with an agent who does all that the
// integration guide's snippet does, and checks that the length of the talk changes nothing: not one event of it is
// made while people talk, whether for 3 s, 40 s or 2 h.
func TestCostOfACall(t *testing.T) {
	for _, m := range []mode{polling, webhook} {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			s := open(t, setting{mode: m})
			var mine [2]*phoneCall
			var records [2]callRecord
			var bills [2]history.Bill
			t.Run("calls", func(t *testing.T) {
				for i, talk := range []int{shortTalk, longTalk} {
					t.Run(fmt.Sprintf("%d s", talk), func(t *testing.T) {
						t.Parallel()
						mine[i] = s.call(t, secondsOf("200", costRing, talk)).join()
						records[i] = mine[i].end(customerHangup)
						bills[i] = mine[i].bill()
					})
				}
			})
			if t.Failed() {
				return
			}
			for i, talk := range []int{shortTalk, longTalk} {
				t.Logf("%s, %2d s of talk: %d events, %d actions: %s", m, talk, bills[i].Events, bills[i].Actions, describe(bills[i]))
				assert.LessOrEqual(t, bills[i].Events, maxEvents+oneTask)
				assert.LessOrEqual(t, bills[i].Actions, maxActions)
			}
			assert.LessOrEqual(t, min(bills[0].Events, bills[1].Events), maxEvents)
			quietWhileTheyTalk(t, records[1], s.history(t, records[1].CallID))
			sameButForTheEnd(t, bills[0], bills[1])
			tellsNoNumber(t, s, mine[0].number)
			tellsNoNumber(t, s, mine[1].number)
		})
	}
}

// sameButForTheEnd compares what a short and a long talk are billed for. How many signals of its own end a call receives
// before it is over is a race between the page's /hangup and LiveKit's events, whatever the length.
func sameButForTheEnd(t *testing.T, short, long history.Bill) {
	t.Helper()
	const racing = 2
	assert.InDelta(t, short.Kinds["signal"], long.Kinds["signal"], racing, "signals")
	one, other := maps.Clone(short.Kinds), maps.Clone(long.Kinds)
	delete(one, "signal")
	delete(other, "signal")
	assert.Equal(t, one, other, "what a call is billed for, whatever its length")
}

// bill is what the call and its delivery cost: a delivery that arrives at once has no workflow of its own. Temporal bills the dial's heartbeats as well, which no history shows:
// none for a phone that is answered within 3 s, about one for each 8 s of ringing.
func (c *phoneCall) bill() history.Bill {
	c.t.Helper()
	return history.Count(c.history())
}

func describe(b history.Bill) string {
	var words []string
	for _, kind := range slices.Sorted(maps.Keys(b.Kinds)) {
		words = append(words, fmt.Sprintf("%d %s", b.Kinds[kind], kind))
	}
	return strings.Join(words, ", ")
}

// quietWhileTheyTalk checks that a call's history grows by nothing between the end of what the answer causes and the
// beginning of what the hang-up causes: then it cannot depend on how long people talk.
func quietWhileTheyTalk(t *testing.T, r callRecord, events []*historypb.HistoryEvent) {
	t.Helper()
	from, to := r.AnsweredAt.Add(10*time.Second), r.EndedAt.Add(-time.Second)
	require.Greater(t, to.Sub(from), 20*time.Second)
	for _, e := range events {
		at := e.GetEventTime().AsTime()
		assert.False(t, at.After(from) && at.Before(to), "event %d, %s, came while they talked", e.GetEventId(), e.GetEventType())
	}
}

// tellsNoNumber looks for a customer's number, and for what was dialed, in everything that Temporal keeps, in the
// product's logs and in its metrics.
func tellsNoNumber(t *testing.T, s *site, number string) {
	t.Helper()
	told := map[string]string{"the product's log": s.productLogs(t), "the product's metrics": s.metrics(t)}
	ids := s.workflowIDs(t)
	require.GreaterOrEqual(t, len(ids), 3, "two calls and the watch")
	for _, id := range ids {
		for _, e := range s.history(t, id) {
			text, err := history.Text(e)
			require.NoError(t, err)
			told["the history of "+id] += text
		}
		d, err := s.Temporal.DescribeWorkflow(t.Context(), id, "")
		require.NoError(t, err)
		text, err := history.Text(d.RawResponse)
		require.NoError(t, err)
		told["the description of "+id] = text
	}
	for where, text := range told {
		require.NotEmpty(t, text, where)
		for _, secret := range []string{number, world.TrunkPrefix + number} {
			assert.NotContains(t, text, secret, where)
		}
	}
	masked := number[:5] + "•••" + number[8:]
	assert.Contains(t, strings.Join(slices.Collect(maps.Values(told)), ""), masked, "operators know calls by the masked number")
}

// workflowIDs are all workflows that Temporal knows of.
func (s *site) workflowIDs(t *testing.T) []string {
	t.Helper()
	got, err := s.Temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
	require.NoError(t, err)
	var ids []string
	for _, e := range got.GetExecutions() {
		ids = append(ids, e.GetExecution().GetWorkflowId())
	}
	slices.SortFunc(ids, cmp.Compare[string])
	return ids
}

func (s *site) metrics(t *testing.T) string {
	t.Helper()
	resp, err := http.Get(s.MetricsURL())
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	require.NoError(t, err)
	return string(body)
}
