package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/api/sse"
)

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
	stream, ok := sse.Start(w)
	if !ok {
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
		if !stream.Send(text) {
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
	fresh, cancel := context.WithTimeout(context.Background(), sse.Deadline)
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
