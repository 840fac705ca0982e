package bench

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// Table is one table of results.
type Table struct {
	Key     string // names its section in the document
	Title   string
	Columns []string
	Rows    [][]string
	Notes   []string
}

// Complete reports whether the table has rows and every cell of them is filled.
func (t Table) Complete() bool {
	for _, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return false
		}
		for _, cell := range row {
			if strings.TrimSpace(cell) == "" {
				return false
			}
		}
	}
	return len(t.Rows) > 0
}

// Markdown renders the table with its notes.
func (t Table) Markdown() string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(t.Columns)
	b.WriteString(strings.Repeat("|---", len(t.Columns)) + "|\n")
	for _, row := range t.Rows {
		line(row)
	}
	for _, n := range t.Notes {
		b.WriteString("\n" + n + "\n")
	}
	return b.String()
}

// Print writes the table for people.
func (t Table) Print(out io.Writer) { _, _ = fmt.Fprintf(out, "\n%s\n\n%s", t.Title, t.Markdown()) }

// UpdatePage replaces what stands between "<!-- bench:key -->" and "<!-- /bench:key -->" in the document with the table of that
// key. It is an error when the document has no place for a table.
func UpdatePage(path string, tables []Table) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("update %s: %w", path, err)
	}
	page := string(text)
	for _, t := range tables {
		begin, end := "<!-- bench:"+t.Key+" -->\n", "<!-- /bench:"+t.Key+" -->"
		before, rest, found := strings.Cut(page, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			return fmt.Errorf("update %s: add the lines %q and %q where the table belongs", path, strings.TrimSpace(begin), end)
		}
		page = before + begin + "\n" + t.Markdown() + "\n" + end + after
	}
	if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
		return fmt.Errorf("update %s: %w", path, err)
	}
	return nil
}
