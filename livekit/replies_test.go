package livekit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livekit/protocol/livekit"
	"github.com/stretchr/testify/require"
	"github.com/twitchtv/twirp"

	"github.com/click2call/click2call/call"
)

// sample is a reply in LiveKit's own words.
type sample struct {
	code  twirp.ErrorCode
	text  string
	after time.Duration // of a ring timeout of 45 s
	is    call.DialState
}

// samples are the texts that the sources give, each with what it must be taken for.
func samples() []sample {
	const pre, inv = twirp.FailedPrecondition, twirp.InvalidArgument
	return []sample{
		{code: pre, text: "call already closed", is: call.DialAnswered},
		{code: twirp.Canceled, text: "call already closed", is: call.DialAnswered},
		{code: twirp.Canceled, text: "sip request timed out", is: call.DialCancelled},
		{code: twirp.Canceled, text: "sip request timed out", after: 45 * time.Second, is: call.DialRangOut},
		{code: pre, text: "context deadline exceeded", is: call.DialNoReply},
		{code: pre, text: "context deadline exceeded", after: 44900 * time.Millisecond, is: call.DialRangOut},
		{code: twirp.Canceled, text: "transaction failed to complete (0 intermediate responses)", is: call.DialNoReply},
		{code: twirp.Canceled, text: "transaction failed to complete (2 intermediate responses)", is: call.DialRangOut},
		{code: pre, text: "service shutting down", is: call.DialCancelled},
		{code: twirp.Canceled, text: "service shutting down", is: call.DialCancelled},
		{code: twirp.Canceled, text: "context canceled", is: call.DialCancelled},

		{code: pre, text: "sip server required auth, but no username or password was provided", is: call.DialRefused},
		{code: pre, text: "max auth retry attempts reached for SIP invite", is: call.DialRefused},
		{code: pre, text: "no auth header in sip invite response", is: call.DialRefused},
		{code: pre, text: `invalid challenge "Basic": digest: invalid challenge prefix`, is: call.DialRefused},
		{code: pre, text: `digest: unsupported algorithm: "SHA-999"`, is: call.DialRefused},

		{code: pre, text: "common audio codec not found", is: call.DialRefused},
		{code: pre, text: "no common encryption profiles", is: call.DialRefused},
		{code: pre, text: "no audio in sdp", is: call.DialRefused},
		{code: pre, text: `invalid audio address "0.0.0.0"`, is: call.DialRefused},
		{code: pre, text: "no destination address in sdp", is: call.DialRefused},
		{code: pre, text: `invalid destination address "x": unable to parse IP`, is: call.DialRefused},
		{code: pre, text: `cannot parse crypto key "x": illegal base64 data`, is: call.DialRefused},
		{code: pre, text: `cannot parse srtp profile "x"`, is: call.DialRefused},
		{code: pre, text: "MKI must be in format 'value:length', got \"x\"", is: call.DialRefused},
		{code: pre, text: `invalid lifetime value "x"`, is: call.DialRefused},
		{code: pre, text: "unsupported codec", is: call.DialRefused},
		{code: pre, text: "sdp: syntax error at pos 1", is: call.DialRefused},
		{code: pre, text: "no tag in To header in INVITE response", is: call.DialNoReply},
		{code: pre, text: "no To header in INVITE response", is: call.DialNoReply},
		{code: pre, text: "no 'To' header on Response", is: call.DialNoReply},

		{code: pre, text: "size of packet larger than MTU. transaction transport error", is: call.DialNoReply},
		{code: pre, text: "tls: failed to verify certificate: x509: certificate signed by unknown authority", is: call.DialNoReply},
		{code: pre, text: "tls: first record does not look like a TLS handshake", is: call.DialNoReply},
		{code: pre, text: "transport<WS> dial err=handshake", is: call.DialNoReply},
		{code: pre, text: "dial tcp 192.0.2.1:5060: connect: connection refused", is: call.DialNoReply},
		{code: pre, text: "dial udp 192.0.2.1:5060: bind", is: call.DialNoReply},
		{code: pre, text: "conn 192.0.2.1:5060 write err=timed out", is: call.DialNoReply},
		{code: pre, text: "wrote 0 bytes", is: call.DialNoReply},
		{code: pre, text: "fail to write full message", is: call.DialNoReply},
		{code: pre, text: "something. transaction transport error", is: call.DialNoReply},
		{code: pre, text: "Timer_B timed out. transaction timeout", is: call.DialNoReply},
		{code: pre, text: `fail to resolve target for "sdp.example": server misbehaving`, is: call.DialNoReply},
		{code: pre, text: "connect: connection refused", is: call.DialNoReply},
		{code: pre, text: "read: connection reset by peer", is: call.DialNoReply},
		{code: pre, text: "write: broken pipe", is: call.DialNoReply},
		{code: pre, text: "use of closed network connection", is: call.DialNoReply},
		{code: pre, text: "i/o timeout", is: call.DialNoReply},
		{code: pre, text: "connect: no route to host", is: call.DialNoReply},
		{code: pre, text: "connect: network is unreachable", is: call.DialNoReply},
		{code: pre, text: "cannot allocate port", is: call.DialNoReply},
		{code: pre, text: "unexpected EOF", is: call.DialNoReply},
		{code: inv, text: "lookup sip.example on 192.0.2.53:53: server misbehaving", is: call.DialNoReply},
		{code: inv, text: "no such host", is: call.DialNoReply},
		{code: inv, text: "address 192.0.2.1:x: invalid port", is: call.DialNoReply},
		{code: inv, text: "fail to resolve target", is: call.DialNoReply},

		{code: twirp.Internal, text: "update room failed: could not connect: context deadline exceeded", is: call.DialNotSent},
		{code: twirp.Unavailable, text: "cpu exhausted", is: call.DialNotSent},
		{code: twirp.Unknown, text: "failed to listen on udp port", is: call.DialNotSent},
		{code: twirp.Internal, text: "failed to listen on udp port", is: call.DialNotSent},
		{code: twirp.Unknown, text: "invalid SIP media encryption type", is: call.DialNotSent},
		{code: twirp.Unknown, text: "no codecs specified", is: call.DialNotSent},

		{code: twirp.Unavailable, text: "no response from servers", is: call.DialNotSent},
		{code: twirp.DeadlineExceeded, text: "request timed out", is: call.DialUnknown},
		{code: twirp.DeadlineExceeded, text: "context deadline exceeded", is: call.DialUnknown},
		{code: twirp.Canceled, text: "request canceled", is: call.DialUnknown},
		{code: twirp.Canceled, text: "client is closed", is: call.DialUnknown},
		{code: twirp.Canceled, text: "server is closed", is: call.DialUnknown},
		{code: twirp.Malformed, text: "proto: cannot parse invalid wire-format data", is: call.DialUnknown},
		{code: pre, text: "no numbers on outbound trunk", is: call.DialNotSent},
		{code: twirp.Internal, text: "sip not connected (redis required)", is: call.DialNotSent},
		{code: twirp.NotFound, text: "requested sip trunk does not exist", is: call.DialNotSent},
		{code: twirp.NotFound, text: "object cannot be found", is: call.DialNotSent},
		{code: twirp.ResourceExhausted, text: "rate limit exceeded", is: call.DialNotSent},
		{code: inv, text: "missing sip callee number", is: call.DialNotSent},
		{code: twirp.NotFound, text: "requested room does not exist", is: call.DialNotSent},
		{code: twirp.Unauthenticated, text: "permissions denied", is: call.DialNotSent},
		{code: twirp.PermissionDenied, text: "permissions denied", is: call.DialNotSent},
		{code: twirp.BadRoute, text: "no handler for path", is: call.DialNotSent},
		{code: twirp.Malformed, text: "the json request could not be decoded", is: call.DialNotSent},
		{code: twirp.Unimplemented, text: "method is not implemented", is: call.DialNotSent},
		{code: pre, text: "something that nobody has read", is: call.DialNoReply},
	}
}

