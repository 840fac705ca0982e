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
	Unauthorized        Code = "unauthorized"
	NoSession           Code = "no_session"
	WrongCredentials    Code = "wrong_credentials"
	Forbidden           Code = "forbidden"
	PasswordChange      Code = "password_change_required"
	CrossOrigin         Code = "cross_origin"
	OutsideCallingHours Code = "outside_calling_hours"
	OnDoNotCallList     Code = "on_do_not_call_list"
	CalledTooOften      Code = "called_too_often"
	NotFound            Code = "not_found"
	CallNotFound        Code = "call_not_found"
	MethodNotAllowed    Code = "method_not_allowed"
	CallEnded           Code = "call_ended"
	AgentNotInRoom      Code = "agent_not_in_room"
	AgentBusy           Code = "agent_busy"
	NotConnected        Code = "not_connected"
	IdempotencyConflict Code = "idempotency_conflict"
	Conflict            Code = "conflict"
	BodyTooLarge        Code = "body_too_large"
	UnsupportedMedia    Code = "unsupported_media_type"
	LiveKitCheckFailed  Code = "livekit_check_failed"
	RateLimited         Code = "rate_limited"
	TrunkBusy           Code = "trunk_busy"
	Internal            Code = "internal"
	LiveKitUnavailable  Code = "livekit_unavailable"
	TemporalUnavailable Code = "temporal_unavailable"
	StoreUnavailable    Code = "store_unavailable"
	Busy                Code = "busy"
	NoTrunk             Code = "no_trunk"
	Draining            Code = "draining"
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
	Unauthorized:        {http.StatusUnauthorized, "Not authorized", "Send your inbound key in the header X-api-key.", 0},
	NoSession:           {http.StatusUnauthorized, "Not logged in", "Log in, and send it again.", 0},
	WrongCredentials:    {http.StatusUnauthorized, "The name or the password is wrong", "Check both, and the Caps Lock key. An admin can reset a password.", 0},
	Forbidden:           {http.StatusForbidden, "Your role may not do this", "Ask an admin to do it, or to change your role.", 0},
	PasswordChange:      {http.StatusForbidden, "The password must be changed first", "Choose a password of your own; then everything else works.", 0},
	CrossOrigin:         {http.StatusForbidden, "The request came from another site", "Use the console at its own address. Behind a proxy, set CLICK2CALL_PUBLIC_URL to that address.", 0},
	OutsideCallingHours: {http.StatusForbidden, "Customers may not be called now", "Call again at opens_at.", 0},
	OnDoNotCallList:     {http.StatusForbidden, "The number is on a do-not-call list", "Do not call it. An operator can take it off the list.", 0},
	CalledTooOften:      {http.StatusForbidden, "The number was called too often", "Call it another day. An operator sets the limit.", 0},
	NotFound:            {http.StatusNotFound, "Not found", "See /openapi.yaml for the paths that exist.", 0},
	CallNotFound:        {http.StatusNotFound, "No such call", "Use the call_id that /click2call answered.", 0},
	MethodNotAllowed:    {http.StatusMethodNotAllowed, "Method not allowed", "Use a method that the Allow header names.", 0},
	CallEnded:           {http.StatusConflict, "The call has ended", "Open a new call with /click2call.", 0},
	AgentNotInRoom:      {http.StatusConflict, "The agent is not in the room", "Join the room with the token from /click2call and publish the microphone, then send /connect again.", 0},
	AgentBusy:           {http.StatusConflict, "The agent has a live call", "live_call_id is that call: hang it up first, or go on with it.", 0},
	NotConnected:        {http.StatusConflict, "The customer is not connected", "It works from the answer to the end of the call.", 0},
	IdempotencyConflict: {http.StatusConflict, "The idempotency key was used with another body", "Use a new Idempotency-Key for a new call, or send the first body again.", 0},
	Conflict:            {http.StatusConflict, "It cannot be done as things stand", "Reload, and look at what changed.", 0},
	BodyTooLarge:        {http.StatusRequestEntityTooLarge, "The body is too large", "Send at most 64 KiB.", 0},
	UnsupportedMedia:    {http.StatusUnsupportedMediaType, "The content type is not supported", "Send JSON in UTF-8 with Content-Type: application/json.", 0},
	LiveKitCheckFailed:  {http.StatusUnprocessableEntity, "LiveKit did not accept these credentials", "Correct them. Nothing was saved.", 0},
	RateLimited:         {http.StatusTooManyRequests, "Too many requests", "Wait for the seconds in Retry-After, then send it again.", time.Second},
	TrunkBusy:           {http.StatusTooManyRequests, "No line is free", "Nobody was dialed. Wait for the seconds in Retry-After, then send /connect again.", 2 * time.Second},
	Internal:            {http.StatusInternalServerError, "Internal error", "Try again; if it persists, give the operator the X-Request-Id of this response.", 0},
	LiveKitUnavailable:  {http.StatusServiceUnavailable, "LiveKit is not available", "Nothing was started. Try again; if it persists, the operator should check LiveKit and its credentials.", 2 * time.Second},
	TemporalUnavailable: {http.StatusServiceUnavailable, "The call engine is not available", "Try again; if it persists, the operator should check Temporal and the workers.", 2 * time.Second},
	StoreUnavailable:    {http.StatusServiceUnavailable, "The database is not available", "Try again; if it persists, the operator should check the database.", 2 * time.Second},
	Busy:                {http.StatusServiceUnavailable, "Too many calls are being opened", "Nothing was started. Send it again after the seconds in Retry-After; if it persists, the operator finds on the console's Overview what is slow.", 2 * time.Second},
	NoTrunk:             {http.StatusServiceUnavailable, "Nothing can be dialed", "No SIP trunk is enabled, or none that works: the operator finds which, and why, on the console's Overview.", 0},
	Draining:            {http.StatusServiceUnavailable, "This server is about to stop", "Nothing was started. Send it again: another server answers, or this one when it is back.", time.Second},
}
