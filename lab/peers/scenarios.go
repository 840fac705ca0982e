package peers

import "time"

// A telephone is one of these.
const (
	withSIPp    = "SIPp"
	withBaresip = "baresip"
	nobody      = "-" // the call does not get that far
)

// act is what the agent does when the customer has been dialed.
type act string

const (
	waits    act = "" // for the call to end
	hangsUp  act = "agent hangs up"
	cancels  act = "agent cancels"
	customer act = "customer hangs up" // a baresip, which has no script of its own
)

// Scenario is one call and what must become of it.
type Scenario struct {
	Name  string
	trunk trunk
	phone string
	plays string // SIPp's script
	forks string // a second phone's script
	srtp  bool   // a baresip that wants SRTP
	act   act
	sound bool   // the agent must hear the customer's 440 Hz
	want  string // "ANSWERED customer_hangup 200"; a "|" stands between two that are as right
}

// The rows of the table that more than one scenario has.
const (
	customerHungUp = "ANSWERED customer_hangup 200"
	agentHungUp    = "ANSWERED agent_hangup 200"
	busy           = "NOT_ANSWERED busy 486"
	rangOut        = "NOT_ANSWERED no_answer 408"
	trunkDead      = "FAILED trunk_unavailable null"
	trunkRefused   = "FAILED trunk_rejected null"
)

const (
	moment = time.Second
	talk   = 4 * time.Second
	held   = 22 * time.Second // longer than LiveKit's SIP service waits for sound by default
)

// Scenarios are all, in the order of the table.
func Scenarios() []Scenario {
	var all []Scenario
	for _, group := range [][]Scenario{answered(), transports(), authentication(), held3264(), sessions(), early(), refusals(), odd(), silent()} {
		all = append(all, group...)
	}
	return all
}

// ringing then whatever follows.
func rings(pieces ...string) string {
	return script(append([]string{ring("180 Ringing"), pause(moment)}, pieces...)...)
}

func answered() []Scenario {
	return []Scenario{
		{Name: "answers, customer hangs up", trunk: udp, phone: withBaresip, act: customer, sound: true, want: customerHungUp},
		{Name: "answers, agent hangs up", trunk: udp, phone: withBaresip, act: hangsUp, sound: true, want: agentHungUp},
		{Name: "answers, BYE with two Reason headers", trunk: udp, phone: withSIPp, sound: true, want: customerHungUp,
			plays: rings(answer(), pause(talk), bye(1, `Reason: SIP;cause=200;text="Call completed elsewhere"`, "Reason: Q.850;cause=16"))},
		{Name: "answers, agent hangs up", trunk: udp, phone: withSIPp, act: hangsUp, sound: true, plays: rings(answer(), awaitBye), want: agentHungUp},
		{Name: "BYE is never answered", trunk: udp, phone: withSIPp, act: hangsUp, plays: rings(answer(), pause(40*time.Second)), want: agentHungUp},
		{Name: "BYE right behind the ACK", trunk: udp, phone: withSIPp, plays: rings(answer(), bye(1)), want: customerHungUp},
		{Name: "200 and BYE back to back", trunk: udp, phone: withSIPp, want: customerHungUp,
			plays: rings(withSDP("<send>", "200 OK", alaw("sendrecv"), nil), bye(1))},
		{Name: "agent cancels", trunk: udp, phone: withSIPp, act: cancels, want: "NOT_ANSWERED agent_cancelled 487",
			plays: script(ring("180 Ringing"), awaitCancel)},
		{Name: "fork, one answers, the other is cancelled", trunk: udp, phone: withSIPp, sound: true, want: customerHungUp,
			plays: rings(pause(moment), answer(), pause(talk), bye(1)), forks: script(ring("180 Ringing"), awaitCancel)},
		{Name: "fork, one is busy", trunk: udp, phone: withSIPp, want: customerHungUp,
			plays: rings(pause(moment), answer(), pause(talk), bye(1)), forks: rings(refuse("486 Busy Here"))},
	}
}

