package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// HoldCall puts the customer on hold: POST /api/c2c/calls/{call_id}/hold.
func (a *API) HoldCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	err := a.setHold(w, r, callID, true)
	a.reply(w, r, oapi.HoldState{OnHold: true}, err)
}

// UnholdCall takes the customer off hold: POST /api/c2c/calls/{call_id}/unhold.
func (a *API) UnholdCall(w http.ResponseWriter, r *http.Request, callID oapi.CallID) {
	err := a.setHold(w, r, callID, false)
	a.reply(w, r, oapi.HoldState{OnHold: false}, err)
}

func (a *API) setHold(w http.ResponseWriter, r *http.Request, callID string, on bool) error {
	if err := ignoreBody(w, r); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), signalTimeout)
	defer cancel()
	id := idOrNone(callID)
	if err := a.requireTalk(ctx, id); err != nil {
		return err
	}
	return a.hold(ctx, id, on)
}

// hold writes the wish down and then does it. A worker keeps it so, and does it again when this process dies in between: see
// activities.Holding.
func (a *API) hold(ctx context.Context, id call.ID, on bool) error {
	room, err := a.LiveKit.Look(ctx, id)
	switch {
	case err != nil:
		return problem.Unable(problem.LiveKitUnavailable, err)
	case !room.Leg.Answered():
		return problem.Refuse(problem.NotConnected)
	}
	name, now := "hold", a.Now().UTC()
	var changed bool
	if on {
		changed, err = a.Store.Hold(ctx, id, now)
	} else {
		name = "unhold"
		changed, err = a.Store.Unhold(ctx, id)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem.Refuse(problem.NotConnected)
	case err != nil:
		return problem.Unable(problem.StoreUnavailable, err)
	}
	if changed {
		a.noteOnTimeline(ctx, id, call.Entry{At: now, Source: call.SourceBrowser, Name: name})
	}
	_, err = a.LiveKit.SetHold(ctx, id, on, "")
	return connected(err)
}
