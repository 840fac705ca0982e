package main

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWords finds words of docs/glossary.md's second table in what people read: documents, API descriptions, the console, and the
// texts of the program, among them log lines and Temporal's summaries. Comments of code are for its authors.
func TestWords(t *testing.T) {
	t.Parallel()
	banned := bannedWords(t)
	require.True(t, banned.MatchString("A look into the room"))
	require.False(t, banned.MatchString("A room check"))
	files := 0
	for _, root := range []string{"README.md", "docs", "ui/src", "ui/guide", "api", "activities", "call", "cmd", "deploy", "livekit", "store", "telemetry", "webhook", "workflows"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("../..", root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Base(path) == "glossary.md" || !peopleRead(path) {
				return err
			}
			files++
			for _, text := range textsOf(t, path) {
				if found := banned.FindString(text); found != "" {
					t.Errorf("%s says %q: docs/glossary.md has the word for it", path, found)
				}
			}
			return nil
		}))
	}
	require.Greater(t, files, 300)
}

// bannedWords reads the glossary's table of words that are not said.
func bannedWords(t *testing.T) *regexp.Regexp {
	t.Helper()
	text, err := os.ReadFile("../../docs/glossary.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "## Not these")
	require.True(t, found)
	var words []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*`) \\|").FindAllStringSubmatch(table, -1) {
		for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			words = append(words, word[1])
		}
	}
	require.Greater(t, len(words), 15)
	return regexp.MustCompile("(?i)" + strings.Join(words, "|"))
}

func peopleRead(path string) bool {
	for _, other := range []string{"_test.go", ".test.ts", ".test.tsx", ".gen.go", ".gen.ts"} {
		if strings.HasSuffix(path, other) {
			return false
		}
	}
	switch filepath.Ext(path) {
	case ".md", ".yaml", ".yml", ".json", ".go", ".ts", ".tsx":
		return !strings.Contains(path, "testdata")
	}
	return false
}

// textsOf returns the string literals of Go, the lines of TypeScript that are no comments, and everything of other files.
func textsOf(t *testing.T, path string) (texts []string) {
	t.Helper()
	source, err := os.ReadFile(path)
	require.NoError(t, err)
	switch filepath.Ext(path) {
	case ".go":
		set := token.NewFileSet()
		var s scanner.Scanner
		s.Init(set.AddFile(path, -1, len(source)), source, nil, 0)
		for {
			_, kind, text := s.Scan()
			if kind == token.EOF {
				return texts
			}
			if kind == token.STRING {
				texts = append(texts, text)
			}
		}
	case ".ts", ".tsx":
		for line := range strings.Lines(string(source)) {
			if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "//") && !strings.HasPrefix(trimmed, "*") && !strings.HasPrefix(trimmed, "/*") {
				texts = append(texts, line)
			}
		}
		return texts
	}
	return []string{string(source)}
}
