// Package problem is what the operators' API answers when it cannot do what was asked: problem documents (RFC 9457) with a
// stable code. table.go says what each code looks like on the wire.
//
// Never here: routes, or the text of a dependency's error in a response.
package problem
