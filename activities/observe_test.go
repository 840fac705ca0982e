package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/webhook"
)

// counted is an observer that remembers.
type counted struct {
	outcomes []call.Reason
	attempts []string
	after    []time.Duration
	unlisted []string
}

func (c *counted) DialReplyUnlisted(code string) { c.unlisted = append(c.unlisted, code) }

func (c *counted) CallEnded(_ time.Time, _ *time.Time, o call.Outcome) {
	c.outcomes = append(c.outcomes, o.Reason)
}

func (c *counted) Attempt(trigger, class string, _ time.Duration) {
	c.attempts = append(c.attempts, trigger+" "+class)
}

func (c *counted) Acknowledged(afterEnd time.Duration) { c.after = append(c.after, afterEnd) }

// An outcome counts once, however often it is recorded.
func TestOutcomesAreCountedOnce(t *testing.T) {
	t.Parallel()
	b := newLedgerBench(t)
	c := &counted{}
	b.ledger.Calling.Observer = c
	b.rooms.room = livekit.Room{Leg: call.LegNoRoom}
	id := b.live()
	o := call.FromSIPCode(486)
	o.EndedAt = time.Now()
	for range 3 {
		_, err := b.ledger.Calling.Record(t.Context(), activities.RecordInput{CallID: id, Outcome: o})
		require.NoError(t, err)
	}
	require.Equal(t, []call.Reason{call.ReasonBusy}, c.outcomes)
}

func TestAttemptsAreCounted(t *testing.T) {
	t.Parallel()
	b := newDeliverBench(t)
	c := &counted{}
	b.Observer = c
	event := b.outcome()
	b.crm = func(context.Context, webhook.Request) webhook.Result {
		return webhook.Result{Status: 500, Class: webhook.ClassStatus, Error: "answered 500"}
	}
	require.Error(t, b.deliver(event))
	b.crm = func(context.Context, webhook.Request) webhook.Result { return webhook.Result{Status: 200} }
	require.NoError(t, b.deliver(event))
	require.Equal(t, []string{"automatic status", "automatic "}, c.attempts)
	require.Len(t, c.after, 1)
	_, err := b.environment().ExecuteActivity(b.ReplayOnce, activities.ReplayInput{EventID: event, ReplayID: "again"})
	require.NoError(t, err)
	require.Equal(t, []string{"automatic status", "automatic ", "replay "}, c.attempts)
	require.Len(t, c.after, 1, "the CRM has it already")
}
