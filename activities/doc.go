// Package activities does the work of the workflows: one verb a file. Each activity's comment states its
// side effect, whether it is idempotent, which of its failures are tried again, and its time limits.
//
// Never here: business decisions that package call can make, HTTP handlers, SQL.
//
// Start reading at dial.go, the one activity that must never run twice.
package activities
