package api_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

func TestIdempotentReplay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	first := b.place(goodBody, "Idempotency-Key", "order 66").ok()
	id := call.ID(first.str("call_id"))
	require.Empty(t, first.header.Get("Idempotent-Replayed"))

	// The same call in other words: spaces and order do not matter.
	reordered := `{ "customer_crm_id": "cust-99", "agent_id":"agent-42", "customer_number":"9530251797", "case_id":"abc123" }`
	for _, body := range []string{goodBody, reordered} {
		again := b.place(body, "Idempotency-Key", "order 66").ok()
		require.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
		require.Equal(t, string(id), again.str("call_id"))
		require.Equal(t, id.Room(), again.str("room"))
		require.Equal(t, number, again.str("customer_number"))
		require.NotEqual(t, first.str("token"), again.str("token"), "the token is fresh")
		require.Contains(t, again.str("token"), id.Room(), "and for the same room")
	}
	require.Len(t, b.workflows.opened(), 1)
	require.Equal(t, []call.ID{id}, b.store.rows())

	// After the end, and with every trunk switched off, it is still the same call.
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusEnded })
	b.store.noTrunk = true
	require.Equal(t, string(id), b.place(goodBody, "Idempotency-Key", "order 66").ok().str("call_id"))
}

func TestIdempotencyConflict(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := call.ID(b.place(goodBody, "Idempotency-Key", "k").ok().str("call_id"))
	other := strings.Replace(goodBody, number, "9530251798", 1)
	b.place(other, "Idempotency-Key", "k").isProblem(http.StatusConflict, "idempotency_conflict")
	require.Equal(t, []call.ID{id}, b.store.rows())
	require.Len(t, b.workflows.opened(), 1)
	b.place(other, "Idempotency-Key", "another key").ok()
	require.Len(t, b.workflows.opened(), 2)
}

// TestIdempotentAtOnce sends one request many times at once, while the first is still being opened.
func TestIdempotentAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const many = 8
	var opening sync.WaitGroup
	opening.Add(many)
	b.workflows.open = func(_ context.Context, in workflows.CallInput) error {
		opening.Done()
		opening.Wait() // nobody is accepted before all have joined
		b.store.accept(in.CallID)
		return nil
	}
	answers := make(chan *answer, many)
	var sending sync.WaitGroup
	for range many {
		sending.Go(func() { answers <- b.place(goodBody, "Idempotency-Key", "k") })
	}
	sending.Wait()
	close(answers)

	ids, replays := map[string]bool{}, 0
	for a := range answers {
		ids[a.ok().str("call_id")] = true
		if a.header.Get("Idempotent-Replayed") == "true" {
			replays++
		}
	}
	require.Len(t, ids, 1)
	require.Equal(t, many-1, replays)
	require.Len(t, b.store.rows(), 1, "the rows of those who joined are withdrawn")
	for _, in := range b.workflows.opened() {
		require.True(t, ids[string(in.CallID)], "all join the same call")
	}
}

// TestIdempotencyAfterACrash: the process that claimed the key died after its call was refused and before it freed
// the key. The next request opens a call of its own.
func TestIdempotencyAfterACrash(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	dead := call.ID(b.place(goodBody, "Idempotency-Key", "k").ok().str("call_id"))
	b.store.mu.Lock()
	delete(b.store.calls, dead)
	delete(b.store.accepted, dead)
	b.store.mu.Unlock()

	a := b.place(goodBody, "Idempotency-Key", "k").ok()
	id := call.ID(a.str("call_id"))
	require.NotEqual(t, dead, id)
	require.Empty(t, a.header.Get("Idempotent-Replayed"))
	require.Equal(t, []call.ID{id}, b.store.rows())
	require.Equal(t, string(id), b.place(goodBody, "Idempotency-Key", "k").ok().str("call_id"))
}

// TestJoiningARefusedOpening: both the first request and the one that joined it hear 503, and nothing stays.
func TestJoiningARefusedOpening(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var opening sync.WaitGroup
	opening.Add(2)
	var tries atomic.Int32
	b.workflows.open = func(context.Context, workflows.CallInput) error {
		if tries.Add(1) <= 2 { // the first request and the one that joins it; what comes later is the second's own try
			opening.Done()
			opening.Wait()
		}
		return workflows.ErrLiveKitUnavailable
	}
	var sending sync.WaitGroup
	for range 2 {
		sending.Go(func() {
			b.place(goodBody, "Idempotency-Key", "k").isProblem(503, "livekit_unavailable")
		})
	}
	sending.Wait()
	require.Empty(t, b.store.rows())
	require.Empty(t, b.store.claims)
}

func TestIdempotencyKeyIsChecked(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"empty": "", "too long": strings.Repeat("k", 256), "not ASCII": "schlüssel", "tab": "a\tb",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.place(goodBody, "Idempotency-Key", key).isProblem(400, "invalid_request").names("Idempotency-Key")
			b.nothingStarted()
		})
	}
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		b.place(goodBody, "Idempotency-Key", "a", "Idempotency-Key", "b").isProblem(400, "invalid_request").names("Idempotency-Key")
		b.nothingStarted()
	})
	t.Run("longest", func(t *testing.T) {
		t.Parallel()
		newBench(t).place(goodBody, "Idempotency-Key", strings.Repeat("~", 255)).ok()
	})
}
