package activities_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// deadServer is a LiveKit of which one server is dead: it takes a second to say so of each of that server's rooms.
type deadServer struct {
	*watchedWorld
	well call.ID

	mu    sync.Mutex
	looks []time.Time // into the room that is well
	dead  map[call.ID]int
}

func (d *deadServer) Look(ctx context.Context, id call.ID) (livekit.Room, error) {
	d.mu.Lock()
	if id == d.well {
		d.looks = append(d.looks, time.Now())
		d.mu.Unlock()
		return room(call.LegActive), nil
	}
	d.dead[id]++
	d.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	return livekit.Room{}, livekit.ErrUnhosted
}

// TestOneDeadLiveKitServerDelaysNobody: 320 rooms of a dead server, and one of another that is looked into every second all the same.
// The dead ones are each looked at again, too.
func TestOneDeadLiveKitServerDelaysNobody(t *testing.T) {
	t.Parallel()
	const dead = 320
	w := &watchedWorld{rooms: map[call.ID]func(int) (livekit.Room, error){}, looks: map[call.ID]int{}, events: make(chan event, 1000)}
	d := &deadServer{watchedWorld: w, dead: map[call.ID]int{}}
	w.addMany(dead, nil)
	d.well = w.add(call.StatusAnswered, nil)
	a := &activities.Watching{Rooms: d, Calls: w, Temporal: w, Log: zerolog.Nop(), Rate: 1000}
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(a)
	env.SetTestTimeout(time.Minute)
	stop, stopped := make(chan struct{}), make(chan struct{})
	env.SetWorkerStopChannel(stop)
	go func() {
		defer close(stopped)
		_, _ = env.ExecuteActivity(a.WatchRooms)
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
	})
	again := func() (all bool, looks []time.Time) {
		d.mu.Lock()
		defer d.mu.Unlock()
		all = len(d.dead) == dead
		for _, n := range d.dead {
			all = all && n >= 2
		}
		return all, d.looks
	}
	began := time.Now()
	require.Eventually(t, func() bool { all, looks := again(); return all && len(looks) >= 4 }, 30*time.Second, 50*time.Millisecond)
	took := time.Since(began)
	_, looks := again()
	require.Less(t, took, 20*time.Second, "each dead room twice")
	const settled = 7 * time.Second // by then each has been slow once
	for i := 1; i < len(looks); i++ {
		if looks[i-1].Sub(began) > settled {
			require.Less(t, looks[i].Sub(looks[i-1]), 2500*time.Millisecond, "the room that is well, after %d looks", i)
		}
	}
	t.Logf("%d dead rooms looked at twice in %s, the other %d times", dead, took.Round(time.Millisecond), len(looks))
}