func (s sample) attempt() attempt {
	now := time.Now()
	return attempt{req: DialRequest{RingTimeout: 45 * time.Second}, started: now.Add(-s.after), ended: now, connected: true}
}

func TestEveryReplyHasItsVerdict(t *testing.T) {
	t.Parallel()
	hit := map[int]bool{}
	for _, s := range samples() {
		for _, prefix := range []string{"", "twirp error unknown: "} { // LiveKit's conversion of another service's error
			err := twirp.NewError(s.code, prefix+s.text)
			d, dialErr := s.attempt().verdict(err)
			require.Equal(t, s.is, d.State, "%s %s", s.code, s.text)
			require.Equal(t, s.is == call.DialNotSent || s.is == call.DialUnknown, dialErr != nil, s.text)
			require.Equal(t, s.is == call.DialAnswered, d.ByeAt != nil, s.text)
			require.Equal(t, s.text == "something that nobody has read", d.Unlisted != "", s.text)
		}
		hit[firstMatch(s)] = true
	}
	for i, r := range replies() {
		require.True(t, hit[i], "no sample for %s %q", r.code, r.text)
	}
}

func firstMatch(s sample) int {
	a := s.attempt()
	want := a.read(twirp.NewError(s.code, s.text))
	for i, r := range replies() {
		if r.code == s.code && r.text == want.text && r.matches(s.code, strings.ToLower(s.text)) {
			return i
		}
	}
	return -1
}

func TestAReplyThatNobodyHasReadIsNamed(t *testing.T) {
	t.Parallel()
	for _, code := range []twirp.ErrorCode{twirp.Unavailable, twirp.Internal, twirp.Unknown, twirp.Aborted, twirp.DataLoss, twirp.OutOfRange} {
		d, err := sample{}.attempt().verdict(twirp.NewError(code, "something new"))
		require.Error(t, err)
		require.Equal(t, call.DialUnknown, d.State)
		require.Equal(t, string(code), d.Unlisted)
	}
}

// A carrier's final reply, as LiveKit's server passes it on.
func TestFinalRepliesThatAreNone(t *testing.T) {
	t.Parallel()
	for code, is := range map[int]call.DialState{
		202: call.DialRefused, 299: call.DialRefused, 0: call.DialNoReply, 42: call.DialNoReply, 199: call.DialNoReply,
		700: call.DialNoReply, 999: call.DialNoReply, 300: call.DialRefused, 699: call.DialRefused,
	} {
		status := &livekit.SIPStatus{Code: livekit.SIPStatusCode(code), Status: "Odd"}
		d, err := sample{}.attempt().verdict(fmt.Errorf("unexpected status from INVITE response: %w", status))
		require.NoError(t, err)
		require.Equal(t, is, d.State, code)
		if code >= 300 && code < 700 {
			require.Equal(t, code, d.SIPCode)
		} else {
			require.Zero(t, d.SIPCode, "no code that is none of SIP's reaches the CRM")
			require.Contains(t, d.Detail, "Odd")
		}
		require.Empty(t, d.Unlisted)
	}
}
