// Package webhook sends one signed HTTP POST to a CRM and says precisely what came of it: Standard Webhooks
// signatures, a guard that checks the address where the connection is made, bounded time and size.
//
// Never here: schedules, retries (Temporal has them), the store.
//
// Start reading at send.go.
package webhook
