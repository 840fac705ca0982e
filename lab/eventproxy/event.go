package eventproxy

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// signedFor is how long LiveKit's own signatures hold (protocol webhook/resource_url_notifier.go).
const signedFor = 5 * time.Minute

// Event is one of LiveKit's events, as it came or as a test made it.
type Event struct {
	Header http.Header // Authorization holds the signature
	Body   []byte

	// What the body says, for choosing among events. Changing these changes nothing in the body.
	ID       string
	Name     string // for example participant_left
	Room     string
	Identity string // of the participant, "" for events about rooms
	SID      string // of the participant's session
}

// newEvent reads what events are chosen by. A body that cannot be read gives an event without names.
func newEvent(header http.Header, body []byte) Event {
	var said struct {
		ID    string `json:"id"`
		Event string `json:"event"`
		Room  struct {
			Name string `json:"name"`
		} `json:"room"`
		Participant struct {
			Identity string `json:"identity"`
			SID      string `json:"sid"`
		} `json:"participant"`
	}
	_ = json.Unmarshal(body, &said)
	return Event{Header: header, Body: body, ID: said.ID, Name: said.Event, Room: said.Room.Name,
		Identity: said.Participant.Identity, SID: said.Participant.SID}
}

// Forge returns an event with this body, signed at that moment with key and secret as LiveKit does it: a JWT with the
// hash of the body (protocol webhook/verifier.go). Whether it is a forgery depends on who knows the secret.
func Forge(body []byte, key, secret string, at time.Time) (Event, error) {
	sum := sha256.Sum256(body)
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": key, "nbf": at.Unix(), "exp": at.Add(signedFor).Unix(),
		"sha256": base64.StdEncoding.EncodeToString(sum[:]),
	}).SignedString([]byte(secret))
	if err != nil {
		return Event{}, fmt.Errorf("sign an event: %w", err)
	}
	return newEvent(http.Header{
		"Authorization": {token}, "Content-Type": {"application/webhook+json"}, "User-Agent": {"LiveKit"},
	}, body), nil
}

// Tampered is the event with another body and the old signature.
func (e Event) Tampered(body []byte) Event {
	return newEvent(e.Header, body)
}
