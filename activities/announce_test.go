package activities_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/webhook"
)

// announceBench is an Announcing over a real store, with a receiver behind each URL.
type announceBench struct {
	*deliverBench
	announcing *activities.Announcing

	mu        sync.Mutex
	receivers map[string]func(context.Context, webhook.Request) webhook.Result // by URL
	counted   map[string]int
}

func newAnnounceBench(t *testing.T) *announceBench {
	t.Helper()
	b := &announceBench{deliverBench: newDeliverBench(t), receivers: map[string]func(context.Context, webhook.Request) webhook.Result{}, counted: map[string]int{}}
	b.announcing = b.worker("first")
	return b
}

func (b *announceBench) worker(by string) *activities.Announcing {
	return &activities.Announcing{Outbox: b.store, Settings: b, Sender: b, Observer: b, Log: zerolog.Nop(), By: by}
}

// Event implements activities.EventObserver.
func (b *announceBench) Event(t call.EventType, result string, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.counted[string(t)+" "+result] += n
}

// Send implements the sender.
func (b *announceBench) Send(ctx context.Context, r webhook.Request) webhook.Result {
	b.mu.Lock()
	receive := b.receivers[r.URL]
	b.mu.Unlock()
	return receive(ctx, r)
}

// subscribe adds an endpoint with its receiver.
func (b *announceBench) subscribe(name string, receive func(context.Context, webhook.Request) webhook.Result) store.Endpoint {
	b.t.Helper()
	url := "https://" + name + ".example.com/hook"
	b.mu.Lock()
	b.receivers[url] = receive
	b.mu.Unlock()
	e, err := b.store.AddEndpoint(b.t.Context(), store.EndpointTarget{URL: &url, EventTypes: []string{"call.*"}})
	require.NoError(b.t, err)
	return e
}

// call brings a call as far as the answer.
func (b *announceBench) call() call.ID {
	b.t.Helper()
	ctx := b.t.Context()
	trunk := call.Trunk{ID: store.NewTrunkID(), Label: "main", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}
	require.NoError(b.t, b.store.SaveTrunk(ctx, trunk))
	c := call.Call{ID: call.NewID(), CaseID: "case-1", AgentID: "agent-1", CustomerNumber: "9530251797", TrunkID: trunk.ID, CreatedAt: time.Now()}
	require.NoError(b.t, b.store.InsertCall(ctx, c, call.DefaultKnobs()))
	require.NoError(b.t, b.store.AcceptCall(ctx, c.ID, time.Now()))
	require.NoError(b.t, b.store.MarkRinging(ctx, c.ID, time.Now()))
	require.NoError(b.t, b.store.MarkAnswered(ctx, c.ID, time.Now(), time.Second))
	return c.ID
}

// announce has a worker announce until the test asks it to stop.
func announce(t *testing.T, a *activities.Announcing) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Run(ctx)
	}()
	return sync.OnceFunc(func() {
		cancel()
		<-done
	})
}

// book keeps what a receiver got, by call.
type book struct {
	mu  sync.Mutex
	got map[string][]string // sequences and types, in their order
	ids map[string]int
}

func newBook() *book { return &book{got: map[string][]string{}, ids: map[string]int{}} }

func (k *book) take(r webhook.Request) {
	var event struct {
		Type string
		Data struct {
			CallID string `json:"call_id"`
		}
	}
	_ = json.Unmarshal(r.Body, &event)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.got[event.Data.CallID] = append(k.got[event.Data.CallID], event.Type)
	k.ids[r.EventID]++
}

func (k *book) of(id call.ID) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]string{}, k.got[string(id)]...)
}

