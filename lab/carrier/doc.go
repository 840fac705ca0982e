// Package carrier is the lab's telephone company: a SIP server on UDP that LiveKit's SIP service sends its calls to.
// The number dialed chooses what it does (README.md holds the table), it speaks and measures RTP, and it keeps books
// of every call that tests and people can read.
//
// Never here: anything of the product. The carrier knows SIP, RTP and telephone numbers, not rooms or agents.
//
// Start reading at scenario.go (what a number means), then line.go (the life of one call). wire.go sees every
// datagram before SIP does, books.go remembers, media.go speaks and hears.
package carrier
