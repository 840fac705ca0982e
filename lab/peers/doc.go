// Package peers plays the contract's table of outcomes against SIP software that others wrote: Kamailio as the carrier's proxy
// (digest authentication, forking, TCP, TLS), SIPp and baresip as the customer's telephone. `make peers` runs it.
//
// Never here: what our own carrier can play (lab/carrier), and anything that `make test` needs.
//
// Start reading at scenarios.go, the table; run.go plays it. sipp.go writes what SIPp does, kamailio.go and baresip.go start the
// other two, trunks.go are the ways that LiveKit dials, table.go writes docs/peers.md.
package peers
