package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// stamp is a time as both databases keep it: UTC, whole microseconds. PostgreSQL has timestamptz columns, SQLite
// INTEGER ones with microseconds since 1970, which sort and compare as times do.
type stamp time.Time

// Value implements driver.Valuer. SQLite's driver turns the time into microseconds (_time_integer_format).
func (s stamp) Value() (driver.Value, error) {
	return time.Time(s).UTC().Truncate(time.Microsecond), nil
}

// Scan implements sql.Scanner.
func (s *stamp) Scan(v any) error {
	switch v := v.(type) {
	case time.Time:
		*s = stamp(v.UTC())
	case int64:
		*s = stamp(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("read time: got a %T", v)
	}
	return nil
}

func (s *stamp) time() *time.Time {
	if s == nil {
		return nil
	}
	t := time.Time(*s)
	return &t
}

func stampOf(t *time.Time) *stamp {
	if t == nil {
		return nil
	}
	s := stamp(*t)
	return &s
}

func now() stamp { return stamp(time.Now()) }
