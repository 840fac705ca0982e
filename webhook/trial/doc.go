// Package trial puts a CRM's receiver of webhooks to the test: one outcome of each kind, and then what a receiver meets
// sooner or later, by bad luck (duplicates, retries, a slow link, a rotation of secrets) or by bad intent (forgeries). A
// scorecard says what the receiver did, what it should have done, and what to change.
//
// Everything goes out through package webhook, so that signatures, headers and the guard are those of real deliveries.
//
// Never here: the store, Temporal; neither deliveries nor the health of an endpoint know of a trial.
//
// Start reading at trials.go.
package trial
