package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// browserPaths are the paths that a page of the CRM's own origin may call. The list of calls, /click2call and whatever
// operators use answer no CORS: their keys have no place in a browser.
const browserPaths = "/api/c2c/calls/"

// oneCall is the route of a call's record, and the beginning of all others that its id opens.
const oneCall = browserPaths + "{call_id}"

// allowBrowsers answers CORS on browserPaths. The origins are asked for at each request, so that operators can narrow
// them at any time. No cookies are involved, hence no credentials: the call id is what admits. Any header may come along: what watches
// a page (sentry-trace, traceparent) adds its own to every request, and would else keep the page from connecting.
func (a *API) allowBrowsers(next http.Handler) http.Handler {
	withCORS := cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return a.originAllowed(r, origin), nil
		},
		AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodOptions},
		AllowedHeaders: []string{"*"},
		ExposedHeaders: []string{requestIDHeader, "Retry-After"},
		MaxAge:         600,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, browserPaths) {
			withCORS.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *API) originAllowed(r *http.Request, origin string) bool {
	settings, err := a.Settings.Get(r.Context())
	if err != nil {
		note(r.Context()).cause = err
		return false
	}
	return slices.ContainsFunc(settings.AllowedOrigins, func(allowed string) bool {
		return allowed == "*" || strings.EqualFold(strings.TrimSuffix(allowed, "/"), origin)
	})
}
