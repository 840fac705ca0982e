// Package deploy is no code: it holds the files that docker-compose.yml mounts into the containers of other people's
// programs: Caddy, PostgreSQL and Temporal; what Prometheus and Grafana load; and the Helm chart.
//
// Never here: product code, or settings of the product (.env.example lists those). The tests of these files are
// in cmd/click2call, beside the configuration that they are compared with, and in telemetry, beside the metrics; the chart's
// are in helm/tests, a module of its own.
//
// Start reading at ../docker-compose.yml.
package deploy
