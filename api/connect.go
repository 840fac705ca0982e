package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/workflows"
)

// looksForAgent is how many times /connect looks into the room, evenly over AgentWait.
const looksForAgent = 10

// ConnectCall dials the customer: POST /api/c2c/calls/{call_id}/connect.
func (a *API) ConnectCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	err := ignoreBody(w, r)
	if err == nil {
		err = a.connect(r.Context(), idOrNone(callID))
	}
	a.reply(w, r, oapi.Connected{Status: oapi.ConnectedStatusRinging}, err)
}

func (a *API) connect(ctx context.Context, id call.ID) error {
	c, err := a.find(ctx, id)
	if err != nil {
		a.signalNobody(ctx, err)
		return err
	}
	switch c.Status {
	case call.StatusEnded:
		return problem.Refuse(problem.CallEnded)
	case call.StatusQueued, call.StatusRinging, call.StatusAnswered: // the dial is under way: it needs neither a look nor a signal
		return nil
	}
	if err := a.requireAgent(ctx, id); err != nil {
		return err
	}
	if err := a.permitConnect(ctx, c); err != nil {
		return err
	}
	if err := a.requireLine(ctx, id); err != nil {
		return err
	}
	lasting := context.WithoutCancel(ctx) // others may wait for the same signal
	return signalled(a.together("connect", id, func() error {
		return within(lasting, signalTimeout, func(ctx context.Context) error { return a.Workflows.Connect(ctx, id, a.Now().UTC()) })
	}))
}

// signalNobody spends on an unknown call what a known one costs. It signals an id that nobody has, because a signal
// that arrived would dial.
func (a *API) signalNobody(ctx context.Context, err error) {
	if p, ok := errors.AsType[*problem.Error](err); ok && p.Code == problem.CallNotFound {
		_ = a.Workflows.Connect(ctx, call.NewID(), a.Now().UTC()) // nothing can be learned from the answer
	}
}

// signalled turns the error of a signal into a problem.
func signalled(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, workflows.ErrOver):
		return problem.Refuse(problem.CallEnded)
	default:
		return problem.Unable(problem.TemporalUnavailable, err)
	}
}

// requireAgent waits until the agent is in the room, for AgentWait at most: a customer must not answer to silence. Whether it is
// asked for was settled when the call began, and the dial goes by the same.
func (a *API) requireAgent(ctx context.Context, id call.ID) error {
	required, err := a.Store.RequiresAgent(ctx, id)
	if err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	if !required {
		return nil
	}
	lookCtx, cancel := context.WithTimeout(ctx, a.AgentWait)
	defer cancel()
	again := time.NewTicker(max(a.AgentWait/looksForAgent, time.Millisecond))
	defer again.Stop()
	var seen, failed error
	for {
		room, err := a.LiveKit.Look(lookCtx, id)
		switch {
		case err == nil && room.Agent:
			return nil
		case err == nil:
			seen = problem.Refuse(problem.AgentNotInRoom)
		default:
			failed = problem.Unable(problem.LiveKitUnavailable, fmt.Errorf("look for the agent: %w", err))
		}
		select {
		case <-again.C:
		case <-lookCtx.Done():
			if seen == nil {
				return failed
			}
			a.noteOnTimeline(ctx, id, call.Entry{At: a.Now().UTC(), Source: call.SourceBrowser, Name: "connect_refused", Detail: string(problem.AgentNotInRoom)})
			return seen
		}
	}
}

// requireLine refuses to dial while the call would find no free line, where an operator has set that. Between this look and the dial
// another call may take the line: then this one waits, or fails, as the dial says.
func (a *API) requireLine(ctx context.Context, id call.ID) error {
	settings, err := a.Settings.Get(ctx)
	if err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	if !settings.Admission.RefuseWhenBusy {
		return nil
	}
	free, err := a.Store.LineFree(ctx, id, a.Now())
	switch {
	case err != nil:
		return problem.Unable(problem.StoreUnavailable, err)
	case !free:
		a.noteOnTimeline(ctx, id, call.Entry{At: a.Now().UTC(), Source: call.SourceBrowser, Name: "connect_refused", Detail: string(problem.TrunkBusy)})
		return problem.Refuse(problem.TrunkBusy)
	}
	return nil
}

// noteOnTimeline adds a line for operators. A call never fails for want of it.
func (a *API) noteOnTimeline(ctx context.Context, id call.ID, e call.Entry) {
	if err := a.Store.AppendEntry(ctx, id, e); err != nil {
		note(ctx).cause = err
	}
}

// ignoreBody skips a body that the endpoint has no use for, and refuses one over maxBody.
func ignoreBody(w http.ResponseWriter, r *http.Request) error {
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return problem.Refuse(problem.BodyTooLarge)
	}
	return nil
}

// RefreshToken answers a fresh token for the same agent: POST /api/c2c/calls/{call_id}/token.
func (a *API) RefreshToken(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	err := ignoreBody(w, r)
	var token oapi.AgentToken
	if err == nil {
		token, err = a.refreshToken(r.Context(), idOrNone(callID))
	}
	a.reply(w, r, token, err)
}

func (a *API) refreshToken(ctx context.Context, id call.ID) (token oapi.AgentToken, err error) {
	c, err := a.find(ctx, id)
	if err != nil {
		return token, err
	}
	if c.Status == call.StatusEnded {
		return token, problem.Refuse(problem.CallEnded)
	}
	token.WsURL, token.Token, err = a.token(ctx, id)
	return token, err
}
