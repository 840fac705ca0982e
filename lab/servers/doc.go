// Package servers runs the real servers that the product needs (Redis, Temporal, LiveKit, LiveKit's SIP service
// and, when asked for, PostgreSQL) as children of this process, on loopback, and lets tests stop, kill, pause
// and restart each of them. Of LiveKit and its SIP service there may be two each, behind a balancer (front.go).
//
// Never here: installing or building them (lab/setup), and anything of ours that they talk to (lab/world).
//
// Start reading at servers.go; process.go is what every one of them is.
package servers
