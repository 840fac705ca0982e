package e2e_test

import "time"

// unkindRows are carriers and telephones at their worst: see the scenarios in lab/carrier/README.md.
func unkindRows() []row {
	refused := func(reason string, code int) outcome {
		by := "system"
		if reason == "busy" || reason == "declined" {
			by = "customer"
		}
		status := "FAILED"
		if by == "customer" {
			status = "NOT_ANSWERED"
		}
		return outcome{status, reason, code, by}
	}
	// LiveKit cannot send on what is not UTF-8: its event tells the class of the refusal, and without events a look tells that
	// the phone rang and the leg is gone. It is never the agent's doing, and nobody waits for a minute.
	untold := outcome{"NOT_ANSWERED", "declined", 0, "customer"}
	unheard := []outcome{rangOut, dialUnknown}
	return []row{
		{name: "reason phrase in Latin-1", number: secondsOf("901", 1, 0), want: untold, how: ending{or: unheard}},
		{name: "body that is no text", number: secondsOf("902", 1, 0), want: untold, how: ending{or: unheard}},
		// LiveKit's parser drops the reply.
		{name: "status line without a phrase", number: secondsOf("903", 1, 0), want: rangOut},
		{name: "empty reason phrase", number: secondsOf("904", 1, 0), want: refused("invalid_number", 404)},
		{name: "reason phrase of 600 characters", number: secondsOf("912", 1, 0), want: refused("declined", 603)},
		{name: "a code that is none", number: secondsOf("907", 1, 0), want: trunkDead},
		{name: "PRACK wanted, then refused", number: secondsOf("184", 2, 0), want: refused("trunk_unavailable", 504)},
		{name: "PRACK wanted, then answered", number: secondsOf("185", 2, 2), want: customerHangup},
		{name: "answer with a phrase in Latin-1", number: secondsOf("905", 1, 2), want: customerHangup},
		{name: "202 for an answer", number: secondsOf("906", 1, 0), want: refused("trunk_rejected", 0), how: ending{zombie: true}},
		{name: "answer without SDP", number: secondsOf("908", 1, 0), want: refused("trunk_rejected", 0), how: ending{zombie: true}},
		{name: "answer with a codec that nobody has", number: secondsOf("909", 1, 0), want: refused("trunk_rejected", 0), how: ending{zombie: true}},
		{name: "answer with nonsense for SDP", number: secondsOf("910", 1, 0), want: refused("trunk_rejected", 0), how: ending{zombie: true}},
		{name: "answer without a tag", number: secondsOf("911", 1, 0), want: trunkDead, how: ending{zombie: true}},
		{name: "BYE overtakes the ACK", number: secondsOf("209", 1, 0), want: customerHangup},
		{name: "two phones ring", number: secondsOf("207", 1, 2), want: customerHangup},
		{name: "two phones answer", number: secondsOf("208", 1, 2), want: customerHangup},
		{name: "session timer that the customer refreshes", number: secondsOf("205", 1, 5), want: customerHangup},
		{name: "session timer that nobody refreshes", number: secondsOf("206", 1, 3), want: customerHangup},
	}
}

// holdRows are on hold for longer than LiveKit's SIP service waits for sound by default (15 s).
func holdRows() []row {
	const held = 22
	return []row{
		{name: "hold without sound, inactive", number: secondsOf("203", 1, held), want: customerHangup},
		{name: "hold without sound, sendonly", number: secondsOf("204", 1, held), want: customerHangup},
		{name: "no ACK arrives", number: secondsOf("212", 1, 0), want: customerHangup, how: ending{limit: 90 * time.Second}},
	}
}
