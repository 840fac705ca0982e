package api

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/click2call/click2call/api/internal/oapi"
)

// code is the stable name of an error. Programs compare it; it never changes its meaning.
type code string

// Every code that the api answers.
const (
	codeInvalidBody         code = "invalid_body"
	codeInvalidRequest      code = "invalid_request"
	codeUnauthorized        code = "unauthorized"
	codeNotFound            code = "not_found"
	codeCallNotFound        code = "call_not_found"
	codeMethodNotAllowed    code = "method_not_allowed"
	codeCallEnded           code = "call_ended"
	codeAgentNotInRoom      code = "agent_not_in_room"
	codeIdempotencyConflict code = "idempotency_conflict"
	codeBodyTooLarge        code = "body_too_large"
	codeUnsupportedMedia    code = "unsupported_media_type"
	codeRateLimited         code = "rate_limited"
	codeInternal            code = "internal"
	codeLiveKitUnavailable  code = "livekit_unavailable"
	codeTemporalUnavailable code = "temporal_unavailable"
	codeStoreUnavailable    code = "store_unavailable"
	codeNoTrunk             code = "no_trunk"
)

type kind struct {
	status     int
	title      string
	detail     string // when the place that fails has nothing better to say
	retryAfter time.Duration
}

// kinds is the one table of errors: what each code looks like on the wire.
var kinds = map[code]kind{
	codeInvalidBody:         {http.StatusBadRequest, "The body cannot be read", "Send one JSON object.", 0},
	codeInvalidRequest:      {http.StatusBadRequest, "The request is not valid", "Correct the fields that errors names, and send it again.", 0},
	codeUnauthorized:        {http.StatusUnauthorized, "Not authorized", "Send your inbound key in the header X-api-key.", 0},
	codeNotFound:            {http.StatusNotFound, "No such path", "See /openapi.yaml for the paths that exist.", 0},
	codeCallNotFound:        {http.StatusNotFound, "No such call", "Use the call_id that /click2call answered.", 0},
	codeMethodNotAllowed:    {http.StatusMethodNotAllowed, "Method not allowed", "Use a method that the Allow header names.", 0},
	codeCallEnded:           {http.StatusConflict, "The call has ended", "Open a new call with /click2call.", 0},
	codeAgentNotInRoom:      {http.StatusConflict, "The agent is not in the room", "Join the room with the token from /click2call and publish the microphone, then send /connect again.", 0},
	codeIdempotencyConflict: {http.StatusConflict, "The idempotency key was used with another body", "Use a new Idempotency-Key for a new call, or send the first body again.", 0},
	codeBodyTooLarge:        {http.StatusRequestEntityTooLarge, "The body is too large", "Send at most 64 KiB.", 0},
	codeUnsupportedMedia:    {http.StatusUnsupportedMediaType, "The content type is not supported", "Send JSON in UTF-8 with Content-Type: application/json.", 0},
	codeRateLimited:         {http.StatusTooManyRequests, "Too many requests", "Wait for the seconds in Retry-After, then send it again.", time.Second},
	codeInternal:            {http.StatusInternalServerError, "Internal error", "Try again; if it persists, give the operator the X-Request-Id of this response.", 0},
	codeLiveKitUnavailable:  {http.StatusServiceUnavailable, "LiveKit is not available", "Nothing was started. Try again; if it persists, the operator should check LiveKit and its credentials.", 2 * time.Second},
	codeTemporalUnavailable: {http.StatusServiceUnavailable, "The call engine is not available", "Try again; if it persists, the operator should check Temporal and the workers.", 2 * time.Second},
	codeStoreUnavailable:    {http.StatusServiceUnavailable, "The database is not available", "Try again; if it persists, the operator should check the database.", 2 * time.Second},
	codeNoTrunk:             {http.StatusServiceUnavailable, "No SIP trunk is enabled", "The operator must add a trunk, or enable one.", 0},
}

// problem is an error with an answer for the client. cause is for the log and never sent.
type problem struct {
	code       code
	detail     string
	fields     []oapi.FieldError
	retryAfter time.Duration
	cause      error
}

func (p *problem) Error() string {
	if p.cause == nil {
		return string(p.code)
	}
	return string(p.code) + ": " + p.cause.Error()
}

func (p *problem) Unwrap() error { return p.cause }

// refuse is the problem of a request that was wrong: nothing for the log.
func refuse(c code) *problem { return &problem{code: c} }

// unable is the problem of a dependency that failed with cause.
func unable(c code, cause error) *problem { return &problem{code: c, cause: cause} }

// invalid is the problem of fields that are wrong.
func invalid(fields ...oapi.FieldError) *problem {
	return &problem{code: codeInvalidRequest, fields: fields}
}

// reply writes body as JSON, or err as a problem document. An error that is no problem is an internal one.
func (a *API) reply(w http.ResponseWriter, r *http.Request, body any, err error) {
	if err != nil {
		a.replyProblem(w, r, err)
		return
	}
	writeJSON(w, "application/json", http.StatusOK, body)
}

func (a *API) replyProblem(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = unable(codeInternal, err)
	}
	k := kinds[p.code]
	note(r.Context()).failed(p)
	if p.detail == "" {
		p.detail = k.detail
	}
	if wait := max(p.retryAfter, k.retryAfter); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
	writeJSON(w, "application/problem+json", k.status, oapi.Problem{
		Type: "urn:click2call:problem:" + string(p.code), Title: k.title, Status: k.status,
		Detail: p.detail, Code: string(p.code), Errors: p.fields,
	})
}

func writeJSON(w http.ResponseWriter, contentType string, status int, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// All bodies are plain structs; what can fail is the connection, and then there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
