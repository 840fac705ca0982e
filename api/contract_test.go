package api_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGeneratedCodeIsFresh generates the code again and compares. The generator's version is pinned in lab/tools.
func TestGeneratedCodeIsFresh(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "oapi.gen.go")
	tool := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../../lab/tools/oapi-codegen/go.mod", "oapi-codegen",
		"-config", "config.yaml", "-o", out, "../../openapi.yaml")
	tool.Dir = "internal/oapi"
	message, err := tool.CombinedOutput()
	require.NoError(t, err, string(message))
	fresh, err := os.ReadFile(out)
	require.NoError(t, err)
	committed, err := os.ReadFile("internal/oapi/oapi.gen.go")
	require.NoError(t, err)
	require.Equal(t, string(fresh), string(committed), `run "go generate ./api/..."`)
}

// TestKeyedPathsAreThoseOfTheContract asks every operation without a key: those that openapi.yaml secures with apiKey
// answer 401, the others do not.
func TestKeyedPathsAreThoseOfTheContract(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	secured := 0
	for path, item := range b.contract.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			needsKey := false
			if operation.Security != nil {
				for _, requirement := range *operation.Security {
					_, named := requirement["apiKey"]
					needsKey = needsKey || named
				}
			}
			if path == "/webhooks/livekit" { // its 401 is for the signature
				require.False(t, needsKey)
				continue
			}
			a := b.do(method, strings.ReplaceAll(path, "{call_id}", "x"), "")
			require.Equal(t, needsKey, a.status == http.StatusUnauthorized, "%s %s answered %d", method, path, a.status)
			if needsKey {
				secured++
			}
		}
	}
	require.Equal(t, 3, secured)
}
