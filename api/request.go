package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
)

const requestIDHeader = "X-Request-Id"

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

type notesKey struct{}

// notes is what the access log says about a request, gathered while it is served by one goroutine.
type notes struct {
	route   string
	callID  call.ID
	caller  string       // id of the API key
	purpose call.Purpose // of the calls of that key; empty: the rules' default
	cause   error
	code    problem.Code // of the problem that it was answered with, empty when all went well
}

// note returns the notes of the request. Outside of a request it returns notes that nobody reads.
func note(ctx context.Context) *notes {
	if n, ok := ctx.Value(notesKey{}).(*notes); ok {
		return n
	}
	return &notes{}
}

// statusWriter remembers the status that was written.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// record gives each request an id, a deadline and its headers, and logs it in one line when it is done. The line holds
// no number, key, query or body.
func (a *API) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := a.Now()
		id := r.Header.Get(requestIDHeader)
		if !requestID.MatchString(id) {
			id = rand.Text()
		}
		n := &notes{}
		ctx, stream := context.WithValue(r.Context(), notesKey{}, n), r.URL.Path == listenPath
		if !stream {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, requestTimeout)
			defer cancel()
		}
		r = r.WithContext(ctx)
		if r.Method == http.MethodHead { // net/http drops the body of the answer by itself
			r.Method = http.MethodGet
		}
		sw := &statusWriter{ResponseWriter: w}
		secureHeaders(sw.Header(), r.URL.Path, id)
		next.ServeHTTP(sw, r)
		nameSpan(r.Context(), n)
		took := a.Now().Sub(started)
		if a.Observer != nil {
			counted := took
			if stream {
				counted = 0
			}
			a.Observer.HTTPRequest(n.route, sw.status, counted)
		}
		a.logRequest(sw.status, id, n, took, trace.SpanContextFromContext(r.Context()))
	})
}

// nameSpan names the request's span, if there is one, by its route, and says which call it was about.
func nameSpan(ctx context.Context, n *notes) {
	span := trace.SpanFromContext(ctx)
	if method, route, ok := strings.Cut(n.route, " "); ok {
		span.SetName(method + " " + route)
		span.SetAttributes(attribute.String("http.route", route))
	}
	if n.callID != "" {
		span.SetAttributes(attribute.String("click2call.call_id", string(n.callID)))
	}
}

func secureHeaders(h http.Header, path, id string) {
	h.Set(requestIDHeader, id)
	h.Set("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/webhooks/") {
		h.Set("Cache-Control", "no-store")
	}
}

func (a *API) logRequest(status int, id string, n *notes, took time.Duration, span trace.SpanContext) {
	level := zerolog.InfoLevel
	switch {
	case status >= http.StatusInternalServerError:
		level = zerolog.ErrorLevel
	case n.cause != nil:
		level = zerolog.WarnLevel
	}
	line := a.Logger.WithLevel(level).Str("request_id", id).Str("route", n.route).Int("status", status).Int64("ms", took.Milliseconds())
	if span.IsValid() {
		line = line.Str("trace_id", span.TraceID().String())
	}
	if n.callID != "" {
		line = line.Str("call_id", string(n.callID))
	}
	if n.caller != "" {
		line = line.Str("api_key_id", n.caller)
	}
	if n.cause != nil {
		line = line.Err(n.cause)
	}
	line.Msg("request")
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
				a.replyProblem(w, r, errors.New("a handler panicked"))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
