package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
)

// eventDeadline is how long a client may take to read an event, and the database to answer for it.
const eventDeadline = 10 * time.Second

// StreamEvents sends the overview as it changes.
func (a *API) StreamEvents(w http.ResponseWriter, r *http.Request, p oapi.StreamEventsParams) {
	zone, err := zoneOf(p.Tz)
	if err != nil {
		a.problem(w, r, err)
		return
	}
	l, ok := a.hub.join(zone)
	if !ok {
		a.problem(w, r, &problem.Error{Code: problem.RateLimited, Detail: "Too many pages listen already. Close some.", RetryAfter: a.Heartbeat})
		return
	}
	defer a.hub.leave(l)
	stream := eventStream{w: w, controller: http.NewResponseController(w)}
	if !stream.start() {
		return
	}
	heartbeat := time.NewTicker(a.Heartbeat)
	defer heartbeat.Stop()
	for {
		var text string
		select {
		case <-r.Context().Done():
			return
		case <-a.Closing:
			return
		case overview := <-l.overviews:
			text = fmt.Sprintf("event: overview\ndata: %s\n\n", overview)
		case <-heartbeat.C:
			if !a.stillAdmitted(r) {
				return
			}
			text = ": still here\n\n"
		}
		if !stream.send(text) {
			return
		}
	}
}

// stillAdmitted reports whether the session that began the stream is still there and means the same: a stream must not outlive
// a logout.
func (a *API) stillAdmitted(r *http.Request) bool {
	cookie, err := r.Cookie(a.sessions.Cookie.Name)
	if err != nil {
		return false
	}
	// A context of its own: the request's holds the session as it was when the stream began.
	fresh, cancel := context.WithTimeout(context.Background(), eventDeadline)
	defer cancel()
	ctx, err := a.sessions.Load(fresh, cookie.Value)
	if err != nil {
		return true // the database is away, which says nothing about the session
	}
	u, err := a.sessionUser(ctx)
	if e, ok := errors.AsType[*problem.Error](err); ok && e.Code == problem.StoreUnavailable {
		return true
	}
	return err == nil && u.Role == userOf(r.Context()).Role
}

// eventStream writes server-sent events.
type eventStream struct {
	w          http.ResponseWriter
	controller *http.ResponseController
}

func (s eventStream) start() bool {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	s.w.WriteHeader(http.StatusOK)
	return s.send(": hello\n\n")
}

// send reports whether the client still reads.
func (s eventStream) send(text string) bool {
	// The server's own limit is meant for short answers. A writer without deadlines needs none.
	_ = s.controller.SetWriteDeadline(time.Now().Add(eventDeadline))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return false
	}
	return s.controller.Flush() == nil
}
