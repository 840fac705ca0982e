package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadmeListsTheConfiguration(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(text), "\n## Configuration\n")
	require.True(t, ok)
	section, _, _ = strings.Cut(section, "\n## ")
	always, first, ok := strings.Cut(section, "**first start**")
	require.True(t, ok)

	var wantAlways, wantFirst []string
	firstStart := variables(reflect.TypeFor[FirstStart]())
	for _, v := range variables(reflect.TypeFor[Config]()) {
		entry := v.name + "=" + v.fallback
		// The password belongs to the console and not to FirstStart, but counts as rarely.
		if v.name == "CLICK2CALL_ADMIN_PASSWORD" || containsVariable(firstStart, v.name) {
			wantFirst = append(wantFirst, entry)
		} else {
			wantAlways = append(wantAlways, entry)
		}
	}
	require.Equal(t, wantAlways, rows(t, always))
	require.Equal(t, wantFirst, rows(t, first))
}

func containsVariable(all []variable, name string) bool {
	for _, v := range all {
		if v.name == name {
			return true
		}
	}
	return false
}

// rows are the variables of a table with their defaults, in its order.
func rows(t *testing.T, table string) []string {
	t.Helper()
	row := regexp.MustCompile("(?m)^\\| `([A-Z][A-Z0-9_]*)` \\| (?:`([^`|]*)` )?\\| (\\S.*) \\|$")
	var all []string
	for _, m := range row.FindAllStringSubmatch(table, -1) {
		all = append(all, m[1]+"="+m[2])
	}
	require.Equal(t, strings.Count(table, "\n| `"), len(all), "every row must have a default and a meaning")
	return all
}

// Links in the documents must lead somewhere.
func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	for _, document := range []string{
		"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/delivery.md", "docs/dependencies.md", "docs/operations.md", "docs/proof.md", "docs/security.md",
	} {
		text, err := os.ReadFile(filepath.Join(repository, document))
		require.NoError(t, err)
		links := link.FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, links, document)
		for _, m := range links {
			if strings.Contains(m[1], "://") {
				continue
			}
			_, err := os.Stat(filepath.Join(repository, filepath.Dir(document), m[1]))
			require.NoError(t, err, "%s links to %s", document, m[1])
		}
	}
}

// Every command of the program is in the README.
func TestReadmeListsTheCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(repository, "README.md"))
	require.NoError(t, err)
	for _, cmd := range rootCommand().Commands() {
		require.Contains(t, string(text), "`click2call "+cmd.Name())
	}
}

// What the code imports must be explained in docs/dependencies.md.
func TestDependenciesAreExplained(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(repository, "docs", "dependencies.md"))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(repository, "go.mod"))
	require.NoError(t, err)
	var modules []string
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) v\S+`).FindAllStringSubmatch(string(text), -1) {
		modules = append(modules, m[1])
	}
	imported := map[string]string{}
	err = filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != repository && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "node_modules"):
			return filepath.SkipDir
		case !strings.HasSuffix(path, ".go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			if module := moduleOf(modules, strings.Trim(i.Path.Value, `"`)); module != "" {
				imported[module] = path
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.Contains(t, imported, "go.temporal.io/sdk")
	for module, path := range imported {
		require.Contains(t, string(page), "`"+module+"`", "%s imports it", path)
	}
}

// moduleOf is the longest module path that holds the package.
func moduleOf(modules []string, pkg string) string {
	longest := ""
	for _, m := range modules {
		if (pkg == m || strings.HasPrefix(pkg, m+"/")) && len(m) > len(longest) {
			longest = m
		}
	}
	return longest
}

// Every test that a document names as proof is there.
func TestProofsAreThere(t *testing.T) {
	t.Parallel()
	tests := allTests(t)
	for document, atLeast := range map[string]int{"security.md": 30, "proof.md": 15} {
		page, err := os.ReadFile(filepath.Join(repository, "docs", document))
		require.NoError(t, err)
		named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`").FindAllStringSubmatch(string(page), -1)
		require.Greater(t, len(named), atLeast)
		for _, m := range named {
			require.Contains(t, tests, "\nfunc "+m[1]+"(", "docs/%s names it", document)
		}
	}
}

// allTests is the text of all test files.
func allTests(t *testing.T) string {
	t.Helper()
	var tests strings.Builder
	err := filepath.WalkDir(repository, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".lab"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		tests.Write(text)
		return err
	})
	require.NoError(t, err)
	return tests.String()
}
