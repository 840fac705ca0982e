package problem

import (
	"net/http"
	"time"
)

// Code is the stable name of an error. Programs compare it; it never changes its meaning.
type Code string

// Every code.
const (
	InvalidBody         Code = "invalid_body"
	InvalidRequest      Code = "invalid_request"
	NoSession           Code = "no_session"
	WrongCredentials    Code = "wrong_credentials"
	Forbidden           Code = "forbidden"
	PasswordChange      Code = "password_change_required"
	CrossOrigin         Code = "cross_origin"
	NotFound            Code = "not_found"
	CallNotFound        Code = "call_not_found"
	MethodNotAllowed    Code = "method_not_allowed"
	Conflict            Code = "conflict"
	BodyTooLarge        Code = "body_too_large"
	UnsupportedMedia    Code = "unsupported_media_type"
	LiveKitCheckFailed  Code = "livekit_check_failed"
	RateLimited         Code = "rate_limited"
	Internal            Code = "internal"
	LiveKitUnavailable  Code = "livekit_unavailable"
	TemporalUnavailable Code = "temporal_unavailable"
	StoreUnavailable    Code = "store_unavailable"
)

type kind struct {
	status     int
	title      string
	detail     string // when the place that fails has nothing better to say
	retryAfter time.Duration
}

// kinds is the one table: what each code looks like on the wire.
var kinds = map[Code]kind{
	InvalidBody:         {http.StatusBadRequest, "The body cannot be read", "Send one JSON object.", 0},
	InvalidRequest:      {http.StatusBadRequest, "The request is not valid", "Correct the fields that errors names, and send it again.", 0},
	NoSession:           {http.StatusUnauthorized, "Not logged in", "Log in, and send it again.", 0},
	WrongCredentials:    {http.StatusUnauthorized, "The name or the password is wrong", "Check both, and the Caps Lock key. An admin can reset a password.", 0},
	Forbidden:           {http.StatusForbidden, "Your role may not do this", "Ask an admin to do it, or to change your role.", 0},
	PasswordChange:      {http.StatusForbidden, "The password must be changed first", "Choose a password of your own; then everything else works.", 0},
	CrossOrigin:         {http.StatusForbidden, "The request came from another site", "Use the console at its own address. Behind a proxy, set CLICK2CALL_PUBLIC_URL to that address.", 0},
	NotFound:            {http.StatusNotFound, "Not found", "It may have been removed. Reload the list.", 0},
	CallNotFound:        {http.StatusNotFound, "No such call", "Check the call id.", 0},
	MethodNotAllowed:    {http.StatusMethodNotAllowed, "Method not allowed", "See /api/admin/openapi.yaml for the methods that exist.", 0},
	Conflict:            {http.StatusConflict, "It cannot be done as things stand", "Reload, and look at what changed.", 0},
	BodyTooLarge:        {http.StatusRequestEntityTooLarge, "The body is too large", "Send at most 256 KiB.", 0},
	UnsupportedMedia:    {http.StatusUnsupportedMediaType, "The content type is not supported", "Send JSON in UTF-8 with Content-Type: application/json.", 0},
	LiveKitCheckFailed:  {http.StatusUnprocessableEntity, "LiveKit did not accept these credentials", "Correct them. Nothing was saved.", 0},
	RateLimited:         {http.StatusTooManyRequests, "Too many attempts", "Wait for the seconds in Retry-After, then try again.", time.Second},
	Internal:            {http.StatusInternalServerError, "Internal error", "Try again; if it persists, look for the X-Request-Id of this response in the log.", 0},
	LiveKitUnavailable:  {http.StatusServiceUnavailable, "LiveKit is not available", "Check LiveKit, and its URL, key and secret in Settings.", 2 * time.Second},
	TemporalUnavailable: {http.StatusServiceUnavailable, "The call engine is not available", "Try again; if it persists, check Temporal and the workers.", 2 * time.Second},
	StoreUnavailable:    {http.StatusServiceUnavailable, "The database is not available", "Try again; if it persists, check the database.", 2 * time.Second},
}
