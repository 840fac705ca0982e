package livekit

import (
	"errors"
	"strings"

	"github.com/click2call/click2call/call"
)

// Fault is what the result of a dial says of what stands between LiveKit and the carrier.
type Fault int

// The faults.
const (
	NoVerdict    Fault = iota // it says nothing of that
	Dialable                  // the carrier, or the network on the way to it, had its say
	NoSIPService              // no SIP service of LiveKit's took the dial
	UnknownTrunk              // LiveKit does not know the trunk
	RefusedLogin              // the carrier refuses the trunk's user name or password, or asks for one and there is none
)

// FaultOf reads a dial's result, as [Client.Dial] returns it.
func FaultOf(d call.Dial, err error) Fault {
	detail := strings.ToLower(d.Detail)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(detail, w) {
				return true
			}
		}
		return false
	}
	switch d.State {
	case call.DialAnswered, call.DialRangOut, call.DialNoReply:
		return Dialable
	case call.DialRefused:
		if d.SIPCode == 401 || d.SIPCode == 407 || d.SIPCode == 0 && has("required auth", "auth header", "auth retry") {
			return RefusedLogin
		}
		return Dialable
	case call.DialNotSent:
		switch {
		case has("no response from servers"):
			return NoSIPService
		case errors.Is(err, errNotFound) && !has("room"):
			return UnknownTrunk
		}
	}
	return NoVerdict
}
