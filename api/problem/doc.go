// Package problem is what both APIs answer when they cannot do what was asked: problem documents (RFC 9457) with a stable code.
//
// Never here: routes, or the text of a dependency's error in a response. Start reading at table.go, the one table of errors;
// problem.go writes them.
package problem
