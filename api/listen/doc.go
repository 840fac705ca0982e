// Package listen finds the outcomes that are born while somebody listens, and hands copies of them to everybody who does: the
// receiver on a developer's own machine. Deliveries know nothing of it.
//
// Never here: HTTP, secrets, a change of anything. One look a second serves all listeners of a process, and nobody looks while
// nobody listens.
//
// Start reading at hub.go.
package listen
