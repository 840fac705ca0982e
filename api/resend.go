package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

const (
	// resendFor is how long a signal that Temporal did not take is tried again.
	resendFor = 15 * time.Minute
	// maxResends bounds the signals that wait for Temporal.
	maxResends         = 10_000
	defaultResendEvery = 2 * time.Second
)

// resends are the signals that wait for Temporal to come back.
//
// The request that brought one is answered 503 all the same: what waits here dies with this process. But most of those who
// ask do not ask again: a closing tab sends one beacon, LiveKit gives an event up after 15 s. Without their word the end
// of a call is found by looking, later and with less to say about who ended it and when.
type resends struct {
	mu    sync.Mutex
	under map[resend]bool
}

// resend names a signal: a second one of the same says nothing more.
type resend struct {
	call   call.ID
	signal string
}

// keepSending tries again in the background to hand a signal on, if it is for a call that lives.
func (a *API) keepSending(ctx context.Context, id call.ID, signal string, send func(context.Context) error) {
	lasting := context.WithoutCancel(ctx)
	look, cancel := context.WithTimeout(lasting, cleanUpTimeout)
	defer cancel()
	c, err := a.find(look, id)
	if err != nil || c.Status == call.StatusEnded || !a.resends.begin(resend{id, signal}) {
		return
	}
	go func() {
		defer a.resends.end(resend{id, signal})
		sent := a.again(lasting, func(ctx context.Context) bool {
			err := within(ctx, signalTimeout, send)
			return err == nil || errors.Is(err, workflows.ErrOver)
		})
		if !sent {
			a.Logger.Warn().Str("call_id", string(id)).Str("signal", signal).Msg("gave up to hand a signal on to Temporal")
		}
	}()
}

// again tries until it is done, and reports false when resendFor is over.
func (a *API) again(ctx context.Context, do func(context.Context) (done bool)) bool {
	ctx, cancel := context.WithTimeout(ctx, resendFor)
	defer cancel()
	ticker := time.NewTicker(a.ResendEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if do(ctx) {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

func within(ctx context.Context, limit time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return do(ctx)
}

func (r *resends) begin(s resend) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.under[s] || len(r.under) >= maxResends {
		return false
	}
	r.under[s] = true
	return true
}

func (r *resends) end(s resend) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.under, s)
}
