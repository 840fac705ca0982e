package setup_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/setup"
)

func TestCacheKeyChangesWithWhatIsBuilt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	key := func(pkg, version string) string {
		k, err := setup.CacheKey(dir, pkg, version)
		require.NoError(t, err)
		return k
	}
	write("go.mod", "module m\n")
	write("go.sum", "one\n")
	first := key("p", "go1.26")
	require.Equal(t, first, key("p", "go1.26"))
	require.NotEqual(t, first, key("q", "go1.26"))
	require.NotEqual(t, first, key("p", "go1.27"))
	write("go.sum", "two\n")
	second := key("p", "go1.26")
	require.NotEqual(t, first, second)
	write("go.mod", "module m\n\n")
	require.NotEqual(t, second, key("p", "go1.26"))
	require.NoError(t, os.Remove(filepath.Join(dir, "go.sum")))
	_, err := setup.CacheKey(dir, "p", "go1.26")
	require.ErrorContains(t, err, "go.sum")
}

// tool writes a module with one program into a repository of its own.
func tool(t *testing.T, source string) (setup.Setup, setup.Tool, *bytes.Buffer) {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, "lab", "tools", "hello")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for name, text := range map[string]string{"go.mod": "module hello\n\ngo 1.26\n", "go.sum": "", "main.go": source} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	out := new(bytes.Buffer)
	s := setup.Setup{Root: root, Cache: filepath.Join(root, "cache"), Logs: filepath.Join(root, "logs"), Out: out}
	return s, setup.Tool{Name: "hello", Module: "hello", Package: "hello", Expected: time.Second}, out
}

func TestToolIsBuiltOnce(t *testing.T) {
	t.Parallel()
	s, hello, out := tool(t, "package main\n\nfunc main() { print(\"hello\") }\n")
	path, err := s.Tool(t.Context(), hello)
	require.NoError(t, err)
	said, err := exec.CommandContext(t.Context(), path).CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "hello", string(said))
	require.Contains(t, out.String(), "building hello: done in")

	out.Reset()
	again, err := s.Tool(t.Context(), hello)
	require.NoError(t, err)
	require.Equal(t, path, again)
	require.Empty(t, out.String(), "the second time there is nothing to build")
}

func TestBuildFailureShowsTheCompilersWords(t *testing.T) {
	t.Parallel()
	s, hello, _ := tool(t, "package main\n\nfunc main() { nonsense() }\n")
	_, err := s.Tool(t.Context(), hello)
	require.ErrorContains(t, err, "build hello")
	require.ErrorContains(t, err, "undefined: nonsense")
	require.ErrorContains(t, err, filepath.Join(s.Logs, "build-hello.log"))
	left, err := filepath.Glob(filepath.Join(s.Cache, "*.partial"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestMissing(t *testing.T) {
	t.Parallel()
	yes, no := func() bool { return true }, func() bool { return false }
	require.Equal(t, []string{"b", "d"}, setup.Missing([]setup.Package{{"a", yes}, {"b", no}, {"c", yes}, {"d", no}}))
	require.Empty(t, setup.Missing(nil))
}
