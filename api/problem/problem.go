package problem

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"
)

// Error is an error with an answer for the client. Cause is for the log and never sent.
type Error struct {
	Code       Code
	Detail     string // what to do next; empty: the code's own words
	Fields     []Field
	RetryAfter time.Duration
	OpensAt    *time.Time // with OutsideCallingHours: when the hours begin
	LiveCallID string     // with AgentBusy: the call that keeps the agent busy
	Cause      error
}

// Field says what is wrong with one field of a request.
type Field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// document is the body of RFC 9457.
type document struct {
	Type    string     `json:"type"`
	Title   string     `json:"title"`
	Status  int        `json:"status"`
	Detail  string     `json:"detail"`
	Code    Code       `json:"code"`
	Errors  []Field    `json:"errors,omitempty"`
	OpensAt *time.Time `json:"opens_at,omitempty"`

	LiveCallID string `json:"live_call_id,omitempty"`
}

// Error implements error, for the log.
func (e *Error) Error() string {
	if e.Cause == nil {
		return string(e.Code)
	}
	return string(e.Code) + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Refuse is the error of a request that was wrong: nothing for the log.
func Refuse(c Code) *Error { return &Error{Code: c} }

// RefuseWith is Refuse with words of its own.
func RefuseWith(c Code, detail string) *Error { return &Error{Code: c, Detail: detail} }

// Unable is the error of a dependency that failed with cause.
func Unable(c Code, cause error) *Error { return &Error{Code: c, Cause: cause} }

// Invalid is the error of fields that are wrong.
func Invalid(fields ...Field) *Error { return &Error{Code: InvalidRequest, Fields: fields} }

// Write answers err, and returns what the log should say of it: nil when there is nothing to say. An error that is no
// *Error is an internal one.
func Write(w http.ResponseWriter, err error) (cause error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = Unable(Internal, err)
	}
	k := kinds[e.Code]
	detail := e.Detail
	if detail == "" {
		detail = k.detail
	}
	if wait := max(e.RetryAfter, k.retryAfter); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(k.status)
	// What can fail is the connection, and then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(document{
		Type: "urn:click2call:problem:" + string(e.Code), Title: k.title, Status: k.status, Detail: detail, Code: e.Code, Errors: e.Fields, OpensAt: e.OpensAt,
		LiveCallID: e.LiveCallID,
	})
	return e.Cause
}
