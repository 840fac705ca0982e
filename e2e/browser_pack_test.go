package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/setup"
)

const (
	sdkDir       = "../sdk"
	liveKitEntry = "livekit-client/dist/livekit-client.esm.mjs"
)

// sdkPackage is the SDK as npm packs it, in the node_modules of an app of its own with what a developer installs beside it.
type sdkPackage struct {
	modules string // a node_modules directory
}

// packSDK runs npm pack and installs the result.
func packSDK(t *testing.T) sdkPackage {
	t.Helper()
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	require.NoError(t, setup.Setup{Root: root, Logs: filepath.Join(root, ".lab", "build"), Out: os.Stderr}.UIModules(t.Context()))
	dir := t.TempDir()
	run(t, sdkDir, "npm", "pack", "--silent", "--pack-destination", dir)
	packed, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	require.NoError(t, err)
	require.Len(t, packed, 1)
	run(t, dir, "tar", "-xzf", packed[0])
	modules := filepath.Join(dir, "app", "node_modules")
	require.NoError(t, os.MkdirAll(filepath.Join(modules, "@click2call"), 0o755))
	require.NoError(t, os.Rename(filepath.Join(dir, "package"), filepath.Join(modules, "@click2call", "browser")))
	for _, beside := range []string{"livekit-client", "react", "react-dom", "vite", "@vitejs", "typescript", "@types"} {
		require.NoError(t, os.Symlink(filepath.Join(root, "ui", "node_modules", beside), filepath.Join(modules, beside)))
	}
	return sdkPackage{modules: modules}
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), npmWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	// Development's React runs every effect twice, which the SDK's must bear.
	cmd.Env = append(os.Environ(), "NODE_ENV=development")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
}

// servePlain serves a page without a build, which imports the package's modules as they are.
func (p sdkPackage) servePlain(t *testing.T, productURL string) (url string) {
	t.Helper()
	page, script := sdkPage(t, `<script type="importmap">{"imports": {
"@click2call/browser/element": "/modules/@click2call/browser/dist/element.js", "livekit-client": "/modules/`+liveKitEntry+`"}}</script>
<script type="module">import "@click2call/browser/element";</script>`, productURL)
	mux := http.NewServeMux()
	mux.Handle("GET /modules/", http.StripPrefix("/modules/", http.FileServerFS(os.DirFS(p.modules))))
	mux.HandleFunc("GET /page.js", text("text/javascript", script))
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="contract.txt"`)
		_, _ = fmt.Fprint(w, "signed here")
	})
	mux.HandleFunc("GET /", text("text/html", page))
	return serve(t, mux)
}

// serveReact checks and builds a Vite app that has the package from its node_modules, and serves it.
func (p sdkPackage) serveReact(t *testing.T, productURL string) (url string) {
	t.Helper()
	app := filepath.Dir(p.modules)
	require.NoError(t, os.CopyFS(app, os.DirFS("testdata/react")))
	run(t, app, "node", "node_modules/typescript/bin/tsc", "--project", ".")
	run(t, app, "node", "node_modules/vite/bin/vite.js", "build", "--mode", "development", "--logLevel", "error")
	return serve(t, http.FileServerFS(os.DirFS(filepath.Join(app, "dist")))) + "/?base=" + productURL
}

// serveFramed serves a page of another site that has the page at frame in a frame: for a browser, localhost is another site than
// 127.0.0.1.
func serveFramed(t *testing.T, frame string) (url string) {
	t.Helper()
	outer := serve(t, text("text/html", strings.Replace(read(t, "testdata/frame.html"), "{{frame}}", frame, 1)))
	return strings.Replace(outer, "127.0.0.1", "localhost", 1)
}

func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func text(kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		_, _ = fmt.Fprint(w, body) // a browser that is gone wants no answer
	}
}
