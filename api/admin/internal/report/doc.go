// Package report counts ended calls by day, hour, trunk, agent and reason in the operator's time zone. It is plain Go: both
// databases give the same report, and days are right where clocks change.
//
// Never here: SQL, HTTP. Start reading at report.go.
package report
