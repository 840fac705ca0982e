package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
	"github.com/click2call/click2call/workflows"
)

// onlyReplays takes nothing but replays.
func onlyReplays(_ int, r webhook.Request) webhook.Result {
	if r.Replay {
		return answer(200)
	}
	return answer(500)
}

// neverReplays takes nothing, and replays least of all.
func neverReplays(int, webhook.Request) webhook.Result { return answer(500) }

func TestReplayWhileItWaits(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = onlyReplays
	d.replay(time.Hour, "rpl_1")
	result, err := d.deliver()
	require.NoError(t, err)
	require.Equal(t, workflows.DeliverResult{State: "delivered", By: "replay"}, result)
	last := d.posts[len(d.posts)-1]
	require.True(t, last.Replay)
	require.Equal(t, d.posts[0].EventID, last.EventID)
	require.Equal(t, d.posts[0].Body, last.Body)
	require.Equal(t, store.DeliveryDelivered, d.delivery().State)
	require.Equal(t, 1, d.delivery().Replays)
}

// TestReplayThatFails neither resets nor uses up the schedule.
func TestReplayThatFails(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = neverReplays
	d.replay(time.Hour, "rpl_1")
	d.replay(2*time.Hour, "rpl_2")
	d.replay(3*time.Hour, "rpl_2") // once more, as a caller does after a crash
	start := d.Now()
	_, err := d.deliver()
	requireDead(t, err, "dead after 12 attempts")
	require.Len(t, d.posts, 14)
	require.Equal(t, 12, d.delivery().Automatic)
	require.Equal(t, 2, d.delivery().Replays)
	d.posts = automatic(d.posts)
	for i, gap := range d.gaps(start) {
		scheduled := d.schedule[i].Seconds()
		require.InDelta(t, scheduled, gap.Seconds(), 0.2*scheduled+2, "attempt %d", i+1)
	}
}

func automatic(posts []post) []post {
	var left []post
	for _, p := range posts {
		if !p.Replay {
			left = append(left, p)
		}
	}
	return left
}

// TestReplayOfParked makes one attempt beside what holds the endpoint back.
func TestReplayOfParked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		crm  func(int, webhook.Request) webhook.Result
		want workflows.DeliverResult
		is   store.DeliveryState
	}{
		"taken":   {onlyReplays, workflows.DeliverResult{State: "delivered", By: "replay"}, store.DeliveryDelivered},
		"refused": {neverReplays, workflows.DeliverResult{State: "parked"}, store.DeliveryParked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliverTest(t)
			d.openBreaker()
			d.crm = c.crm
			d.replay(0, "rpl_1")
			result, err := d.deliverAs(workflows.DeliverInput{EventID: d.outcome(), ReplayOnly: true})
			require.NoError(t, err)
			require.Equal(t, c.want, result)
			require.Len(t, d.posts, 1)
			require.Equal(t, c.is, d.delivery().State)
			if c.is == store.DeliveryDelivered {
				require.Contains(t, d.told, "well ep_crm 1", "the watch need not wait for its next probe")
			}
		})
	}
}

// TestReplayWithAnyOrder takes whatever Temporal's command line can send: it makes at most one attempt, which is written down. It
// was a POST every 30 s for ever, and none in the log.
func TestReplayWithAnyOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		order any
		sent  int
	}{
		"an empty object":       {map[string]any{}, 1},
		"a mistyped field":      {map[string]any{"replay": "rpl_1"}, 1},
		"a number for an id":    {map[string]any{"id": 7}, 1},
		"a text":                {"rpl_1", 1},
		"nothing":               {nil, 1},
		"a list":                {[]int{1}, 1},
		"bytes":                 {[]byte{1, 2}, 1},
		"an id of 128 bytes":    {map[string]any{"id": strings.Repeat("x", 128)}, 1},
		"an id of 129 bytes":    {map[string]any{"id": strings.Repeat("x", 129)}, 0},
		"an id that is no text": {map[string]any{"id": "a\x00b"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliverTest(t)
			d.schedule = []time.Duration{0, time.Hour}
			d.crm = neverReplays
			d.RegisterDelayedCallback(func() { d.SignalWorkflow(workflows.SignalReplay.Name, c.order) }, time.Minute)
			_, err := d.deliver()
			requireDead(t, err, "dead after 2 attempts")
			require.Len(t, d.posts, 2+c.sent)
			require.Equal(t, c.sent, d.delivery().Replays)
		})
	}
}

// TestReplaysWithoutIDs are as many replays as there were orders.
func TestReplaysWithoutIDs(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.dead()
	d.crm = neverReplays
	for range 3 {
		d.replay(0, "")
	}
	_, err := d.deliverAs(workflows.DeliverInput{EventID: event, ReplayOnly: true})
	requireDead(t, err, "did not take the replay either")
	require.Len(t, d.posts, 3)
	require.Equal(t, 3, d.delivery().Replays)
}

