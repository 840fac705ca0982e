package e2e_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// published is the JSON Schema of webhooks as the product serves it: all sites run the same program.
type published struct {
	once   sync.Once
	schema *jsonschema.Schema
	err    error
}

var publishedSchema published

// conforms compares a webhook's body with the published schema, as a CRM may do.
func (s *site) conforms(t *testing.T, body []byte) {
	t.Helper()
	publishedSchema.once.Do(func() { publishedSchema.schema, publishedSchema.err = fetchSchema(t, s.ProductURL()) })
	require.NoError(t, publishedSchema.err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	require.NoError(t, err)
	assert.NoError(t, publishedSchema.schema.Validate(value), "%s", body)
}

func fetchSchema(t *testing.T, base string) (*jsonschema.Schema, error) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/schemas/outcome.v1.json", nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	doc, err := jsonschema.UnmarshalJSON(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("outcome.v1.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("outcome.v1.json")
}
