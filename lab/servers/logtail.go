package servers

import (
	"bytes"
	"io"
	"os"
	"strings"
)

const tailBytes = 8 << 10

// tail returns the last lines of a file, each indented on a line of its own, or "" when there are none.
func tail(path string, lines int) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && info.Size() > tailBytes {
		_, _ = f.Seek(-tailBytes, io.SeekEnd)
	}
	text, err := io.ReadAll(io.LimitReader(f, tailBytes))
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return ""
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if len(all) > lines {
		all = all[len(all)-lines:]
	}
	return "\n    " + strings.Join(all, "\n    ")
}
