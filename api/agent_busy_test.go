package api_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/workflows"
)

func newSoleBench(t *testing.T) *bench {
	b := newBench(t)
	b.settings.change(func(s *store.Settings) { s.Admission.OneCallPerAgent = true })
	return b
}

func TestOneLiveCallPerAgent(t *testing.T) {
	t.Parallel()
	b := newSoleBench(t)
	first := b.place(goodBody, "Idempotency-Key", "k").ok().str("call_id")
	require.True(t, b.store.calls[call.ID(first)].SoleOfAgent)

	a := b.place(goodBody).isProblem(http.StatusConflict, "agent_busy")
	require.Equal(t, first, a.str("live_call_id"))
	require.Len(t, b.store.rows(), 1, "a refused request leaves nothing behind")
	b.place(goodBody, "Idempotency-Key", "another").isProblem(http.StatusConflict, "agent_busy")

	again := b.place(goodBody, "Idempotency-Key", "k").ok()
	require.Equal(t, first, again.str("call_id"), "a repeat answers the first call")
	require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))

	other := strings.Replace(goodBody, "agent-42", "agent-43", 1)
	b.place(other).ok()
	b.store.set(call.ID(first), func(c *call.Call) { c.Status = call.StatusEnded })
	b.place(goodBody, "Idempotency-Key", "another").ok()
	require.Equal(t, first, b.place(goodBody, "Idempotency-Key", "k").ok().str("call_id"), "also when the agent has the next call by now")
}

func TestAgentsMayHaveSeveralCalls(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 2 {
		require.False(t, b.store.calls[b.open()].SoleOfAgent)
	}
}

// TestTheNextCallComesAtOnce: an agent hangs up and clicks the next number, before the end of the first call is recorded.
func TestTheNextCallComesAtOnce(t *testing.T) {
	t.Parallel()
	b := newSoleBench(t)
	first := b.open()
	time.AfterFunc(150*time.Millisecond, func() {
		b.store.set(first, func(c *call.Call) { c.Status = call.StatusEnded })
	})
	b.open()
}

// TestTwoCallsOfAnAgentAtOnce: the store accepts one of them; the other leaves nothing behind, and its key is free.
func TestTwoCallsOfAnAgentAtOnce(t *testing.T) {
	t.Parallel()
	b := newSoleBench(t)
	var both, first sync.WaitGroup
	both.Add(2)
	first.Add(1)
	var once sync.Once
	b.workflows.open = func(_ context.Context, in workflows.CallInput) error {
		both.Done()
		both.Wait()
		err := workflows.ErrAgentBusy
		once.Do(func() {
			err = nil
			b.store.accept(in.CallID)
			first.Done()
		})
		first.Wait()
		return err
	}
	answers := make(chan *answer, 2)
	for _, key := range []string{"a", "b"} {
		go func() { answers <- b.place(goodBody, "Idempotency-Key", key) }()
	}
	one, other := <-answers, <-answers
	if one.status != http.StatusOK {
		one, other = other, one
	}
	other.isProblem(http.StatusConflict, "agent_busy")
	require.Equal(t, one.ok().str("call_id"), other.str("live_call_id"))
	require.Len(t, b.store.rows(), 1)
	require.Len(t, b.store.claims, 1)
}

func TestAgentBusyNeedsTheStore(t *testing.T) {
	t.Parallel()
	b := newSoleBench(t)
	b.store.fail(errors.New("down"))
	b.place(goodBody).isProblem(http.StatusServiceUnavailable, "store_unavailable")
}
