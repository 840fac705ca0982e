// Package admin is the operators' API under /api/admin: sessions and users, the overview, calls, deliveries, trunks, settings
// and reports. The console is its only client.
//
// Never here: SQL, LiveKit's or Temporal's types, secrets or whole phone numbers in an answer (but for the one endpoint
// that reveals a number), decisions about calls.
//
// Start reading at openapi.yaml, the contract: the role that each operation needs stands there and nowhere else, and
// requests are checked against it before any code of ours sees them. access.go reads the roles, validate.go checks.
// To add an endpoint: describe it in openapi.yaml with its x-role, run "go generate ./api/admin/...", and write the method
// that the compiler then misses; if it changes anything, it must call [API.audit].
package admin
