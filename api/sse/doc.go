// Package sse writes server-sent events, as WHATWG's HTML describes them, to clients that may be slow or gone.
//
// Never here: what the events say, and who may hear them.
//
// Start reading at stream.go.
package sse
