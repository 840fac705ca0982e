// Package crm is the lab's CRM: it receives the outcome webhooks, verifies key and signature with the Standard
// Webhooks project's own library, keeps every request byte for byte, and fails in whatever way it is told to.
//
// Never here: anything that the product does; this is the other end of the wire.
//
// Start reading at crm.go; behaviour.go lists the ways to fail. Over HTTP:
//
//	POST   /webhooks/click2call   the webhook
//	GET    /_received             what came, oldest first; ?call_id= for one call
//	DELETE /_received             forget it, and behave again
//	POST   /_control              a Behaviour as JSON; {} behaves again
package crm
