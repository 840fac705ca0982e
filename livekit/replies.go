package livekit

import (
	"strings"

	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
)

// said is one kind of reply to a dial: what LiveKit says, and what that proves. It is for replies without a SIP status.
type said struct {
	code twirp.ErrorCode
	text string // part of LiveKit's text, in lower case; "" stands for any text
	is   call.DialState
	// then is what it is instead when LiveKit says so as the ring timeout is due; "" makes no difference.
	then      call.DialState
	transient bool   // it may work in a moment, and nothing was dialed: see [Retryable]
	answered  bool   // the customer answered and hung up before LiveKit had done with the answer
	advice    string // for operators, after LiveKit's own words
	trunk     bool   // the trunk failed, and its INVITE has reached nobody: see call.Dial.FailsOver
	unlisted  bool   // a catch-all: nobody has read yet what LiveKit means by it, so a metric counts it
}

// The replies of all origins; the first that matches counts. What matches none is DialUnknown, and is counted as well.
func replies() []said {
	return append(append(append([]said{}, repliesOfSIP...), repliesOfServer...), catchAlls...)
}

// repliesOfSIP are those of livekit/sip v1.8.0, pkg/sip: errors.go, outbound.go, protocol.go, media_port.go, client.go. Once the
// INVITE is under way, errors.go (afterInvite) says failed_precondition for whatever it cannot class: above all its own shutdown,
// the network, and a BYE that overtakes the ACK. Texts of its libraries come along: sipgo, icholy/digest, media-sdk/sdp, Go's net.
var repliesOfSIP = []said{
	// outbound.go AckInviteOK. Only AcceptBye drops the dialog between the 200 and the ACK: the connection's other users hold the
	// lock that connectSIP has. So it proves an answer and a BYE.
	{code: twirp.FailedPrecondition, text: "call already closed", is: call.DialAnswered, answered: true},
	{code: twirp.Canceled, text: "call already closed", is: call.DialAnswered, answered: true}, // before v1.7.0

	// protocol.go sipResponse: one text for "rang too long" and "the room was closed"; only the time tells.
	{code: twirp.Canceled, text: "sip request timed out", is: call.DialCancelled, then: call.DialRangOut},
	// The callee answers as the ring timer runs out (livekit/sip issue 857): the same event in other words.
	{code: twirp.FailedPrecondition, text: "context deadline exceeded", is: call.DialNoReply, then: call.DialRangOut},
	{code: twirp.Canceled, text: "transaction failed to complete (0 ", is: call.DialNoReply},
	// The carrier had answered with a 180 or the like, and LiveKit's Timer B fired all the same after 32 s: sipgo starts it after it
	// has sent the INVITE, and a reply that is quicker than that cannot stop it.
	{code: twirp.Canceled, text: "transaction failed to complete", is: call.DialRangOut},
	{code: twirp.FailedPrecondition, text: "service shutting down", is: call.DialCancelled, advice: "LiveKit's SIP service was stopped"},
	{code: twirp.Canceled, text: "service shutting down", is: call.DialCancelled, advice: "LiveKit's SIP service was stopped"},
	{code: twirp.Canceled, text: "context canceled", is: call.DialCancelled},

	// The carrier answered 401 or 407 and the trunk has no, or wrong, credentials. LiveKit does not say which.
	{code: twirp.FailedPrecondition, text: "required auth", is: call.DialRefused, trunk: true, advice: "give the trunk a user name and password"},
	{code: twirp.FailedPrecondition, text: "max auth retry", is: call.DialRefused, trunk: true, advice: "the carrier does not accept the trunk's user name and password"},
	{code: twirp.FailedPrecondition, text: "no auth header", is: call.DialRefused, trunk: true},
	{code: twirp.FailedPrecondition, text: "invalid challenge", is: call.DialRefused, trunk: true},
	{code: twirp.FailedPrecondition, text: "digest: ", is: call.DialRefused, trunk: true},

	// The far end answered, and LiveKit cannot use the answer: no codec or encryption in common, no SDP, no readable one.
	{code: twirp.FailedPrecondition, text: "common audio codec not found", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "no common encryption", is: call.DialRefused, advice: "the carrier and the trunk do not agree on SRTP"},
	{code: twirp.FailedPrecondition, text: "no audio in sdp", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "invalid audio address", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "no destination address in sdp", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "invalid destination address", is: call.DialRefused},
	// A final reply that breaks RFC 3261.
	{code: twirp.FailedPrecondition, text: "no tag in to header", is: call.DialNoReply, advice: "the carrier's reply breaks RFC 3261"},
	{code: twirp.FailedPrecondition, text: "no to header", is: call.DialNoReply, advice: "the carrier's reply breaks RFC 3261"},
	{code: twirp.FailedPrecondition, text: "no 'to' header", is: call.DialNoReply, advice: "the carrier's reply breaks RFC 3261"},

	// The way to the carrier.
	{code: twirp.FailedPrecondition, text: "larger than mtu", is: call.DialNoReply, trunk: true,
		advice: "the INVITE does not fit into a UDP packet; use TCP or TLS for the trunk, above all with SRTP, or raise udp_max_payload of LiveKit's SIP service"},
	{code: twirp.FailedPrecondition, text: "x509", is: call.DialNoReply, trunk: true, advice: "LiveKit's SIP service does not trust the carrier's certificate"},
	{code: twirp.FailedPrecondition, text: "tls", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "dial err=", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "dial tcp", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "dial udp", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "write err=", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "wrote 0 bytes", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "fail to write full message", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "transaction transport error", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "transaction timeout", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "fail to resolve target", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "connection refused", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "connection reset", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "broken pipe", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "use of closed network connection", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "i/o timeout", is: call.DialNoReply},
	{code: twirp.FailedPrecondition, text: "no route to host", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "network is unreachable", is: call.DialNoReply, trunk: true},
	{code: twirp.FailedPrecondition, text: "cannot allocate port", is: call.DialNoReply, trunk: true, advice: "tcp.dial_port of LiveKit's SIP service has no port left"},
	// Whatever else media-sdk/sdp finds wrong with the answer; after the network, whose errors name hosts.
	{code: twirp.FailedPrecondition, text: "crypto", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "srtp", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "mki", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "lifetime", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "codec", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "sdp", is: call.DialRefused},
	{code: twirp.FailedPrecondition, text: "eof", is: call.DialNoReply},
	// The trunk's host name does not resolve, or is no address.
	{code: twirp.InvalidArgument, text: "lookup ", is: call.DialNoReply, trunk: true},
	{code: twirp.InvalidArgument, text: "no such host", is: call.DialNoReply, trunk: true},
	{code: twirp.InvalidArgument, text: "address ", is: call.DialNoReply},
	{code: twirp.InvalidArgument, text: "fail to resolve target", is: call.DialNoReply, trunk: true},

	// Before the INVITE. The leg joins the room first; this is how a failed join is told.
	{code: twirp.Internal, text: "update room failed", is: call.DialNotSent},
	{code: twirp.Unavailable, text: "cpu exhausted", is: call.DialNotSent, trunk: true, transient: true},
	{code: twirp.Unknown, text: "failed to listen on udp port", is: call.DialNotSent, trunk: true, transient: true, advice: "rtp_port of LiveKit's SIP service has no port left"},
	{code: twirp.Internal, text: "failed to listen on udp port", is: call.DialNotSent, trunk: true, transient: true, advice: "rtp_port of LiveKit's SIP service has no port left"},
	{code: twirp.Unknown, text: "invalid sip media encryption type", is: call.DialNotSent},
	{code: twirp.Unknown, text: "codec", is: call.DialNotSent},
}

