package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/ui"
)

// TestPublicPath asks through a proxy that takes the path away, through one that leaves it, and at the port itself.
func TestPublicPath(t *testing.T) {
	t.Parallel()
	const path = "/telephony/c2c"
	console, err := ui.New(fstest.MapFS{
		"index.html":     {Data: []byte(`<meta content="__PATH__"><meta content="__BASE__"><script src="./assets/a.js"></script>`)},
		"assets/a.js":    {Data: []byte("a script")},
		"integration.md": {Data: []byte("post to {{BASE}}/api/click2call")},
	}, "https://host"+path+"/")
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.Method, " ", r.URL.RequestURI()) })
	mux.Handle("/", console)
	own := httptest.NewServer(underPath(publicPath("https://host"+path+"/"), mux))
	t.Cleanup(own.Close)
	target, err := url.Parse(own.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	keeps := httptest.NewServer(proxy)
	t.Cleanup(keeps.Close)
	takes := httptest.NewServer(http.StripPrefix(path, proxy))
	t.Cleanup(takes.Close)

	for name, base := range map[string]string{"leaves it": keeps.URL + path, "takes it away": takes.URL + path, "at the port": own.URL, "at the port, under it": own.URL + path} {
		for page, want := range map[string][]string{
			"/":                                 {`content="` + path + `"`, `content="https://host` + path + `"`, `src="` + path + `/assets/a.js"`},
			"/calls/c2c_x":                      {`src="` + path + `/assets/a.js"`},
			"/assets/a.js":                      {"a script"},
			"/integration.md":                   {"post to https://host" + path + "/api/click2call"},
			"/api/c2c/calls/a%2Fb/status?q=%2F": {"GET /api/c2c/calls/a%2Fb/status?q=%2F"},
		} {
			status, got := get(t, base+page)
			require.Equal(t, http.StatusOK, status, "%s: %s", name, page)
			for _, text := range want {
				require.Contains(t, got, text, "%s: %s", name, page)
			}
		}
	}
	_, got := get(t, own.URL+path)
	require.Contains(t, got, path+"/assets/a.js", "the path alone leads to the console")
}

func TestPublicURLs(t *testing.T) {
	t.Parallel()
	for text, path := range map[string]string{
		"": "", "https://host": "", "https://host/": "", "https://host/telephony": "/telephony", "http://host:8080/a/b.c~d/": "/a/b.c~d", "https://host/apis": "/apis",
	} {
		require.NoError(t, checkPublicURL(text), text)
		require.Equal(t, path, publicPath(text), text)
	}
	for _, text := range []string{"host", "ftp://host", "https://host/api", "https://host/api/x/", "https://host/sdk", "https://host/a?b", "https://host/a#b",
		"https://host/a//b", "https://host/../b", "https://host/a b", `https://host/"><script>`, "https://host/%2e%2e"} {
		require.Error(t, checkPublicURL(text), text)
	}
}
