// Package lab is the room for everything a newcomer needs around the product: the real servers
// (lab/servers), what must be installed and built first (lab/setup), a SIP carrier (lab/carrier), a CRM that
// receives webhooks (lab/crm), a headless agent (lab/agent), all of them together (lab/world), the
// demonstration call (lab/demo), what breaks everything (lab/chaos), and SIP software of others (lab/peers).
// lab/compose runs docker-compose.yml and lab/cluster the Helm chart, as an operator would. lab/tools pins the servers'
// and linters' versions, each in a Go module of its own.
//
// Never here: code that the product needs to run. The product imports nothing from lab, and lab speaks to the
// product only as a CRM, a browser or a carrier would: over HTTP, WebRTC and SIP.
//
// Start reading at world/world.go: it starts all the parts in order.
package lab
