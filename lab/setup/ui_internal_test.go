package setup

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUIIsBuiltWhenItChanged(t *testing.T) {
	root, bin, out := t.TempDir(), t.TempDir(), new(bytes.Buffer)
	npm := "#!/bin/sh\necho \"$@\" >> ../npm.log\nmkdir -p dist/app node_modules\ntouch dist/app/index.html node_modules/.package-lock.json\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "npm"), []byte(npm), 0o755))
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	s := Setup{Root: root, Logs: filepath.Join(root, "logs"), Out: out}
	asked := func() string {
		require.NoError(t, s.ui(t.Context()))
		text, _ := os.ReadFile(filepath.Join(root, "npm.log"))
		_ = os.Remove(filepath.Join(root, "npm.log"))
		return string(text)
	}
	write := func(age time.Duration, path ...string) {
		file := filepath.Join(append([]string{root}, path...)...)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
		at := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(file, at, at))
	}
	write(time.Hour, "ui", "package-lock.json")
	write(time.Hour, "ui", "src", "main.tsx")
	require.Empty(t, asked(), "nothing embeds it")

	write(time.Hour, "ui", "embed.go")
	require.Equal(t, "ci --no-audit --no-fund\nrun build\n", asked())
	require.Empty(t, asked(), "it is fresh")

	write(-time.Minute, "ui", "src", "main.tsx")
	require.Equal(t, "run build\n", asked(), "what is installed is fresh still")

	write(0, "ui", "src", "main.tsx")
	write(0, "ui", "dist", "app", "index.html")
	write(-time.Minute, "ui", "node_modules", "x", "index.js")
	write(time.Minute, "ui", "src", "main.tsx")
	write(-time.Minute, "ui", "e2e", "calls.spec.ts")
	write(time.Minute, "sdk", "package.json")
	require.NoError(t, os.Symlink("../ui/node_modules", filepath.Join(root, "sdk", "node_modules")))
	require.Empty(t, asked(), "neither what is installed nor a spec is a source")

	write(-time.Minute, "sdk", "src", "call.ts")
	require.Equal(t, "run build\n", asked(), "the browser SDK is built and served with it")
}
