package api_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api"
)

// TestContractNamesThePath: programs that are made from the contract ask under the path of the public URL.
func TestContractNamesThePath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"": "\nservers:\n  - url: /\n", "/telephony": "\nservers:\n  - url: /telephony/\n"} {
		d := newBench(t).deps()
		d.PublicPath = path
		w := httptest.NewRecorder()
		api.New(d).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.yaml", nil))
		require.Contains(t, w.Body.String(), want)
	}
}
