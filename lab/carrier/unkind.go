package carrier

import (
	"fmt"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// oddity is what a scenario does beside ringing, answering and refusing.
type oddity struct {
	forks        bool          // a second phone rings, with another tag
	answersTwice bool          // and answers after the first
	overtakes    bool          // BYE right behind the 200
	losesAck     bool          // no ACK arrives
	dies         bool          // after the talk time nothing is sent or answered
	holds        string        // the direction of our re-INVITE that holds the caller
	refreshes    bool          // session timer, refreshed by us
	expires      bool          // session timer that the caller should refresh and does not
	reliable     bool          // the provisional reply wants a PRACK (RFC 3262)
	sdp          func() []byte // instead of ours in the 200
	noTag        bool          // the 200 has no tag in To
	body         []byte        // of the refusal
	bare         bool          // the status line of the refusal ends with its code
}

// unkind are scenarios of callers' and carriers' equipment at its worst, as far as a call gets somewhere.
func unkind() []Scenario {
	return []Scenario{
		{Code: "184", Name: "reliable-refusal", Does: "183 with SDP that requires 100rel; no PRACK for RR seconds, 504", provisional: 183,
			final: 504, reason: "Server Time-out", odd: oddity{reliable: true}},
		{Code: "185", Name: "reliable-answer", Does: "as 184, but answers", provisional: 183, final: 200, odd: oddity{reliable: true}},
		{Code: "203", Name: "hold-inactive", final: 200, odd: oddity{holds: "inactive"},
			Does: "answers, after 2 s holds by re-INVITE `inactive` without RTP for TT seconds, resumes, hangs up after 3 s"},
		{Code: "204", Name: "hold-sendonly", final: 200, odd: oddity{holds: "sendonly"}, Does: "as 203 with `sendonly`, without music"},
		{Code: "205", Name: "session-timer", final: 200, odd: oddity{refreshes: true},
			Does: "answers with a session timer and refreshes it by re-INVITE every 2 s; hangs up after TT seconds"},
		{Code: "206", Name: "session-expires", final: 200, odd: oddity{expires: true},
			Does: "answers with a session timer that the caller should refresh; BYE with Reason 408 after TT seconds"},
		{Code: "207", Name: "fork", final: 200, odd: oddity{forks: true}, Does: "two phones ring (two To-tags), one answers; then as 200"},
		{Code: "208", Name: "two-answers", final: 200, odd: oddity{forks: true, answersTwice: true}, Does: "two phones ring and both answer; then as 200"},
		{Code: "209", Name: "bye-overtakes-ack", final: 200, odd: oddity{overtakes: true}, Does: "200 and BYE back to back"},
		{Code: "211", Name: "dead", final: 200, odd: oddity{dies: true},
			Does: "answers; after TT seconds no RTP and no answer to anything, BYE included"},
		{Code: "212", Name: "lost-ack", final: 200, odd: oddity{losesAck: true}, Does: "answers, hears no ACK, repeats the 200 for 32 s and hangs up"},
	}
}

// oddReplies are final replies that are hard to read.
func oddReplies() []Scenario {
	return []Scenario{
		{Code: "901", Name: "latin1-busy", Does: "486 with a reason phrase in Latin-1", final: 486, reason: "Besetzt \xfcberall"},
		{Code: "902", Name: "binary-busy", Does: "486 with a body that is no text", final: 486, reason: "Busy Here",
			odd: oddity{body: []byte{0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28}}},
		{Code: "903", Name: "bare-busy", Does: "486, and the status line ends with the code", final: 486, odd: oddity{bare: true}},
		{Code: "904", Name: "no-phrase", Does: "404 with an empty reason phrase", final: 404},
		{Code: "905", Name: "latin1-answer", Does: "200 with a reason phrase in Latin-1; then as 200", final: 200, reason: "Oui, all\xf4"},
		{Code: "906", Name: "answer-202", Does: "202 Accepted with SDP instead of 200; then as 200", final: 202, reason: "Accepted"},
		{Code: "907", Name: "code-799", Does: "799, which is no code of SIP's", final: 799, reason: "Beyond"},
		{Code: "908", Name: "answer-without-sdp", Does: "200 without SDP", final: 200, odd: oddity{sdp: func() []byte { return nil }}},
		{Code: "909", Name: "answer-g729", Does: "200 whose SDP knows only G.729", final: 200, odd: oddity{sdp: onlyG729}},
		{Code: "910", Name: "answer-nonsense", Does: "200 with text that is no SDP", final: 200,
			odd: oddity{sdp: func() []byte { return []byte("hello\r\n") }}},
		{Code: "911", Name: "answer-without-tag", Does: "200 without a tag in To", final: 200, odd: oddity{noTag: true}},
		{Code: "912", Name: "long-decline", Does: "603 with a reason phrase of 600 characters", final: 603, reason: strings.Repeat("no ", 200)},
	}
}

func onlyG729() []byte {
	return []byte("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n")
}

// timer are the headers of a session timer (RFC 4028).
func (o oddity) timer() []sip.Header {
	refresher := ""
	switch {
	case o.refreshes:
		refresher = "uas"
	case o.expires:
		refresher = "uac"
	default:
		return nil
	}
	return []sip.Header{
		sip.NewHeader("Supported", "timer"), sip.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=%s", sessionExpires, refresher)),
	}
}

// reliability are the headers of a provisional reply that wants a PRACK.
func (l *line) reliability() []sip.Header {
	if !l.plan.odd.reliable {
		return nil
	}
	return []sip.Header{sip.NewHeader("Require", "100rel"), sip.NewHeader("RSeq", "4711")}
}

// final2xx is the code of our answer.
func (s Scenario) final2xx() int {
	if s.final == 0 { // an answer that crosses a CANCEL
		return sip.StatusOK
	}
	return s.final
}
