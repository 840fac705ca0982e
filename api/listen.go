package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/click2call/click2call/api/internal/oapi"
	"github.com/click2call/click2call/api/listen"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/api/sse"
	"github.com/click2call/click2call/store"
)

const (
	listenPath = "/api/c2c/listen"
	// joinFor is how long the database may take to say what is old, and whether an API key is still good.
	joinFor = 10 * time.Second
	// sentKept is for how many outcomes a stream remembers that it has sent them: far more than end in the overlap of two looks.
	sentKept = 10_000
	// outcomeType is the type of an outcome's webhook.
	outcomeType = "call.ended"
)

// heard is an outcome as a listener gets it.
type heard struct {
	EventID    string    `json:"event_id"`
	Type       string    `json:"type"`
	EndpointID *string   `json:"endpoint_id"`
	CallID     string    `json:"call_id"`
	CreatedAt  time.Time `json:"created_at"`
	Body       []byte    `json:"body"` // base64: the receiver verifies the exact bytes
}

// Listen sends copies of outcomes as they are born.
func (a *API) Listen(w http.ResponseWriter, r *http.Request, p oapi.ListenParams) {
	since, err := resumePoint(p.LastEventID)
	if err != nil {
		a.replyProblem(w, r, err)
		return
	}
	joining, cancel := context.WithTimeout(r.Context(), joinFor)
	defer cancel()
	if p.EndpointID != nil {
		if err := a.requireEndpoint(joining, *p.EndpointID); err != nil {
			a.replyProblem(w, r, err)
			return
		}
	}
	l, err := a.hub.Join(joining, note(r.Context()).caller)
	switch {
	case errors.Is(err, listen.ErrFull):
		a.replyProblem(w, r, &problem.Error{Code: problem.RateLimited, Detail: "Too many listen already. Stop some that are not needed.", RetryAfter: a.Heartbeat})
		return
	case err != nil:
		a.replyProblem(w, r, problem.Unable(problem.StoreUnavailable, err))
		return
	}
	defer a.hub.Leave(l)
	stream, ok := sse.Start(w)
	if !ok {
		return
	}
	sent, _ := lru.New[string, struct{}](sentKept) // its only error is for a size below one
	s := &listening{Stream: stream, endpoint: p.EndpointID, sent: sent}
	if since != nil && !a.catchUp(r, s, *since) {
		return
	}
	if !s.say("listening", a.hub.Reached(l), struct{}{}) {
		return
	}
	a.goOn(r, s, l)
}

func (a *API) requireEndpoint(ctx context.Context, id string) error {
	_, err := a.Store.Endpoint(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem.RefuseWith(problem.NotFound, "No endpoint has this id. An operator finds those that exist in Settings.")
	case err != nil:
		return problem.Unable(problem.StoreUnavailable, err)
	}
	return nil
}

// goOn sends what is born, until the client, the server or the key's permission goes.
func (a *API) goOn(r *http.Request, s *listening, l *listen.Listener) {
	heartbeat := time.NewTicker(a.Heartbeat)
	defer heartbeat.Stop()
	for {
		ok := false
		select {
		case <-r.Context().Done():
		case <-a.Closing:
		case e := <-l.Events():
			ok = s.event(e)
		case <-l.Slow():
			s.drop("too_slow", "It did not read its events in time. Go on with Last-Event-ID.")
		case <-heartbeat.C:
			if !a.keyLives(r) {
				s.drop("key_revoked", "The API key was revoked.")
				return
			}
			ok = s.alive(a.hub.Reached(l))
		}
		if !ok {
			return
		}
	}
}

// catchUp sends what was born since a listener's connection was lost.
func (a *API) catchUp(r *http.Request, s *listening, since time.Time) bool {
	from := a.hub.ResumeFrom(since)
	if from.After(since) && !s.say("missed", time.Time{}, map[string]time.Time{"since": since, "until": from}) {
		return false
	}
	alive := true
	err := a.hub.Missed(r.Context(), from, func(e listen.Event) bool {
		alive = s.event(e)
		return alive
	})
	if err != nil {
		note(r.Context()).cause = err
	}
	return alive && err == nil
}

// keyLives reports whether the API key that began the stream is still good.
func (a *API) keyLives(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), joinFor)
	defer cancel()
	_, err := a.Store.CheckAPIKey(ctx, r.Header.Get(apiKeyHeader))
	return !errors.Is(err, store.ErrNotFound) // a database that is away says nothing about the key
}

// resumePoint reads the id of the last event that a client has; nil when it begins.
func resumePoint(id *string) (*time.Time, error) {
	if id == nil {
		return nil, nil
	}
	micros, err := strconv.ParseInt(*id, 10, 64)
	if err != nil || micros < 0 {
		return nil, problem.Invalid(problem.Field{Field: "Last-Event-ID", Message: "must be an id of this stream"})
	}
	at := time.UnixMicro(micros).UTC()
	return &at, nil
}

// listening is a stream to one listener.
type listening struct {
	sse.Stream

	endpoint *string                      // nil: the one that every outcome goes to
	sent     *lru.Cache[string, struct{}] // event ids
}

// wants reports whether an event is for the listener: one outcome may go to several endpoints, each time by another id.
func (s *listening) wants(e listen.Event) bool {
	if s.endpoint == nil {
		return e.EventID == e.CallID.EventID()
	}
	return e.EndpointID == *s.endpoint
}

// event sends an outcome that is wanted, unless this stream has: what was caught up with is also found.
func (s *listening) event(e listen.Event) bool {
	if !s.wants(e) {
		return true
	}
	if already, _ := s.sent.ContainsOrAdd(e.EventID, struct{}{}); already {
		return true
	}
	h := heard{EventID: e.EventID, Type: outcomeType, CallID: string(e.CallID), CreatedAt: e.CreatedAt.UTC(), Body: e.Body}
	if e.EndpointID != "" {
		h.EndpointID = &e.EndpointID
	}
	return s.say("webhook", e.Seen, h)
}

func (s *listening) drop(reason, detail string) {
	s.say("dropped", time.Time{}, map[string]string{"reason": reason, "detail": detail})
}

// alive shows that the stream lives, and how far the listener has everything.
func (s *listening) alive(reached time.Time) bool {
	if reached.IsZero() {
		return s.Send(": still here\n\n")
	}
	return s.Send(fmt.Sprintf(": still here\nid: %d\n\n", reached.UnixMicro()))
}

// say sends an event. With a zero moment the listener's place stays where it is.
func (s *listening) say(name string, at time.Time, data any) bool {
	text, err := json.Marshal(data)
	if err != nil { // only plain values are said
		return false
	}
	id := ""
	if !at.IsZero() {
		id = fmt.Sprintf("id: %d\n", at.UnixMicro())
	}
	return s.Send(fmt.Sprintf("%sevent: %s\ndata: %s\n\n", id, name, text))
}
