// Package telemetry is what operators' own tools see of the product: metrics for Prometheus and traces for OpenTelemetry.
//
// The other rooms say what happened through small interfaces of their own (an Observer); this one counts. No label, and no
// attribute of a span, holds a phone number, a secret, or anything whose number of values grows with the calls, but for the
// call's id in spans.
//
// Never here: decisions. Nothing waits for telemetry, and nothing fails because of it.
//
// Start reading at metrics.go, the list of all metrics; docs/operations.md says which of them to look at when.
package telemetry
