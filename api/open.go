package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

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
		return accepted, nil
	}
	v, settleErr := a.settle(ctx, id)
	switch {
	case v == accepted:
		return accepted, nil
	case v == unknown:
		return unknown, problem.Unable(problem.StoreUnavailable, errors.Join(err, settleErr))
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
