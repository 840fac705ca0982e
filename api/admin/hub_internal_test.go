package admin

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin/internal/oapi"
)

// world is what a hub looks at.
type world struct {
	looks atomic.Int64
	dead  atomic.Int64
	down  atomic.Bool
}

func (w *world) observe(_ context.Context, zones []*time.Location) (map[string]oapi.Overview, error) {
	w.looks.Add(1)
	if w.down.Load() {
		return nil, errors.New("the database is down")
	}
	seen := map[string]oapi.Overview{}
	for _, z := range zones {
		seen[z.String()] = oapi.Overview{
			At: time.Now(), Deliveries: oapi.DeliveryCounts{Dead: int(w.dead.Load())},
			Health: oapi.SystemHealth{State: "ok", Parts: []oapi.HealthPart{}},
		}
	}
	return seen, nil
}

func withoutStore(context.Context) oapi.SystemHealth {
	return oapi.SystemHealth{State: "down", Parts: []oapi.HealthPart{}}
}

func (l *listener) take(t *testing.T) (o oapi.Overview, some bool) {
	t.Helper()
	select {
	case data := <-l.overviews:
		require.NoError(t, json.Unmarshal(data, &o))
		return o, true
	default:
		return o, false
	}
}

func TestHub(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		h := newHub(w.observe, withoutStore)
		time.Sleep(time.Minute)
		require.Zero(t, w.looks.Load(), "nobody listens, nobody looks")

		first, ok := h.join(time.UTC)
		require.True(t, ok)
		synctest.Wait()
		_, some := first.take(t)
		require.True(t, some, "at once")
		time.Sleep(5500 * time.Millisecond)
		require.EqualValues(t, 6, w.looks.Load(), "once a second")
		_, some = first.take(t)
		require.False(t, some, "nothing changed")

		second, ok := h.join(time.UTC)
		require.True(t, ok)
		synctest.Wait()
		_, some = second.take(t)
		require.True(t, some)
		_, some = first.take(t)
		require.False(t, some)

		for n := range 3 { // nobody reads meanwhile
			w.dead.Store(int64(n + 1))
			time.Sleep(time.Second)
		}
		o, some := first.take(t)
		require.True(t, some)
		require.Equal(t, 3, o.Deliveries.Dead, "the newest, whatever was missed")

		w.down.Store(true)
		time.Sleep(time.Second)
		_, _ = second.take(t)
		o, some = first.take(t)
		require.True(t, some)
		require.Equal(t, "down", o.Health.State)
		require.Equal(t, 3, o.Deliveries.Dead, "the last known")
		w.down.Store(false)
		time.Sleep(time.Second)
		o, some = first.take(t)
		require.True(t, some)
		require.Equal(t, "ok", o.Health.State)

		h.leave(first)
		h.leave(second)
		synctest.Wait()
		looks := w.looks.Load()
		time.Sleep(time.Minute)
		require.Equal(t, looks, w.looks.Load())
	})
}

func TestHubIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHub((&world{}).observe, withoutStore)
		var last *listener
		for range maxListeners {
			l, ok := h.join(time.UTC)
			require.True(t, ok)
			last = l
		}
		_, ok := h.join(time.UTC)
		require.False(t, ok)
		h.leave(last)
		again, ok := h.join(time.UTC)
		require.True(t, ok)
		h.leave(again)
		h.mu.Lock()
		for l := range h.listeners {
			delete(h.listeners, l)
		}
		h.stop()
		h.mu.Unlock()
	})
}
