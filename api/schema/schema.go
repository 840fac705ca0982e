// Package schema is the published JSON Schema of the outcome webhook. Each schema_version of the body has a file here that
// is never taken away; within one, it changes only by additions.
//
// Start reading at outcome.v1.json.
package schema

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the schemas
	"encoding/hex"
	"strconv"
)

//go:embed outcome.v1.json
var outcome []byte

// Outcome is the schema of call.Payload: JSON Schema, draft 2020-12.
func Outcome() []byte { return bytes.Clone(outcome) }

//go:embed events.v1.json
var events []byte

// Events is the schema of call.Event: JSON Schema, draft 2020-12.
func Events() []byte { return bytes.Clone(events) }

// OutcomeTag is a strong ETag of [Outcome] (RFC 9110, section 8.8.3).
func OutcomeTag() string {
	sum := sha256.Sum256(outcome)
	return strconv.Quote(hex.EncodeToString(sum[:8]))
}
