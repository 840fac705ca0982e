// Package world puts a whole lab together: the real servers, the carrier, the CRM, a LiveKit trunk from one to the
// other, and the product as a child process with the environment that an operator would give it.
//
// Never here: imports of product packages; the product is a binary here. No checks of what it does (lab/demo, e2e).
//
// Start reading at world.go.
package world
