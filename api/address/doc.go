// Package address says from where a request comes, and what limits count that as.
//
// Never here: the limits themselves, and decisions. Start reading at address.go.
package address
