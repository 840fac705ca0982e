package store_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fewRowsFiles make statements on tables that hold few rows only, or once in an installation's life.
var fewRowsFiles = []string{
	"apikeys.go", "dial_faults.go", "endpoint_target.go", "endpoints.go", "migrate.go", "receiver_links.go", "rekey.go", "routes.go", "schema_version.go", "seed.go", "settings.go", "settings_history.go",
	"signing_secrets.go", "store.go", "subscribers.go", "subscription.go", "sums_fold.go", "trunks.go", "users.go", "write_probe.go",
}

// requireAllAsked fails when the package has a statement that no query led to: its plan would never be seen.
func requireAllAsked(t *testing.T, sites []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	statements := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains(fewRowsFiles, file) {
			continue
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || !makesStatement(c) {
				return true
			}
			statements++
			for line := set.Position(c.Pos()).Line; line <= set.Position(c.End()).Line; line++ {
				if slices.Contains(sites, fmt.Sprintf("%s:%d", file, line)) {
					return true
				}
			}
			t.Errorf("no query leads to the statement at %s: add one to queries()", set.Position(c.Pos()))
			return true
		})
	}
	require.Greater(t, statements, 50)
}

// makesStatement knows the methods of store.go that speak to the database.
func makesStatement(c *ast.CallExpr) bool {
	called, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"get", "list", "exec", "exists"}, called.Sel.Name) {
		return false
	}
	switch on := called.X.(type) {
	case *ast.Ident:
		return on.Name == "s"
	case *ast.SelectorExpr:
		return on.Sel.Name == "store"
	}
	return false
}
