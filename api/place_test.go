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

func TestPlaceCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.settings.change(func(s *store.Settings) { s.Knobs.RingTimeout = 33 * time.Second })

	a := b.place(goodBody).ok()

	id, wellFormed := call.ParseID(a.str("call_id"))
	require.True(t, wellFormed)
	require.Equal(t, map[string]any{
		"call_id": string(id), "room": id.Room(), "ws_url": "wss://livekit.example.com",
		"token": "token-1-for-" + id.Room(), "customer_number": number,
	}, a.json())
	require.Empty(t, a.header.Get("Idempotent-Replayed"))
	require.Equal(t, "no-store", a.header.Get("Cache-Control"))

	require.Equal(t, call.Call{
		ID: id, CaseID: "abc123", CustomerCRMID: "cust-99", AgentID: "agent-42", CustomerNumber: number,
		DID: "+911140000000", TrunkID: "trunk-1", Status: call.StatusCreated, CreatedAt: b.clock.now(),
		Purpose: call.PurposeService, Permission: &call.Permission{Purpose: call.PurposeService, Why: "No rule forbids it."},
	}, b.store.calls[id])

	require.Len(t, b.workflows.opened(), 1)
	in := b.workflows.opened()[0]
	require.Equal(t, workflows.CallInput{
		CallID: id, MaskedNumber: "95302•••97", Trunk: "Main", AgentID: "agent-42", CaseID: "abc123", Knobs: in.Knobs,
	}, in)
	require.Equal(t, 33*time.Second, in.Knobs.RingTimeout)
	require.Empty(t, b.workflows.sent(), "nobody is dialed before /connect")
}

func TestPlaceCallTakesTheDID(t *testing.T) {
	t.Parallel()
	for sent, stored := range map[string]string{
		"9999999999": "+919999999999", "09999999999": "+919999999999", "+1 (202) 555-0100": "+12025550100",
	} {
		b := newBench(t)
		id := call.ID(b.place(`{"case_id":"c","customer_number":"9530251797","agent_id":"a","did":"` + sent + `"}`).ok().str("call_id"))
		require.Equal(t, stored, b.store.calls[id].DID, sent)
		require.Empty(t, b.store.calls[id].CustomerCRMID)
	}
}

// TestSlowOpeningsDoNotPileUp: while as many calls as may are being opened, one more is refused before anything is started for it.
func TestSlowOpeningsDoNotPileUp(t *testing.T) {
	t.Parallel()
	const atOnce = 16
	b := newBench(t)
	goOn, begun := make(chan struct{}), make(chan struct{}, atOnce)
	b.workflows.open = func(_ context.Context, in workflows.CallInput) error {
		begun <- struct{}{}
		<-goOn
		b.store.accept(in.CallID)
		return nil
	}
	var opening sync.WaitGroup
	for range atOnce {
		opening.Go(func() { b.place(goodBody).ok() })
	}
	for range atOnce {
		<-begun
	}
	a := b.place(goodBody)
	a.isProblem(http.StatusServiceUnavailable, "busy")
	require.Equal(t, "2", a.header.Get("Retry-After"))
	require.Len(t, b.workflows.opened(), atOnce)
	close(goOn)
	opening.Wait()
	b.place(goodBody).ok()
}

