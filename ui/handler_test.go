package ui_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/ui"
)

const script = "console.log('a script long enough to be worth compressing')"

func console(t *testing.T, publicURL string) http.Handler {
	t.Helper()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, err := io.WriteString(z, script)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	h, err := ui.New(fstest.MapFS{
		"index.html":                    {Data: []byte(`<meta name="base" content="__BASE__"><meta name="csp-nonce" content="__NONCE__">`)},
		"integration.md":                {Data: []byte("BASE is {{BASE}}, see {{BASE}}/x")},
		"reference.md":                  {Data: []byte("Made for {{BASE}}")},
		"receivers/go/main.go.txt":      {Data: []byte("package main")},
		"receivers/node/receiver.mjs":   {Data: []byte("import { join } from 'node:path'")},
		"assets/main-abc123.js":         {Data: []byte(script)},
		"assets/main-abc123.js.gz":      {Data: zipped.Bytes()},
		"sdk/livekit-client.umd.min.js": {Data: []byte("var LivekitClient")},
		"sdk/click2call.js":             {Data: []byte("var Click2Call")},
		"favicon.svg":                   {Data: []byte("<svg/>")},
	}, publicURL)
	require.NoError(t, err)
	return h
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryPageIsTheIndex(t *testing.T) {
	t.Parallel()
	h := console(t, `https://c2c.example.com/"><script>`)
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/calls", "/calls/c2c_abc", "/integration", "/index.html", "/../etc/passwd", "/deliveries/evt.1"} {
		w := get(h, path)
		require.Equal(t, http.StatusOK, w.Code, path)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		body := w.Body.String()
		require.Contains(t, body, `https://c2c.example.com/&#34;&gt;&lt;script&gt;`)
		nonce := regexp.MustCompile(`csp-nonce" content="([^"]+)"`).FindStringSubmatch(body)[1]
		require.GreaterOrEqual(t, len(nonce), 20)
		require.False(t, nonces[nonce], "a nonce is used once")
		nonces[nonce] = true
		policy := w.Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "'nonce-"+nonce+"'")
		require.NotContains(t, policy, "unsafe")
		require.Contains(t, policy, "script-src 'self';")
		require.Contains(t, policy, "frame-ancestors 'none'")
	}
}

func TestHashedFilesAreKeptForEver(t *testing.T) {
	t.Parallel()
	h := console(t, "")
	w := get(h, "/assets/main-abc123.js")
	require.Equal(t, "public, max-age=31536000, immutable", w.Header().Get("Cache-Control"))
	require.Equal(t, "text/javascript; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, script, w.Body.String())

	gone := get(h, "/assets/main-old999.js")
	require.Equal(t, http.StatusNotFound, gone.Code, "a file of an older build is not answered with a page")
	require.Equal(t, "no-cache", get(h, "/favicon.svg").Header().Get("Cache-Control"))
}

func TestCompressedForm(t *testing.T) {
	t.Parallel()
	h := console(t, "")
	for accepted, want := range map[string]string{"gzip": "gzip", "br, gzip": "gzip", "GZIP;q=0.5": "gzip", "": "", "gzip;q=0": "", "br": "", "x-gzip": ""} {
		w := get(h, "/assets/main-abc123.js", "Accept-Encoding", accepted)
		require.Equal(t, want, w.Header().Get("Content-Encoding"), accepted)
		require.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
		body := io.Reader(w.Body)
		if want == "gzip" {
			z, err := gzip.NewReader(w.Body)
			require.NoError(t, err)
			body = z
		}
		got, err := io.ReadAll(body)
		require.NoError(t, err)
		require.Equal(t, script, string(got))
	}
}

func TestGuideNamesThisInstallation(t *testing.T) {
	t.Parallel()
	w := get(console(t, "https://c2c.example.com/"), "/integration.md")
	require.Equal(t, "BASE is https://c2c.example.com, see https://c2c.example.com/x", w.Body.String())
	require.Equal(t, "text/markdown; charset=utf-8", w.Header().Get("Content-Type"))

	w = get(console(t, "https://c2c.example.com"), "/reference.md")
	require.Equal(t, "Made for https://c2c.example.com", w.Body.String())

	w = get(console(t, ""), "http://127.0.0.1:8080/integration.md")
	require.Contains(t, w.Body.String(), "BASE is http://127.0.0.1:8080,")
}

// Whoever copies a receiver sees its text, whatever the machine says of the file's name.
func TestReceiversAreServedAsText(t *testing.T) {
	t.Parallel()
	for path, kind := range map[string]string{
		"/receivers/go/main.go.txt": "text/plain; charset=utf-8", "/receivers/node/receiver.mjs": "text/javascript; charset=utf-8",
	} {
		w := get(console(t, ""), path)
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, kind, w.Header().Get("Content-Type"))
		require.NotContains(t, w.Body.String(), "csp-nonce")
	}
}

func TestSDKIsServedAcrossOrigins(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"/sdk/livekit-client.umd.min.js", "/sdk/click2call.js"} {
		w := get(console(t, ""), file, "Origin", "https://crm.example.com")
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, "text/javascript; charset=utf-8", w.Header().Get("Content-Type"))
		require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
		require.Equal(t, "cross-origin", w.Header().Get("Cross-Origin-Resource-Policy"))
	}
}

func TestOnlyReading(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	console(t, "").ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/calls", nil))
	require.Equal(t, http.StatusMethodNotAllowed, w.Code)
	require.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
}

// TestNotBuilt is a program that was built on a machine without Node: its API works, and its pages say what is missing.
func TestNotBuilt(t *testing.T) {
	t.Parallel()
	h, err := ui.New(fstest.MapFS{}, "")
	require.NoError(t, err)
	w := get(h, "/")
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "npm run build")

	_, err = ui.Built()
	require.NoError(t, err)
}
