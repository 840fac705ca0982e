// Package chaos makes calls of every kind at a steady rate while the parts of the lab are killed, paused, restarted and cut
// off, and then reconciles four books: calls accepted, outcomes, webhooks received, INVITEs at the carrier.
//
// Never here: what a single crash does to a single call; e2e/crash_*_test.go tell that.
//
// Start reading at chaos.go. plan.go turns a seed into calls and faults, faults.go holds what can break, links.go the
// links that can be cut, call.go is one call's life, books.go reconciles.
package chaos
