// Package call is the vocabulary of the product in plain Go: what a call is, how it is named,
// which number is dialed, what counts as evidence, and how evidence becomes an outcome.
//
// Never here: Temporal, SQL, HTTP, LiveKit, clocks or randomness other than [NewID].
//
// Start reading at outcome.go: [Classify] turns the evidence of a call, SIP code included, into its one
// outcome. number.go holds the dial plan, knobs.go the defaults of every knob.
package call
