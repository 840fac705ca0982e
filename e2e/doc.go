// Package e2e proves the product from outside: real Temporal, LiveKit, LiveKit SIP and Redis, a SIP carrier, a CRM and
// the built program, all on this machine. Its tests speak HTTP, SIP and WebRTC only.
//
// Never here: imports of product packages (call, workflows, activities, livekit, store, api, cmd). What a test needs to
// know of the product it knows from the contract.
//
// Start reading at harness_test.go (a site: a world with one product) and harness_call_test.go (one call on it and the
// checks that every call must pass); outcome_test.go is the table of outcomes.
package e2e
