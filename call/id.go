package call

import (
	"crypto/rand"
	"encoding/base32"
	"regexp"
	"strconv"
	"strings"
)

const (
	idPrefix   = "c2c_"
	roomPrefix = "c2c-"

	// AgentIdentity is the agent's participant identity in every room. It is the same whatever agent_id
	// is, so that no agent_id can pass for the customer's leg, and a refreshed page takes its own place.
	AgentIdentity = "agent"
)

var (
	idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	idPattern  = regexp.MustCompile(`^c2c_[a-z2-7]{26}$`)
)

// ID names one call. It carries 128 random bits because it is the only credential of the agent's browser.
type ID string

// NewID returns a fresh, unguessable ID.
func NewID() ID {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails: it crashes the program instead
	return ID(idPrefix + idEncoding.EncodeToString(b[:]))
}

// ParseID reports whether s has the shape of a call id. It says nothing about whether the call exists.
func ParseID(s string) (ID, bool) { return ID(s), idPattern.MatchString(s) }

// IDFromRoom returns the call that owns a LiveKit room; false for rooms that are not ours.
func IDFromRoom(room string) (ID, bool) {
	suffix, ok := strings.CutPrefix(room, roomPrefix)
	if !ok {
		return "", false
	}
	return ParseID(idPrefix + suffix)
}

func (id ID) suffix() string { return strings.TrimPrefix(string(id), idPrefix) }

// Room is the name of the call's LiveKit room, used by this call alone.
func (id ID) Room() string { return roomPrefix + id.suffix() }

// CustomerIdentity is the identity of the customer's SIP participant. It begins with "sip": the browser
// snippet recognises the customer by that.
func (id ID) CustomerIdentity() string { return "sip-" + id.suffix() }

// EventID names the call's outcome event: the webhook-id of every attempt and replay. A call has one
// outcome, so the id is derived from the call and can never be minted twice.
func (id ID) EventID() string { return "evt_" + id.suffix() }

// EventIDFor names the outcome event as an endpoint beside the default one gets it. It is derived as well, so that no crash
// can mint a second one.
func (id ID) EventIDFor(endpointID string) string {
	return id.EventID() + "_" + strings.TrimPrefix(endpointID, "ep_")
}

// ProgressID names an event of the call while it is under way, for an endpoint; sequence is its place among the call's.
func (id ID) ProgressID(sequence int, endpointID string) string {
	return id.EventID() + "_" + strconv.Itoa(sequence) + "_" + strings.TrimPrefix(endpointID, "ep_")
}
