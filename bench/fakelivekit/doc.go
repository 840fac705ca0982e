// Package fakelivekit is a LiveKit that can hold thousands of calls on a small machine, because nobody talks in them. It
// speaks LiveKit's own protocol (the Twirp servers that livekit/protocol generates), checks tokens as LiveKit does, and keeps
// rooms, agents and phone legs in memory. It answers at once, carries no media and never sends a webhook.
//
// Never here: measurements of what a real LiveKit takes for a request.
package fakelivekit
