// Package workflows holds what is durable: one Call workflow for each call, one Deliver workflow for each
// outcome, one Watch workflow for the installation.
//
// Never here: I/O, clocks, randomness, SQL, LiveKit. Those are activities.
//
// Start reading at contract.go (names, inputs, signals), then call.go (one call from top to bottom).
package workflows
