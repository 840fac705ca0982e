package ui

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"
)

const (
	indexFile = "index.html"
	// guideFile and referenceFile are the integration guide and the API's reference for machines; {{BASE}} in them stands for this
	// installation's address.
	guideFile     = "integration.md"
	referenceFile = "reference.md"
	// sdkPrefix is where CRMs' pages load LiveKit's browser SDK from, across origins.
	sdkPrefix = "sdk/"
	// hashedPrefix is where Vite puts files whose names change with their content.
	hashedPrefix = "assets/"
)

const notBuilt = "The console is not built into this program. Build it with `npm ci && npm run build` in ui/, then build the program again; `make run` does both.\n"

// Handler serves the console. Make one with [New].
type Handler struct {
	files     fs.FS
	index     string
	publicURL string
	path      string // of publicURL, without a slash at its end
}

// New returns the handler of the console in files, which [Built] returns. publicURL is where CRMs find this installation;
// when it is empty, the guide takes the address that it was asked at. An index.html that is missing is no error: the
// handler then answers 503 and says how to build one.
func New(files fs.FS, publicURL string) (*Handler, error) {
	index, err := fs.ReadFile(files, indexFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the console's %s: %w", indexFile, err)
	}
	h := &Handler{files: files, index: string(index), publicURL: strings.TrimRight(publicURL, "/")}
	if u, err := url.Parse(h.publicURL); err == nil {
		h.path = u.EscapedPath()
	}
	return h, nil
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are served here.", http.StatusMethodNotAllowed)
		return
	}
	if h.index == "" {
		http.Error(w, notBuilt, http.StatusServiceUnavailable)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	switch {
	case name == guideFile, name == referenceFile:
		h.serveGuide(w, r, name)
	case name != indexFile && h.isFile(name):
		h.serveFile(w, r, name)
	case path.Ext(name) != "" && strings.HasPrefix(name, hashedPrefix):
		// A page that was loaded before an update asks for files that are gone. HTML instead would be run as a script.
		http.NotFound(w, r)
	default:
		h.serveIndex(w, r)
	}
}

func (h *Handler) isFile(name string) bool {
	if !fs.ValidPath(name) || name == "." {
		return false
	}
	info, err := fs.Stat(h.files, name)
	return err == nil && info.Mode().IsRegular()
}

// serveIndex answers every address of the console with its one page. The nonce is new each time, so the page is never kept.
func (h *Handler) serveIndex(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	// The build names its files relative to the page, which is at many addresses.
	page := strings.NewReplacer("__NONCE__", nonce, "__BASE__", html.EscapeString(h.publicURL), "__PATH__", html.EscapeString(h.path),
		`="./`, `="`+html.EscapeString(h.path)+`/`).Replace(h.index)
	setPolicy(w.Header(), nonce)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, indexFile, time.Time{}, strings.NewReader(page))
}

func (h *Handler) serveGuide(w http.ResponseWriter, r *http.Request, name string) {
	text, err := fs.ReadFile(h.files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	base := h.publicURL
	if base == "" {
		base = originOf(r)
	}
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Content-Type", "text/markdown; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(bytes.ReplaceAll(text, []byte("{{BASE}}"), []byte(base))))
}

// originOf is the address that the client used, as far as this process can see.
func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
