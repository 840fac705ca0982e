// Package agent is an agent without a browser: it does what the integration guide's snippet does, with LiveKit's Go
// SDK in place of livekit-client. It joins the room, publishes a microphone that hums, has the customer dialed, reports the
// answer, hangs up when the customer drops, and measures what it hears. It also does what browsers do when they must
// not: crash, lose the network, leave without a word, come back.
//
// Never here: product code. It talks to the product by HTTP only.
//
// Start reading at agent.go.
package agent
