package ui

import (
	"bytes"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// encodings are the forms that the build makes of each text file, the smallest first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// contentTypes are those of the files that the build makes, so that nothing depends on the machine's own table.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".json": "application/json",
	".md": "text/markdown; charset=utf-8", ".woff2": "font/woff2", ".png": "image/png", ".txt": "text/plain; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
}

// serveFile answers with a built file, compressed when the client takes that.
func (h *Handler) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	header := w.Header()
	header.Set("Content-Type", typeOf(name))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Vary", "Accept-Encoding")
	switch {
	case strings.HasPrefix(name, hashedPrefix):
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	case strings.HasPrefix(name, sdkPrefix):
		header.Set("Cache-Control", "public, max-age=3600")
		header.Set("Access-Control-Allow-Origin", "*") // for pages that check its integrity
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	default:
		header.Set("Cache-Control", "no-cache")
	}
	body, err := h.bestForm(header, r.Header.Get("Accept-Encoding"), name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
}

func (h *Handler) bestForm(header http.Header, accepted, name string) ([]byte, error) {
	for _, e := range encodings {
		if !accepts(accepted, e.name) {
			continue
		}
		if body, err := fs.ReadFile(h.files, name+e.suffix); err == nil {
			header.Set("Content-Encoding", e.name)
			return body, nil
		}
	}
	return fs.ReadFile(h.files, name)
}

// accepts reads an Accept-Encoding header (RFC 9110, section 12.5.3): a coding with q=0 is refused.
func accepts(header, coding string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(part string) bool {
		name, q, weighed := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			return false
		}
		if !weighed {
			return true
		}
		weight, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(q), "q="), 64)
		return err != nil || weight > 0
	})
}

func typeOf(name string) string {
	if t, ok := contentTypes[path.Ext(name)]; ok {
		return t
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
