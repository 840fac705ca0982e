package api

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// turnWithin is how long a request waits for its turn to open a call.
const turnWithin = 2 * time.Second

// beginOpening waits for this request's turn to open a call; the caller says when it is done. When there is none in time, nothing was
// started.
//
// Temporal answers within hundredths of a second, so that the default is hundreds of calls a second. When it, or LiveKit, is slow,
// more at once would make each so slow that CRMs give up and ask again; then nothing gets through any more, and goes on not to when
// the trouble is long over.
func (a *API) beginOpening(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, turnWithin)
	defer cancel()
	if err := a.openings.Acquire(ctx, 1); err != nil {
		return nil, problem.Unable(problem.Busy, fmt.Errorf("as many calls as may be are being opened already: %w", err))
	}
	return sync.OnceFunc(func() { a.openings.Release(1) }), nil
}

// verdict is what became of a call that was to be opened.
type verdict int

const (
	unknown  verdict = iota // the database could not say
	accepted                // it lives; one webhook will come
	refused                 // it was withdrawn and can never be accepted
)

// open opens the call. The error is nil when the verdict is accepted.
//
// A failure of Workflows.Open is not yet a refusal: the workflow may have accepted the call and only the word of it was
// lost. The row decides. Accepting it and deleting it exclude each other, so the row is the one point where this process
// and the workflow agree: either the CRM hears 200 and one webhook comes, or it hears 503 and none does.
func (a *API) open(ctx context.Context, p *prepared, id call.ID) (verdict, error) {
	openCtx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	err := a.Workflows.Open(openCtx, p.input(id))
	if err == nil {
		a.limits.known.Add(id, struct{}{})
		return accepted, nil
	}
	v, settleErr := a.settle(ctx, id)
	switch {
	case v == accepted:
		return accepted, nil
	case v == unknown:
		a.goOnSettling(ctx, id)
		return unknown, problem.Unable(problem.StoreUnavailable, errors.Join(err, settleErr))
	case errors.Is(err, workflows.ErrAgentBusy):
		return refused, a.notAccepted(ctx, p.call)
	case errors.Is(err, workflows.ErrLiveKitUnavailable):
		return refused, problem.Unable(problem.LiveKitUnavailable, err)
	default:
		return refused, problem.Unable(problem.TemporalUnavailable, err)
	}
}

// settle withdraws a call unless it was accepted, and says which. It goes on when the client has hung up.
func (a *API) settle(ctx context.Context, id call.ID) (verdict, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	withdrawn, err := a.Store.RefuseCall(ctx, id)
	switch {
	case err != nil:
		return unknown, fmt.Errorf("refuse call %s: %w", id, err)
	case withdrawn:
		return refused, nil
	default:
		return accepted, nil
	}
}

// goOnSettling goes on to withdraw a call of which nobody could say whether it was accepted. Its CRM was told that it was not, so a
// workflow that is late must not accept it when the database is back. It dies with this process.
func (a *API) goOnSettling(ctx context.Context, id call.ID) {
	withdrawal := resend{id, "withdrawal"}
	if !a.resends.begin(withdrawal) {
		return
	}
	lasting := context.WithoutCancel(ctx)
	go func() {
		defer a.resends.end(withdrawal)
		a.again(lasting, func(ctx context.Context) bool {
			_, err := a.settle(ctx, id)
			return err == nil
		})
	}()
}
