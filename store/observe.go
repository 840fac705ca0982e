package store

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

// Observer is told of every statement once it is done. It must be quick and safe for concurrent use.
type Observer interface {
	// Statement ran for so long. group is its verb and its first table, such as "select calls": a few dozen in all.
	Statement(group string, took time.Duration, failed bool)
}

// Option changes how a Store is opened.
type Option func(*Store)

// WithObserver has every statement measured.
func WithObserver(o Observer) Option { return func(s *Store) { s.observer = o } }

var tableName = regexp.MustCompile(`\b(?:FROM|INTO|UPDATE|TABLE)\s+([a-z_]+)`)

// groupOf is the verb and the first table of a statement. Statements are written in this package: their words are few.
func groupOf(query string) string {
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	if m := tableName.FindStringSubmatch(query); m != nil {
		return strings.ToLower(verb) + " " + m[1]
	}
	return strings.ToLower(verb)
}

// observe tells the observer of a statement that began at started. A row that is not there is no failure.
func (s *Store) observe(query string, started time.Time, err error) {
	if s.observer != nil {
		s.observer.Statement(groupOf(query), time.Since(started), err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict))
	}
}
