package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// publicPath is the path of the public URL without a slash at its end: "/telephony" of https://host/telephony/. Empty for none, and for a
// URL that [checkPublicPath] refuses.
func publicPath(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

var pathSegments = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)

// ownPaths begin what is served at the root. A public path that began like one could not be told from it behind a proxy that takes the
// path away.
var ownPaths = []string{"api", "webhooks", "healthz", "readyz", "schemas", "sdk", "assets", "openapi.yaml", "integration.md", "favicon.svg", "start.js"}

func checkPublicURL(text string) error {
	if err := checkURL(text, "https", "http"); err != nil || text == "" {
		return err
	}
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("%q is not a URL", text)
	}
	path := publicPath(text)
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("%q must end with its path, without ? and #", text)
	case !pathSegments.MatchString(path):
		return fmt.Errorf("the path of %q may have letters, digits and . _ ~ - between its slashes", text)
	case slices.Contains(ownPaths, first):
		return fmt.Errorf("the path of %q must not begin with /%s, which click2call has a meaning for", text, first)
	}
	return nil
}

// underPath serves what next serves under a path as well: a proxy may take the path of the public URL away, or leave it.
func underPath(path string, next http.Handler) http.Handler {
	if path == "" {
		return next
	}
	inside := http.StripPrefix(path, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == path:
			http.Redirect(w, r, path+"/", http.StatusPermanentRedirect)
		case strings.HasPrefix(r.URL.Path, path+"/"):
			inside.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}