// TestThreeEndpoints has one that is well, one that refuses each event once, and one that hangs. The first two hear of all calls, of each in
// order and under one id for each event; the third one holds up nobody.
func TestThreeEndpoints(t *testing.T) {
	t.Parallel()
	b := newAnnounceBench(t)
	well, moody := newBook(), newBook()
	refused := map[string]bool{}
	hangs := make(chan struct{})
	b.subscribe("well", func(_ context.Context, r webhook.Request) webhook.Result {
		well.take(r)
		return webhook.Result{Status: 204}
	})
	b.subscribe("moody", func(_ context.Context, r webhook.Request) webhook.Result {
		moody.mu.Lock()
		first := !refused[r.EventID]
		refused[r.EventID] = true
		moody.mu.Unlock()
		if first {
			return webhook.Result{Status: 503, Class: webhook.ClassStatus}
		}
		moody.take(r)
		return webhook.Result{Status: 204}
	})
	hung := b.subscribe("hangs", func(ctx context.Context, _ webhook.Request) webhook.Result {
		select {
		case <-hangs:
		case <-ctx.Done():
		}
		return webhook.Result{Class: webhook.ClassTimeout}
	})
	stop := announce(t, b.announcing)
	defer stop()
	var calls []call.ID
	for range 12 { // more than may be posted at once to the one that hangs
		calls = append(calls, b.call())
	}
	all := []string{"call.created", "call.ringing", "call.answered"}
	for _, id := range calls {
		for _, receiver := range []*book{well, moody} {
			require.Eventually(t, func() bool { return len(receiver.of(id)) == len(all) }, time.Minute, 10*time.Millisecond)
			require.Equal(t, all, receiver.of(id))
		}
	}
	require.Len(t, well.ids, 36)
	for id, times := range well.ids {
		require.Equal(t, 1, times, id)
	}
	require.Len(t, moody.ids, 36)
	endpoints, err := b.store.EventEndpoints(t.Context())
	require.NoError(t, err)
	require.Contains(t, endpoints, hung.ID, "its events wait, until they are too old")
	e, err := b.store.Endpoint(t.Context(), hung.ID)
	require.NoError(t, err)
	require.Zero(t, e.Health.Failures, "outcomes still go there: its breaker does not hear of it")
	close(hangs)
	stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Equal(t, 24, b.counted["call.created sent"])
}

// TestAnnouncingAfterACrash: what a worker had leased when it died another one sends, under the same id and with the same bytes.
func TestAnnouncingAfterACrash(t *testing.T) {
	t.Parallel()
	b := newAnnounceBench(t)
	sent := make(chan webhook.Request, 9)
	e := b.subscribe("well", func(_ context.Context, r webhook.Request) webhook.Result {
		sent <- r
		return webhook.Result{Status: 204}
	})
	id := b.call()
	// It was killed in the middle of its POST; its lease has ended since.
	leased, err := b.store.LeaseEvents(t.Context(), e.ID, "killed", time.Now(), time.Millisecond, 10)
	require.NoError(t, err)
	require.Len(t, leased, 1)
	stop := announce(t, b.worker("second"))
	defer stop()
	first := <-sent
	require.Equal(t, []any{leased[0].EventID, leased[0].Body, 2}, []any{first.EventID, first.Body, first.Attempt})
	require.Equal(t, id.ProgressID(2, e.ID), (<-sent).EventID)
	require.Equal(t, id.ProgressID(3, e.ID), (<-sent).EventID)
}

// TestAnnouncingStops lets a POST that is under way come to its end.
func TestAnnouncingStops(t *testing.T) {
	t.Parallel()
	b := newAnnounceBench(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	b.subscribe("slow", func(ctx context.Context, _ webhook.Request) webhook.Result {
		close(entered)
		select {
		case <-leave:
			return webhook.Result{Status: 204}
		case <-ctx.Done():
			return webhook.Result{Class: webhook.ClassTimeout}
		}
	})
	b.call()
	stop := announce(t, b.announcing)
	<-entered
	stopped := make(chan struct{})
	go func() {
		stop()
		close(stopped)
	}()
	close(leave)
	<-stopped
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Equal(t, map[string]int{"call.created sent": 1}, b.counted)
}
