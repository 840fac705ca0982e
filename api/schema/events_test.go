package schema_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/schema"
	"github.com/click2call/click2call/call"
)

// TestEventsConform: each event that package call's tests compare byte for byte fits the schema, and not without any of its fields or with
// another type's data.
func TestEventsConform(t *testing.T) {
	t.Parallel()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.Events()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	require.NoError(t, c.AddResource("events.v1.json", doc))
	s, err := c.Compile("events.v1.json")
	require.NoError(t, err)
	for _, e := range call.EventTypes() {
		body, err := os.ReadFile("../../call/testdata/event_" + string(e) + ".json")
		require.NoError(t, err)
		require.NoError(t, validate(s, body), e)
		var event struct {
			Type      string                     `json:"type"`
			Timestamp string                     `json:"timestamp"`
			Data      map[string]json.RawMessage `json:"data"`
		}
		require.NoError(t, json.Unmarshal(body, &event))
		require.NotEmpty(t, event.Data)
		for field, value := range event.Data {
			delete(event.Data, field)
			without, err := json.Marshal(event)
			require.NoError(t, err)
			require.Error(t, validate(s, without), "%s without %s", e, field)
			event.Data[field] = value
		}
		event.Type = "call.sung"
		other, err := json.Marshal(event)
		require.NoError(t, err)
		require.Error(t, validate(s, other))
	}
}
