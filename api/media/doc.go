// Package media says which request bodies are JSON as we take it, for both APIs alike.
//
// Never here: what the JSON says. Start reading at media.go.
package media
