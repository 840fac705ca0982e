package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/workflows"
)

// ReceiveLiveKitEvent hands LiveKit's events on to their calls: POST /webhooks/livekit. LiveKit sends an event again
// after a 503, and never after a 4xx.
func (a *API) ReceiveLiveKitEvent(w http.ResponseWriter, r *http.Request) {
	err := a.receiveEvent(w, r)
	a.reply(w, r, oapi.EventReceived{Status: oapi.EventReceivedStatusOk}, err)
}

func (a *API) receiveEvent(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	event, err := a.LiveKit.ReceiveEvent(r)
	switch {
	case errors.Is(err, livekit.ErrForged):
		return &problem.Error{Code: problem.Unauthorized, Detail: "The event is not signed with this installation's LiveKit key, or has expired. Check webhook.api_key in LiveKit's configuration.", Cause: err}
	case err != nil:
		return problem.Unable(problem.LiveKitUnavailable, err)
	}
	note(r.Context()).callID = event.CallID
	return a.handOn(r.Context(), event)
}

// handOn signals the call that the event is about. Calls ignore repeated events by themselves.
func (a *API) handOn(ctx context.Context, event livekit.Event) error {
	if event.CallID == "" || event.Room == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	if a.superfluous(ctx, event.CallID, *event.Room) {
		return nil
	}
	if goodbye(*event.Room) {
		a.told.goodbyes.Add(event.CallID, a.Now())
	}
	send := func(ctx context.Context) error {
		err := a.Workflows.RoomEvent(ctx, event.CallID, *event.Room)
		if errors.Is(err, workflows.ErrOver) {
			return nil
		}
		return err
	}
	if err := send(ctx); err != nil {
		a.keepSending(ctx, event.CallID, event.ID, send)
		return problem.Unable(problem.TemporalUnavailable, err)
	}
	return nil
}
