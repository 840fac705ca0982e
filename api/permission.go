package api

import (
	"context"
	"fmt"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// refusals are the problems that the rules of permission answer with.
var refusals = map[call.Refusal]problem.Code{
	call.RefusedByHours:     problem.OutsideCallingHours,
	call.RefusedByList:      problem.OnDoNotCallList,
	call.RefusedByFrequency: problem.CalledTooOften,
}

// permit decides whether a number may be called now. An empty purpose is that of the API key, or else the rules' default.
func (a *API) permit(ctx context.Context, number string, p call.Purpose) (call.Permission, error) {
	if p == "" {
		p = note(ctx).purpose
	}
	permission, err := a.Store.Permission(ctx, number, p, a.Now())
	if err != nil {
		return call.Permission{}, problem.Unable(problem.StoreUnavailable, fmt.Errorf("decide whether the number may be called: %w", err))
	}
	if !permission.Allowed() {
		a.auditRefusal(ctx, permission)
		return permission, &problem.Error{Code: refusals[permission.Refusal], Detail: permission.Why, OpensAt: permission.OpensAt}
	}
	return permission, nil
}

// auditRefusal keeps a refusal for those who must prove it. What was allowed is kept with its call.
func (a *API) auditRefusal(ctx context.Context, p call.Permission) {
	err := a.Store.AppendAudit(ctx, store.AuditEntry{At: a.Now().UTC(), UserName: note(ctx).caller, Action: "call_refused",
		Target: string(note(ctx).callID), Detail: fmt.Sprintf("%s, %s, rules version %d: %s", p.Refusal, p.Purpose, p.Rules, p.Why)})
	if err != nil {
		note(ctx).cause = err
	}
}

// permitConnect asks again before the dial: the clock may have passed the hour since the call was placed. The call stays; its agent
// may hang up, and nobody is dialed.
func (a *API) permitConnect(ctx context.Context, c call.Call) error {
	permission, err := a.permit(ctx, c.CustomerNumber, c.Purpose)
	if err != nil && permission.Refusal != "" {
		a.noteOnTimeline(ctx, c.ID, call.Entry{At: a.Now().UTC(), Source: call.SourceBrowser, Name: "connect_not_permitted", Detail: string(permission.Refusal)})
	}
	return err
}
