package api

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"

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
	listenPath:            true,
}

// admit checks the API key of the routes that need one and how often that key calls, and how often each route that a call id opens
// is taken. LiveKit's events are not counted: they all come from one address, a refused one is lost, and a forged one costs neither
// the database nor Temporal anything.
func (a *API) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		p := pattern(r)
		browser := strings.HasPrefix(p, browserPaths)
		switch {
		case keyed[p]:
			err = a.admitKey(r)
		case browser:
			err = a.admitCall(r, p)
		}
		if err != nil {
			a.replyProblem(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
		if browser {
			a.learn(r)
		}
	})
}

// admitCall looks at the allowance of the call: each kind of request has its own, so that a flood of one never keeps another from
// hanging up. An address pays only for ids that nobody has, since a whole office may stand behind it. While it has none to spare,
// it may still use the ids of calls that were found before.
func (a *API) admitCall(r *http.Request, route string) error {
	id, now := note(r.Context()).callID, a.Now()
	if !a.limits.known.Contains(id) {
		if wait := a.limits.strangers.debt(a.TrustedProxies.Counted(r), now); wait > 0 {
			return limited(wait, false)
		}
	}
	if id == "" { // it is none
		return nil
	}
	return limited(a.limits.kinds[route].take(string(id), now))
}

// learn remembers that a call was found, or has the address pay for an id that nobody has.
func (a *API) learn(r *http.Request) {
	switch n := note(r.Context()); {
	case n.code == problem.CallNotFound:
		a.limits.strangers.charge(a.TrustedProxies.Counted(r), a.Now())
	case n.code == "" && n.callID != "":
		a.limits.known.Add(n.callID, struct{}{})
	}
}

func (a *API) admitKey(r *http.Request) error {
	values := r.Header.Values(apiKeyHeader)
	if len(values) != 1 || values[0] == "" || len(values[0]) > maxAPIKey {
		return problem.Refuse(problem.Unauthorized)
	}
	key, err := a.checkKey(r, values[0])
	if err != nil {
		return err
	}
	note(r.Context()).caller, note(r.Context()).purpose = key.ID, key.Purpose
	return limited(a.limits.callers.take(key.ID, a.Now()))
}

// checkKey looks a key up, unless too many wrong ones came from its address. A key that was right from there before is
// looked up all the same: one server with an old key must not shut out the others behind its address.
func (a *API) checkKey(r *http.Request, given string) (store.APIKey, error) {
	from, now := a.TrustedProxies.Counted(r), a.Now()
	pair := sha256.Sum256([]byte(from + " " + given))
	if wait := a.limits.wrongKeys.debt(from, now); wait > 0 && !a.limits.rightKeys.Contains(pair) {
		return store.APIKey{}, &problem.Error{Code: problem.RateLimited, RetryAfter: wait}
	}
	key, err := a.Store.CheckAPIKey(r.Context(), given)
	switch {
	case errors.Is(err, store.ErrNotFound):
		a.limits.rightKeys.Remove(pair)
		a.limits.wrongKeys.charge(from, now)
		return store.APIKey{}, problem.Refuse(problem.Unauthorized)
	case err != nil:
		return store.APIKey{}, problem.Unable(problem.StoreUnavailable, err)
	}
	a.limits.rightKeys.Add(pair, struct{}{})
	return key, nil
}

// limited turns a limiter's answer into a problem.
func limited(wait time.Duration, ok bool) error {
	if ok {
		return nil
	}
	return &problem.Error{Code: problem.RateLimited, RetryAfter: wait}
}
