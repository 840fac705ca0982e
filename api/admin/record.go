package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/trace"

	"github.com/click2call/click2call/api/problem"
)

const requestIDHeader = "X-Request-Id"

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

type notesKey struct{}

// notes is what the log says about a request, gathered while it is served by one goroutine.
type notes struct {
	route  string // the operation's id
	path   string // its method and pattern
	stream bool
	userID string
	cause  error
}

func note(ctx context.Context) *notes {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		return n
	}
	return &notes{}
}

// statusWriter remembers the status that was written, and lets nothing follow a problem document: the session's manager
// answers one by itself when it cannot save, just before the handler writes.
type statusWriter struct {
	http.ResponseWriter
	status int
	sealed bool
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.sealed || w.status != 0 {
		return
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.sealed {
		return len(b), nil
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController and http.MaxBytesReader reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// record gives each request an id and its headers, and logs it in one line when it is done. The line holds no number, query
// or body.
func (a *API) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, n := time.Now(), &notes{}
		id := r.Header.Get(requestIDHeader)
		if !requestID.MatchString(id) {
			id = rand.Text()
		}
		h := w.Header()
		h.Set(requestIDHeader, id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		if r.Method == http.MethodHead { // net/http drops the body of the answer by itself
			r.Method = http.MethodGet
		}
		sw := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(sw, r.WithContext(context.WithValue(r.Context(), notesKey{}, n)))
		if n.path != "" {
			trace.SpanFromContext(r.Context()).SetName(n.path)
		}
		took := time.Since(started)
		a.logRequest(sw.status, id, n, took)
		if a.Observer == nil {
			return
		}
		if n.stream {
			took = 0 // it lasts as long as somebody looks
		}
		a.Observer.HTTPRequest(n.path, sw.status, took)
	})
}

func (a *API) logRequest(status int, id string, n *notes, took time.Duration) {
	level := zerolog.InfoLevel
	switch {
	case status >= http.StatusInternalServerError:
		level = zerolog.ErrorLevel
	case n.cause != nil:
		level = zerolog.WarnLevel
	}
	line := a.Logger.WithLevel(level).Str("request_id", id).Str("operation", n.route).Int("status", status).Int64("ms", took.Milliseconds())
	if n.userID != "" {
		line = line.Str("user_id", n.userID)
	}
	if n.cause != nil {
		line = line.Err(n.cause)
	}
	line.Msg("admin request")
}

func (a *API) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				a.Logger.Error().Str("panic", fmt.Sprint(v)).Bytes("stack", debug.Stack()).Msg("a handler panicked")
				a.problem(w, r, errors.New("a handler panicked"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// problem answers an error.
func (a *API) problem(w http.ResponseWriter, r *http.Request, err error) {
	if cause := problem.Write(w, err); cause != nil {
		note(r.Context()).cause = cause
	}
}
