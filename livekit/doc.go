// Package livekit is the product's only door to LiveKit: rooms, the agent's token, the SIP dial, looks into a
// room, keys, signed events, trunks, and the check of credentials. It speaks the words of package call and lets no
// LiveKit type out.
//
// It uses LiveKit's own generated API clients and signs requests with LiveKit's auth package. Only to join a room itself, for what
// no request can do, it uses the SDK. It does not use the SDK's wrappers around the clients: those share http.DefaultTransport, which keeps two idle connections per host, and they may
// replay a request in another region, which for a dial means a second call to the customer.
//
// Never here: retries that wait, decisions about a call's outcome, SQL, Temporal.
//
// Start reading at dial.go and verdict.go: how a customer is dialed, and how LiveKit's reply becomes a
// [call.Dial]. room.go opens and closes rooms, look.go looks into them, keys.go joins them to send keys, event.go reads LiveKit's webhooks, check.go checks
// credentials.
package livekit
