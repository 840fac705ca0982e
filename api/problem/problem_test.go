package problem_test

import (
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/problem"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	cause := errors.New("dial tcp 10.0.0.3:5432: refused")
	for name, tc := range map[string]struct {
		err    error
		status int
		body   string
		retry  string
		cause  error
	}{
		"refused": {
			problem.Refuse(problem.CallEnded), 409,
			`{"type":"urn:click2call:problem:call_ended","title":"The call has ended","status":409,"detail":"Open a new call with /click2call.","code":"call_ended"}`, "", nil,
		},
		"fields": {
			problem.Invalid(problem.Field{Field: "did", Message: "is wrong"}), 400,
			`{"type":"urn:click2call:problem:invalid_request","title":"The request is not valid","status":400,
				"detail":"Correct the fields that errors names, and send it again.","code":"invalid_request","errors":[{"field":"did","message":"is wrong"}]}`, "", nil,
		},
		"wrapped, with a cause and a wait": {
			errors.Join(&problem.Error{Code: problem.StoreUnavailable, Detail: "Wait.", RetryAfter: 2500 * time.Millisecond, Cause: cause}), 503,
			`{"type":"urn:click2call:problem:store_unavailable","title":"The database is not available","status":503,"detail":"Wait.","code":"store_unavailable"}`, "3", cause,
		},
		"any other error is internal": {
			cause, 500,
			`{"type":"urn:click2call:problem:internal","title":"Internal error","status":500,
				"detail":"Try again; if it persists, give the operator the X-Request-Id of this response.","code":"internal"}`, "", cause,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			require.Equal(t, tc.cause, problem.Write(w, tc.err))
			require.Equal(t, tc.status, w.Code)
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			require.Equal(t, tc.retry, w.Header().Get("Retry-After"))
			require.JSONEq(t, tc.body, w.Body.String())
		})
	}
}
