package ui

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Built returns the console's built files: index.html at the root. It holds nothing when the console was not built
// before this program; [New] then says so to whoever asks for a page.
func Built() (fs.FS, error) {
	app, err := fs.Sub(dist, "dist/app")
	if err != nil {
		return nil, fmt.Errorf("open the embedded console: %w", err)
	}
	return app, nil
}