func transports() []Scenario {
	return []Scenario{
		{Name: "TCP: answers, customer hangs up", trunk: tcp, phone: withSIPp, sound: true, plays: rings(answer(), pause(talk), bye(1)), want: customerHungUp},
		{Name: "TCP: agent hangs up", trunk: tcp, phone: withSIPp, act: hangsUp, plays: rings(answer(), awaitBye), want: agentHungUp},
		{Name: "TCP: busy", trunk: tcp, phone: withSIPp, plays: rings(refuse("486 Busy Here")), want: busy},
		{Name: "TCP: nobody listens", trunk: tcpClosed, phone: nobody, want: trunkDead},
		{Name: "TLS: answers, customer hangs up", trunk: tls, phone: withSIPp, sound: true, plays: rings(answer(), pause(talk), bye(1)), want: customerHungUp},
		{Name: "TLS: busy", trunk: tls, phone: withSIPp, plays: rings(refuse("486 Busy Here")), want: busy},
		{Name: "TLS: SRTP required", trunk: tlsSRTP, phone: withBaresip, srtp: true, act: hangsUp, sound: true, want: agentHungUp},
		{Name: "TLS: SRTP required, the phone answers plain", trunk: tlsSRTP, phone: withSIPp, plays: rings(answer(), awaitBye), want: trunkRefused},
		{Name: "TLS: a certificate that nobody trusts", trunk: tlsUntrusted, phone: nobody, want: trunkDead},
		{Name: "TLS: the port never answers the handshake", trunk: tlsDeaf, phone: nobody, want: trunkDead},
		{Name: "UDP: SRTP allowed", trunk: udpSRTP, phone: nobody, want: trunkDead + "|FAILED livekit_unavailable null"},
		{Name: "UDP: nobody listens", trunk: udpClosed, phone: nobody, want: trunkDead},
		{Name: "unknown host name", trunk: unknownHost, phone: nobody, want: trunkDead},
	}
}

func authentication() []Scenario {
	return []Scenario{
		{Name: "wrong password, 407 for ever", trunk: wrongPassword, phone: nobody, want: trunkRefused + "|FAILED trunk_rejected 407"},
		{Name: "wrong password, then 403", trunk: forbidden, phone: nobody, want: "FAILED trunk_rejected 403"},
		{Name: "no credentials", trunk: noCredentials, phone: nobody, want: trunkRefused + "|FAILED trunk_rejected 407"},
	}
}

func held3264() []Scenario {
	hold := func(sdp string) string {
		return rings(answer(), pause(2*moment), mute, reinvite(1, sdp), pause(held), unmute, reinvite(2, alaw("sendrecv")), pause(talk), bye(3))
	}
	zero := "v=0\no=- 77 2 IN IP4 [local_ip]\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\nm=audio [rtpstream_audio_port] RTP/AVP 8\na=rtpmap:8 PCMA/8000\n"
	return []Scenario{
		{Name: "hold without sound for 22 s, inactive", trunk: udp, phone: withSIPp, sound: true, plays: hold(alaw("inactive")), want: customerHungUp},
		{Name: "hold without sound for 22 s, sendonly", trunk: udp, phone: withSIPp, sound: true, plays: hold(alaw("sendonly")), want: customerHungUp},
		{Name: "hold without sound for 22 s, c=0.0.0.0", trunk: udp, phone: withSIPp, sound: true, plays: hold(zero), want: customerHungUp},
		{Name: "hold with music", trunk: udp, phone: withSIPp, sound: true, want: customerHungUp,
			plays: rings(answer(), pause(2*moment), reinvite(1, alaw("sendonly")), pause(talk), reinvite(2, alaw("sendrecv")), pause(talk), bye(3))},
	}
}

func sessions() []Scenario {
	timer := func(refresher string) []string { return []string{"Session-Expires: 90;refresher=" + refresher} }
	return []Scenario{
		{Name: "session timer, refreshed by re-INVITE", trunk: udp, phone: withSIPp, sound: true, want: customerHungUp,
			plays: rings(answer(append(timer("uas"), "Require: timer")...), pause(talk), reinvite(1, alaw("sendrecv"), timer("uas")...), pause(talk), bye(2))},
		{Name: "session timer, refreshed by UPDATE", trunk: udp, phone: withSIPp, want: customerHungUp,
			plays: rings(answer(timer("uas")...), pause(talk), refused("UPDATE", 1, 405, timer("uas")...), pause(talk), bye(2))},
		{Name: "session timer that LiveKit should refresh", trunk: udp, phone: withSIPp, want: customerHungUp,
			plays: rings(answer(timer("uac")...), pause(2*talk), bye(1, "Reason: SIP;cause=408"))},
		{Name: "OPTIONS in the call", trunk: udp, phone: withSIPp, want: customerHungUp,
			plays: rings(answer(), pause(moment), refused("OPTIONS", 1, 200), pause(moment), bye(2))},
	}
}

