// Package chaos makes calls of every kind at a steady rate while the parts of the lab are killed, paused, restarted and cut
// off, and then reconciles the books: calls accepted, outcomes, webhooks received, INVITEs at the carriers, and the lines of their trunks.
//
// Never here: what a single crash does to a single call; e2e/crash_*_test.go tell that.
//
// Start reading at chaos.go. plan.go turns a seed into calls and faults, faults.go holds what can break, links.go the
// links that can be cut, call.go is one call's life, carriers.go the first of two carriers and
// what the product is told of it, books.go reconciles, capacity.go what a carrier must never see more of, again.go what must be possible afterwards.
package chaos
