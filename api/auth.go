package api

import (
	"errors"
	"net/http"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

const (
	apiKeyHeader = "X-api-key"
	maxAPIKey    = 256
)

// keyed are the routes that need an API key, checked before anything of the request is read. A test compares them with
// openapi.yaml.
var keyed = map[string]bool{
	"/api/c2c/click2call": true,
	"/api/c2c/calls":      true,
}

// authenticate checks the API key of the routes that need one, and how often that key calls.
func (a *API) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if keyed[pattern(r)] {
			if err := a.admit(r); err != nil {
				a.replyProblem(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) admit(r *http.Request) error {
	values := r.Header.Values(apiKeyHeader)
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxAPIKey {
		return problem.Refuse(problem.Unauthorized)
	}
	key, err := a.Store.CheckAPIKey(r.Context(), values[0])
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem.Refuse(problem.Unauthorized)
	case err != nil:
		return problem.Unable(problem.StoreUnavailable, err)
	}
	note(r.Context()).caller = key.ID
	if wait, ok := a.limits.callers.take(key.ID, a.Now()); !ok {
		return &problem.Error{Code: problem.RateLimited, RetryAfter: wait}
	}
	return nil
}