func early() []Scenario {
	reliable := []string{"Require: 100rel", "RSeq: 4711"}
	return []Scenario{
		{Name: "183 that requires a PRACK, then 504", trunk: udp, phone: withSIPp, want: "FAILED trunk_unavailable 504",
			plays: script(progress("183 Session Progress", reliable...), pause(2*moment), refuse("504 Server Time-out"))},
		{Name: "183 that requires a PRACK, then an answer", trunk: udp, phone: withSIPp, sound: true, want: customerHungUp,
			plays: script(progress("183 Session Progress", reliable...), pause(2*moment), answer(), pause(talk), bye(1))},
		{Name: "421 requires 100rel", trunk: udp, phone: withSIPp, want: "FAILED trunk_rejected 421",
			plays: script(refuse("421 Extension Required", "Require: 100rel"))},
		{Name: "early media, then busy", trunk: udp, phone: withSIPp, want: busy,
			plays: script(progress("183 Session Progress"), pause(2*moment), refuse("486 Busy Here"))},
		{Name: "181, 182, 183, 180, 200", trunk: udp, phone: withSIPp, want: customerHungUp,
			plays: script(ring("181 Call Is Being Forwarded"), ring("182 Queued"), ring("183 Session Progress"), ring("180 Ringing"), pause(moment),
				answer(), pause(talk), bye(1))},
	}
}

func refusals() []Scenario {
	var all []Scenario
	for _, r := range []struct {
		status string
		extra  []string
		want   string
	}{
		{"603 Decline", []string{"X-Twilio-Error: 32203"}, "NOT_ANSWERED declined 603"},
		{"607 Unwanted", nil, "NOT_ANSWERED declined 607"},
		{"480 Temporarily Unavailable", []string{"Retry-After: 120 (at lunch)", "Reason: Q.850;cause=18"}, "NOT_ANSWERED no_answer 480"},
		{"487 Request  \"Terminated\" by IVR \\ 100%", []string{`Reason: Q.850;cause=31;text="Normal, unspecified"`}, "NOT_ANSWERED no_answer 487"},
		{"404 Numéro inconnu", []string{`Warning: 399 carrier "unallocated"`}, "FAILED invalid_number 404"},
		{"484 Address Incomplete", nil, "FAILED invalid_number 484"},
		{"488 Not Acceptable Here", []string{`Warning: 304 carrier "Media type not available"`}, "FAILED trunk_rejected 488"},
		{"500 Server Internal Error", []string{"Retry-After: 5", "Reason: Q.850;cause=17"}, "FAILED trunk_unavailable 500"},
		{"503 Service Unavailable", nil, "FAILED trunk_unavailable 500"}, // Kamailio's: RFC 3261 section 16.7
		{"600 Busy Everywhere", nil, "NOT_ANSWERED busy 600"},
	} {
		all = append(all, Scenario{Name: r.status[:3] + name(r.extra), trunk: udp, phone: withSIPp, plays: rings(refuse(r.status, r.extra...)), want: r.want})
	}
	return all
}

func name(extra []string) string {
	if len(extra) == 0 {
		return ""
	}
	return " with headers of its own"
}

func odd() []Scenario {
	return []Scenario{
		{Name: "486 with a phrase in Latin-1", trunk: udp, phone: withSIPp, plays: rings(refuse("486 Besetzt \xfcberall")),
			want: "NOT_ANSWERED declined null|NOT_ANSWERED no_answer 408|FAILED dial_state_unknown null"},
		{Name: "302", trunk: udp, phone: withSIPp, plays: rings(refuse("302 Moved Temporarily", "Contact: <sip:other@127.0.0.1:9>")), want: "FAILED trunk_rejected 302"},
		{Name: "200 without SDP", trunk: udp, phone: withSIPp, plays: rings(answerWith("")), want: trunkRefused},
		{Name: "200 with G.729 only", trunk: udp, phone: withSIPp, plays: rings(answerWith(media("18", "a=rtpmap:18 G729/8000\n"))), want: trunkRefused},
		{Name: "200 with text for SDP", trunk: udp, phone: withSIPp, plays: rings(answerWith("hello\n")), want: trunkRefused},
	}
}

func silent() []Scenario {
	return []Scenario{
		{Name: "180 and nothing more", trunk: udp, phone: withSIPp, plays: script(ring("180 Ringing"), awaitCancel), want: rangOut},
		{Name: "no reply", trunk: udp, phone: withSIPp, plays: script(pause(time.Minute)), want: trunkDead},
		{Name: "the phone dies in the talk, nobody hangs up", trunk: udp, phone: withSIPp, want: "ANSWERED media_timeout 200|ANSWERED connection_lost 200",
			plays: rings(answer(), pause(moment), mute, pause(100*time.Second))},
		{Name: "the sound ends, BYE is answered", trunk: udp, phone: withSIPp, want: "ANSWERED media_timeout 200",
			plays: rings(answer(), pause(2*moment), mute, awaitBye)},
		{Name: "the phone dies in the talk, agent hangs up", trunk: udp, phone: withSIPp, act: hangsUp,
			plays: rings(answer(), pause(moment), mute, pause(50*time.Second)), want: agentHungUp},
	}
}