// dead makes an outcome whose delivery is dead, and is ready to run its workflow again.
func (d *deliverTest) dead() (eventID string) {
	d.t.Helper()
	schedule, crm := d.schedule, d.crm
	d.schedule, d.crm = []time.Duration{0}, always(answer(500))
	_, err := d.deliver()
	requireDead(d.t, err, "dead after 1 attempts")
	d.schedule, d.crm = schedule, crm
	d.newEnvironment()
	d.posts = nil
	return d.events[len(d.events)-1]
}

func TestReplayOfDead(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.dead()
	d.replay(0, "rpl_1")
	result, err := d.deliverAs(workflows.DeliverInput{EventID: event, ReplayOnly: true})
	require.NoError(t, err)
	require.Equal(t, "replay", result.By)
	require.Equal(t, store.DeliveryDelivered, d.delivery().State)

	for range 2 { // delivered again: because somebody asked, and not twice for one replay
		d.newEnvironment()
		d.replay(0, "rpl_2")
		_, err = d.deliverAs(workflows.DeliverInput{EventID: event, ReplayOnly: true})
		require.NoError(t, err)
		require.Len(t, d.posts, 2)
	}
}

func TestFailedReplayOfDead(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.dead()
	d.crm = neverReplays
	d.replay(0, "rpl_1")
	_, err := d.deliverAs(workflows.DeliverInput{EventID: event, ReplayOnly: true})
	requireDead(t, err, "dead, and the CRM did not take the replay either: answered 500")
	require.Len(t, d.posts, 1, "no schedule begins")
	require.Equal(t, store.DeliveryDead, d.delivery().State)
}

func TestFailedReplayOfDelivered(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	_, err := d.deliver()
	require.NoError(t, err)
	d.newEnvironment()
	d.crm = neverReplays
	d.replay(0, "rpl_1")
	result, err := d.deliverAs(workflows.DeliverInput{EventID: d.events[0], ReplayOnly: true})
	require.NoError(t, err, "the CRM has it, since before")
	require.Equal(t, "earlier", result.By)
	require.Equal(t, store.DeliveryDelivered, d.delivery().State)
}

// TestReplayOfOrphan has a delivery that waits though somebody ended its workflow: it gets its schedule back.
func TestReplayOfOrphan(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	d.crm = func(_ int, r webhook.Request) webhook.Result {
		if r.Replay {
			return answer(500)
		}
		return answer(200)
	}
	d.replay(0, "rpl_1")
	result, err := d.deliverAs(workflows.DeliverInput{EventID: d.outcome(), ReplayOnly: true})
	require.NoError(t, err)
	require.Equal(t, "automatic", result.By)
}

// TestReplayDuringTheLastAttempt comes when the run is about to end: it must not be lost with it.
func TestReplayDuringTheLastAttempt(t *testing.T) {
	t.Parallel()
	for name, replayed := range map[string]int{"taken": 200, "refused": 500} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDeliverTest(t)
			d.schedule = []time.Duration{0}
			d.crm = func(n int, _ webhook.Request) webhook.Result {
				if n > 1 {
					return answer(replayed)
				}
				d.SignalWorkflow(workflows.SignalReplay.Name, workflows.ReplayOrder{ID: "rpl_1"})
				d.SignalWorkflow(workflows.SignalReplay.Name, workflows.ReplayOrder{ID: "rpl_2"})
				return answer(500)
			}
			_, err := d.deliver()
			require.Equal(t, 3, len(d.posts))
			require.Equal(t, 2, d.delivery().Replays)
			if replayed == 200 {
				require.NoError(t, err)
			} else {
				requireDead(t, err, "dead")
			}
		})
	}
}

// TestReplayWhoseWorkerDies makes no second attempt once the first is written down.
func TestReplayWhoseWorkerDies(t *testing.T) {
	t.Parallel()
	d := newDeliverTest(t)
	event := d.dead()
	require.NoError(t, d.store.SaveAttempt(t.Context(), store.Attempt{EventID: event, N: 1, Trigger: store.TriggerReplay, ReplayID: "rpl_1",
		StartedAt: time.Now(), Status: 200}))
	d.replay(0, "rpl_1")
	result, err := d.deliverAs(workflows.DeliverInput{EventID: event, ReplayOnly: true})
	require.NoError(t, err)
	require.Equal(t, "replay", result.By)
	require.Empty(t, d.posts)
	require.NotContains(t, d.alertKinds(), activities.AlertEndpointWell)
}
