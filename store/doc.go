// Package store keeps everything that outlives a process: calls and their outcomes, deliveries and their attempts,
// trunks, settings, keys. It speaks sqlx to PostgreSQL (lib/pq) and to SQLite (modernc.org/sqlite); both hold the same
// tables, created by the goose migrations in migrations/, and pass the same test suite.
//
// Never here: HTTP, Temporal, LiveKit, decisions about calls (those are package call's).
//
// One file is one table (the calls table has four: calls.go, call_list.go, call_progress.go, outcome.go). Start reading
// at outcome.go: [Store.RecordOutcome] is the one transaction that ends a call. store.go opens the database,
// secrets.go says how secrets are sealed. Package storetest gives tests a fresh database of either kind.
//
// Times are UTC with microseconds. Every statement has a time limit of its own besides the caller's context. Errors
// never hold a secret or a phone number.
package store