// TestAcceptOrRefuse: whatever Open says, the CRM hears 200 exactly when the row was accepted.
func TestAcceptOrRefuse(t *testing.T) {
	t.Parallel()
	unavailable := errors.Join(workflows.ErrLiveKitUnavailable, errors.New("http://10.0.0.7:7880"))
	for name, tt := range map[string]struct {
		accepted bool
		err      error
		status   int
		code     string
	}{
		"opened":                                  {true, nil, http.StatusOK, ""},
		"accepted, then the word of it was lost":  {true, errTrouble, http.StatusOK, ""},
		"accepted, then LiveKit's word":           {true, unavailable, http.StatusOK, ""},
		"LiveKit down":                            {false, unavailable, 503, "livekit_unavailable"},
		"Temporal down":                           {false, errTrouble, 503, "temporal_unavailable"},
		"refused by the workflow":                 {false, workflows.ErrRefused, 503, "temporal_unavailable"},
		"the time for opening ran out, no accept": {false, context.DeadlineExceeded, 503, "temporal_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.workflows.open = func(ctx context.Context, in workflows.CallInput) error {
				deadline, limited := ctx.Deadline()
				require.True(t, limited)
				require.LessOrEqual(t, time.Until(deadline), 10*time.Second)
				if tt.accepted {
					require.True(t, b.store.accept(in.CallID))
				}
				return tt.err
			}
			a := b.place(goodBody, "Idempotency-Key", "k")
			if tt.status == http.StatusOK {
				a.ok()
				require.Equal(t, []call.ID{call.ID(a.str("call_id"))}, b.store.rows())
				return
			}
			a.isProblem(tt.status, tt.code)
			require.NotEmpty(t, a.header.Get("Retry-After"))
			require.NotContains(t, string(a.body), "10.")
			require.Empty(t, b.store.rows(), "a refused call leaves nothing behind")
			require.Empty(t, b.store.claims, "a refused call frees its key")
			require.Equal(t, 1, strings.Count(b.log.String(), tt.err.Error()[:20]), "logged once: %s", b.log.String())
		})
	}
}

// TestClientGivesUpWhileOpening: the row is settled although the request's context is dead.
func TestClientGivesUpWhileOpening(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx, giveUp := context.WithCancel(t.Context())
	b.workflows.open = func(ctx context.Context, _ workflows.CallInput) error {
		giveUp()
		<-ctx.Done()
		return ctx.Err()
	}
	r := request(http.MethodPost, "/api/c2c/click2call", goodBody, "Content-Type", "application/json", "X-api-key", goodKey, "Idempotency-Key", "k")
	b.serve(r.WithContext(ctx)).isProblem(503, "temporal_unavailable")
	require.Empty(t, b.store.rows())
	require.Empty(t, b.store.claims)
}

// TestNobodyKnows: Temporal failed and the database cannot say whether the call was accepted. The key stays claimed,
// so that the retry finds the call when it lives after all.
func TestNobodyKnows(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store.stick(errDown)
	b.workflows.open = func(_ context.Context, in workflows.CallInput) error {
		b.store.accept(in.CallID)
		return errTrouble
	}
	b.place(goodBody, "Idempotency-Key", "k").isProblem(503, "store_unavailable")
	require.Len(t, b.store.claims, 1)
	b.store.stick(nil)
	live := b.store.rows()
	require.Len(t, live, 1)
	a := b.place(goodBody, "Idempotency-Key", "k").ok()
	require.Equal(t, "true", a.header.Get("Idempotent-Replayed"))
	require.Equal(t, string(live[0]), a.str("call_id"))
	require.Equal(t, live, b.store.rows())
	require.Len(t, b.workflows.opened(), 1)
}

func TestPlaceCallWithoutWhatItNeeds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		breakIt func(*bench)
		code    string
	}{
		"no trunk":               {func(b *bench) { b.store.noTrunk = true }, "no_trunk"},
		"no database":            {func(b *bench) { b.store.fail(errDown) }, "store_unavailable"},
		"no settings":            {func(b *bench) { b.settings.down = errDown }, "store_unavailable"},
		"no LiveKit credentials": {func(b *bench) { b.livekit.down = errDown }, "livekit_unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			tt.breakIt(b)
			a := b.place(goodBody, "Idempotency-Key", "k").isProblem(503, tt.code)
			require.NotContains(t, string(a.body), "10.1.2.3")
			b.nothingStarted()
		})
	}
}

func TestCallerIsLimited(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const burst = 200
	for range burst {
		b.place(`{}`).isProblem(400, "invalid_request")
	}
	a := b.place(goodBody).isProblem(http.StatusTooManyRequests, "rate_limited")
	require.Equal(t, "1", a.header.Get("Retry-After"))
	b.nothingStarted()
	b.clock.forward(time.Second)
	b.place(goodBody).ok()
}
