package chaos

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/agent"
)

// TestEachCallHasItsAgent: with one live call an agent, a name for all of them would let one call through.
func TestEachCallHasItsAgent(t *testing.T) {
	t.Parallel()
	var asked map[string]string
	product := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&asked)
		_, _ = w.Write([]byte(`{"call_id": "c2c_1"}`))
	}))
	t.Cleanup(product.Close)
	c := &madeCall{CallPlan: MakePlan(1, 30, 1, 2).Calls[5], agent: agent.New(product.URL)}
	c.place(t.Context(), "key")
	require.Equal(t, "c2c_1", c.id)
	require.Equal(t, "agent-05", asked["agent_id"])
}
