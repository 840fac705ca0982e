// Package monitors reads the dashboard and the alert rules under deploy as Grafana and Prometheus do, so that tests can compare
// them with what the product really exposes.
//
// Never here: product code.
//
// Start reading at monitors.go.
package monitors