// repliesOfServer are those of livekit-server v1.13.5 (pkg/service/sip.go, errors.go), of protocol's checks of the request
// (livekit/sip.go, rpc/sip.go), and of psrpc v0.7.2, by which the server asks the SIP service (errors.go, pkg/client/rpc.go).
var repliesOfServer = []said{
	{code: twirp.Unavailable, text: "no response from servers", is: call.DialNotSent, trunk: true, transient: true}, // before any of them took it
	{code: twirp.DeadlineExceeded, text: "request timed out", is: call.DialUnknown,
		advice: "LiveKit's SIP service took the dial and did not say how it ended"},
	{code: twirp.DeadlineExceeded, text: "context deadline exceeded", is: call.DialUnknown},
	{code: twirp.Canceled, text: "request canceled", is: call.DialUnknown},
	{code: twirp.Canceled, text: "client is closed", is: call.DialUnknown}, // the server stops
	{code: twirp.Canceled, text: "server is closed", is: call.DialUnknown}, // the SIP service stops
	{code: twirp.Malformed, text: "proto", is: call.DialUnknown},           // psrpc's malformed_result: the dial is over
	{code: twirp.FailedPrecondition, text: "no numbers on outbound trunk", is: call.DialNotSent, trunk: true},
	{code: twirp.Internal, text: "sip not connected", is: call.DialNotSent},
	{code: twirp.NotFound, text: "requested sip trunk does not exist", is: call.DialNotSent, trunk: true, advice: "LiveKit does not know the trunk"},
	{code: twirp.NotFound, text: "object cannot be found", is: call.DialNotSent, trunk: true, advice: "LiveKit does not know the trunk"},
	{code: twirp.ResourceExhausted, is: call.DialNotSent}, // LiveKit's own limits; a carrier's 486 has a SIP status
	{code: twirp.InvalidArgument, is: call.DialNotSent},   // checks of the request
	{code: twirp.NotFound, is: call.DialNotSent},          // the trunk or the room
	{code: twirp.Unauthenticated, is: call.DialNotSent},   // our key, or what it may do
	{code: twirp.PermissionDenied, is: call.DialNotSent},
	{code: twirp.BadRoute, is: call.DialNotSent},
	{code: twirp.Malformed, is: call.DialNotSent}, // our request
	{code: twirp.Unimplemented, is: call.DialNotSent},
}

// catchAlls are what a LiveKit that nobody here has read may say.
var catchAlls = []said{
	{code: twirp.FailedPrecondition, is: call.DialNoReply, unlisted: true}, // after the INVITE, as far as known
}

func (s said) matches(code twirp.ErrorCode, text string) bool {
	return s.code == code && strings.Contains(text, s.text)
}
