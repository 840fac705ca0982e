// Package demo makes one demonstration call in a lab's world, measures it at every end (the product's record, the
// CRM's webhook, the carrier's books, the agent's ear, LiveKit's rooms), and says what was wrong with it.
//
// Never here: starting anything (lab/world).
//
// Start reading at demo.go; check.go holds what a right call is.
package demo
