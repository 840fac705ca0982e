package main

import (
	"context"

	"github.com/click2call/click2call/activities"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
)

// rooms is LiveKit as activities see it.
type rooms struct{ *livekit.Client }

// Listen implements activities.Rooms.
func (r rooms) Listen(ctx context.Context, id call.ID) (activities.Listener, error) {
	l, err := r.Client.Listen(ctx, id)
	if err != nil {
		return nil, err
	}
	return l, nil
}
