package admin

import (
	"context"
	"slices"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/health"
	"github.com/click2call/click2call/store"
)

// setupLeft says which steps from an empty installation to its first answered call are done; nil once all are.
func (a *API) setupLeft(ctx context.Context, f health.Facts) (*oapi.Setup, error) {
	if a.setUp.Load() {
		return nil, nil
	}
	settings, err := a.Store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := a.Store.APIKeys(ctx)
	if err != nil {
		return nil, err
	}
	ever, err := a.Store.CountCalls(ctx, time.Unix(0, 0))
	if err != nil {
		return nil, err
	}
	steps := []oapi.SetupStep{
		{Step: "livekit", Done: settings.LiveKit.APISecret != "" && !f.LiveKit.Failed},
		{Step: "trunk", Done: slices.ContainsFunc(f.Trunks, func(t health.Trunk) bool { return t.Enabled })},
		{Step: "webhook", Done: slices.ContainsFunc(f.Endpoints, func(e health.Endpoint) bool { return e.Host != "" })},
		{Step: "api_key", Done: slices.ContainsFunc(keys, func(k store.APIKey) bool { return k.RevokedAt == nil })},
		{Step: "first_call", Done: ever.Answered > 0},
	}
	if slices.ContainsFunc(steps, func(s oapi.SetupStep) bool { return !s.Done }) {
		return &oapi.Setup{Steps: steps}, nil
	}
	a.setUp.Store(true)
	return nil, nil
}
