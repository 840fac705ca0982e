package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"modernc.org/sqlite"
	sqlitecode "modernc.org/sqlite/lib"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNotFound means that no such row exists, or that it may not be seen (a call that was not accepted).
	ErrNotFound = errors.New("not found")
	// ErrRemoved means that an endpoint was taken away; it is an ErrNotFound.
	ErrRemoved = fmt.Errorf("%w: the endpoint was removed", ErrNotFound)
	// ErrConflict means that the row as it stands forbids the change: somebody else was faster, or others refer to it.
	ErrConflict = errors.New("conflict")
	// ErrBadCursor means that a list cursor was not made by this store.
	ErrBadCursor = errors.New("the cursor is not one that a list answered: start again without it")
	// ErrBadFilter means that a list filter has a value that no call can have.
	ErrBadFilter = errors.New("bad filter")
	// ErrInvalid means that a value cannot be stored; the message names the field and what it must be.
	ErrInvalid = errors.New("invalid")
	// ErrWrongKey means that a stored secret was sealed with another key.
	ErrWrongKey = errors.New("the secret key does not fit this database: start with the key that it was first used with")
)

// translate makes the driver's errors for missing rows and violated constraints ErrNotFound and ErrConflict.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case violatesConstraint(err):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	default:
		return err
	}
}

func violatesConstraint(err error) bool {
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return e.Code == pqerror.UniqueViolation || e.Code == pqerror.ForeignKeyViolation
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() {
		case sqlitecode.SQLITE_CONSTRAINT_UNIQUE, sqlitecode.SQLITE_CONSTRAINT_PRIMARYKEY, sqlitecode.SQLITE_CONSTRAINT_FOREIGNKEY:
			return true
		}
	}
	return false
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}
