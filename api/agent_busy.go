package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	// agentFreeWithin is how long /click2call waits for the end of an agent's call that was hung up a moment ago.
	agentFreeWithin = time.Second
	agentFreeLook   = 100 * time.Millisecond
)

// requireFreeAgent refuses a second call of an agent, where one is all that an agent may have. It only spares a call that would not be
// accepted: of two at once, the store accepts one.
func (a *API) requireFreeAgent(ctx context.Context, agentID string) error {
	settings, err := a.Settings.Get(ctx)
	if err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	if !settings.Admission.OneCallPerAgent {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, agentFreeWithin)
	defer cancel()
	again := time.NewTicker(agentFreeLook)
	defer again.Stop()
	for {
		busy := a.agentBusy(context.WithoutCancel(ctx), agentID)
		if p, ok := errors.AsType[*problem.Error](busy); !ok || p.LiveCallID == "" {
			return busy
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return busy
		}
	}
}

// agentBusy is the refusal that names the agent's live call, or nil when there is none.
func (a *API) agentBusy(ctx context.Context, agentID string) error {
	id, err := a.Store.LiveCallOfAgent(ctx, agentID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return problem.Unable(problem.StoreUnavailable, fmt.Errorf("look for a live call of the agent: %w", err))
	default:
		return &problem.Error{Code: problem.AgentBusy, LiveCallID: string(id)}
	}
}

// notAccepted is the refusal of a call that another one of its agent was quicker than. That one may be over by now.
func (a *API) notAccepted(ctx context.Context, c call.Call) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpTimeout)
	defer cancel()
	if busy := a.agentBusy(ctx, c.AgentID); busy != nil {
		return busy
	}
	return problem.RefuseWith(problem.AgentBusy, "Another call of the agent began at the same moment, and is over by now. Send it again.")
}

// placedBefore finds the call of an earlier request with the same key, and says when the agent has another live one.
func (a *API) placedBefore(ctx context.Context, request oapi.PlaceCallRequest, key *string) (id call.ID, known bool, err error) {
	if id, known = a.earlierCall(ctx, request, key); known {
		return id, true, nil
	}
	if err = a.requireFreeAgent(ctx, request.AgentID); err == nil {
		return "", false, nil
	}
	if id, known = a.earlierCall(ctx, request, key); known { // this request's own call keeps the agent busy
		return id, true, nil
	}
	return "", false, err
}
