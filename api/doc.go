// Package api is the product's HTTP face: the CRM's and the browser's calls under /api/c2c, LiveKit's events under
// /webhooks/livekit, and the probes. It translates HTTP to signals and rows and back.
//
// Never here: SQL, LiveKit's or Temporal's types, decisions about calls (those are package call's), and the text of a
// dependency's error in a response.
//
// Start reading at openapi.yaml, the contract; routes and bodies are generated from it into internal/oapi. Then
// place.go: one POST /click2call from top to bottom. problem/table.go is the one table of errors. To add an endpoint: describe it in
// openapi.yaml, run "go generate ./api/...", and write the method that the compiler then misses.
package api
