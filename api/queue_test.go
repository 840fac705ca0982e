package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func TestConnectIsRefusedWhileNoLineIsFree(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.open()
	b.store.busyLines = true
	b.connect(id).ok()
	require.Len(t, b.workflows.sent(), 1, "no operator has set it")

	b.settings.change(func(s *store.Settings) { s.Admission.RefuseWhenBusy = true })
	id = b.open()
	a := b.connect(id).isProblem(http.StatusTooManyRequests, "trunk_busy")
	require.Equal(t, "2", a.header.Get("Retry-After"))
	require.Len(t, b.workflows.sent(), 1, "nobody is dialed")
	require.Equal(t, "connect_refused", b.store.timeline(id)[0].Name)
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusRinging })
	b.connect(id).ok()
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusCreated })
	b.store.busyLines = false
	b.connect(id).ok()
	require.Len(t, b.workflows.sent(), 2)
}

func TestQueuedCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.settings.change(func(s *store.Settings) { s.Admission.QueueWait = 20 * time.Second })
	id := b.open()
	get := func() map[string]any { return b.do(http.MethodGet, "/api/c2c/calls/"+string(id), "").ok().json() }
	require.NotContains(t, get(), "queue_position")
	b.store.set(id, func(c *call.Call) { c.Status = call.StatusQueued })
	record := get()
	require.Equal(t, "queued", record["status"])
	require.InDelta(t, 3, record["queue_position"], 0)
	require.NotContains(t, record, "estimated_wait_seconds", "nobody knows")
	require.Equal(t, false, record["connected"])
	b.store.linesFreed = 9
	require.InDelta(t, 40, get()["estimated_wait_seconds"], 0, "the third, and nine lines got free in two minutes")
	b.connect(id).ok()
	require.Empty(t, b.workflows.sent(), "it waits already")
}
