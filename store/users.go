package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

const maxUsers = 1000

// Role says what a user of the console may do. Each role may do all that the ones before it may.
type Role string

// The roles.
const (
	RoleViewer   Role = "viewer"   // reads
	RoleOperator Role = "operator" // acts
	RoleAdmin    Role = "admin"    // sets up
)

// User is a person who may log in to the console.
type User struct {
	ID                 string
	Name               string // lower case, unique
	Role               Role
	PasswordHash       string // argon2id, in its usual encoding
	MustChangePassword bool
	Disabled           bool
	Epoch              int64 // sessions that began in an earlier one are over
	CreatedAt          time.Time
	LastLoginAt        *time.Time
}

type userRow struct {
	ID                 string `db:"user_id"`
	Name               string `db:"name"`
	Role               Role   `db:"role"`
	PasswordHash       string `db:"password_hash"`
	MustChangePassword bool   `db:"must_change_password"`
	Disabled           bool   `db:"disabled"`
	Epoch              int64  `db:"epoch"`
	CreatedAt          stamp  `db:"created_at"`
	LastLoginAt        *stamp `db:"last_login_at"`
}

const (
	userColumns = `user_id, name, role, password_hash, must_change_password, disabled, epoch, created_at, last_login_at`
	selectUser  = `SELECT ` + userColumns + ` FROM users `
)

func (r userRow) user() User {
	return User{
		ID: r.ID, Name: r.Name, Role: r.Role, PasswordHash: r.PasswordHash, MustChangePassword: r.MustChangePassword,
		Disabled: r.Disabled, Epoch: r.Epoch, CreatedAt: time.Time(r.CreatedAt), LastLoginAt: r.LastLoginAt.time(),
	}
}

// NewUserID returns a fresh id for [Store.AddUser].
func NewUserID() string { return "user_" + rand.Text() }

// User returns a user. ErrNotFound when there is none.
func (s *Store) User(ctx context.Context, id string) (User, error) {
	return s.user(ctx, s.read, "read user "+id, `WHERE user_id = ?`, id)
}

// UserByName returns a user. ErrNotFound when there is none.
func (s *Store) UserByName(ctx context.Context, name string) (User, error) {
	return s.user(ctx, s.read, "read user by name", `WHERE name = ?`, name)
}

func (s *Store) user(ctx context.Context, q sqlx.QueryerContext, verb, where string, args ...any) (User, error) {
	var row userRow
	if err := s.get(ctx, q, &row, selectUser+where, args...); err != nil {
		return User{}, fmt.Errorf("%s: %w", verb, err)
	}
	return row.user(), nil
}

// Users returns all users by name, at most 1,000.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	var rows []userRow
	if err := s.list(ctx, s.read, &rows, selectUser+`ORDER BY name LIMIT ?`, maxUsers); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	users := make([]User, len(rows))
	for i, r := range rows {
		users[i] = r.user()
	}
	return users, nil
}

// AddUser adds a user. ErrConflict when the name is taken or there are 1,000 users already.
func (s *Store) AddUser(ctx context.Context, u User) error {
	err := s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "users"); err != nil {
			return err
		}
		full, err := s.exists(ctx, tx, `SELECT 1 FROM users LIMIT 1 OFFSET ?`, maxUsers-1)
		if err == nil && full {
			err = fmt.Errorf("%w: there may be at most %d users", ErrConflict, maxUsers)
		}
		if err != nil {
			return err
		}
		return s.addUser(ctx, tx, u)
	})
	if err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	return nil
}

// AddFirstUser adds a user when there is none at all, and says whether it did. Processes that start at the same time
// add one.
func (s *Store) AddFirstUser(ctx context.Context, u User) (added bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "users"); err != nil {
			return err
		}
		some, err := s.exists(ctx, tx, `SELECT 1 FROM users LIMIT 1`)
		if err != nil || some {
			return err
		}
		added = true
		return s.addUser(ctx, tx, u)
	})
	if err != nil {
		return false, fmt.Errorf("add first user: %w", err)
	}
	return added, nil
}

func (s *Store) addUser(ctx context.Context, tx *sqlx.Tx, u User) error {
	for name, v := range map[string]string{"id": u.ID, "name": u.Name, "password hash": u.PasswordHash} {
		if v == "" || len(v) > maxText {
			return invalid("%s must have 1 to %d bytes", name, maxText)
		}
	}
	_, err := s.exec(ctx, tx, `INSERT INTO users (`+userColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		u.ID, u.Name, u.Role, u.PasswordHash, u.MustChangePassword, u.Disabled, u.Epoch, stamp(u.CreatedAt), stampOf(u.LastLoginAt))
	return err
}

// UserChange changes a user; nil leaves as it is.
type UserChange struct {
	Role     *Role
	Disabled *bool
}

// ChangeUser changes a user's role, or whether the user may log in; disabling ends the user's sessions. ErrNotFound;
// ErrConflict when no enabled admin would be left. Idempotent.
func (s *Store) ChangeUser(ctx context.Context, id string, c UserChange) (u User, err error) {
	err = s.changeUser(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		u, err = s.user(ctx, tx, "read", `WHERE user_id = ?`, id)
		if err != nil {
			return err
		}
		if c.Role != nil {
			u.Role = *c.Role
		}
		if c.Disabled != nil {
			if *c.Disabled && !u.Disabled {
				u.Epoch++
			}
			u.Disabled = *c.Disabled
		}
		_, err = s.exec(ctx, tx, `UPDATE users SET role = ?, disabled = ?, epoch = ? WHERE user_id = ?`, u.Role, u.Disabled, u.Epoch, id)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("change user %s: %w", id, err)
	}
	return u, nil
}

// DeleteUser removes a user; the user's sessions are over with that. ErrNotFound; ErrConflict when no enabled admin
// would be left.
func (s *Store) DeleteUser(ctx context.Context, id string) error {
	err := s.changeUser(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		n, err := s.exec(ctx, tx, `DELETE FROM users WHERE user_id = ?`, id)
		return found(n, err, "delete", id)
	})
	if err != nil {
		return fmt.Errorf("delete user %s: %w", id, err)
	}
	return nil
}

// changeUser undoes a change after which nobody could set things up any more.
func (s *Store) changeUser(ctx context.Context, change func(context.Context, *sqlx.Tx) error) error {
	return s.tx(ctx, func(ctx context.Context, tx *sqlx.Tx) error {
		if err := s.lockTable(ctx, tx, "users"); err != nil {
			return err
		}
		if err := change(ctx, tx); err != nil {
			return err
		}
		left, err := s.exists(ctx, tx, `SELECT 1 FROM users WHERE role = ? AND NOT disabled LIMIT 1`, RoleAdmin)
		if err == nil && !left {
			err = fmt.Errorf("%w: no enabled admin would be left: make another user an admin first", ErrConflict)
		}
		return err
	})
}

// SetPassword replaces a user's password and ends the user's sessions by beginning a new epoch, which it returns.
// ErrNotFound.
func (s *Store) SetPassword(ctx context.Context, id, hash string, mustChange bool) (User, error) {
	var row userRow
	err := s.get(ctx, s.write, &row, `UPDATE users SET password_hash = ?, must_change_password = ?, epoch = epoch + 1
		WHERE user_id = ? RETURNING `+userColumns, hash, mustChange, id)
	if err != nil {
		return User{}, fmt.Errorf("set password of user %s: %w", id, err)
	}
	return row.user(), nil
}

// NoteLogin keeps when a user logged in last. ErrNotFound.
func (s *Store) NoteLogin(ctx context.Context, id string, at time.Time) error {
	n, err := s.exec(ctx, s.write, `UPDATE users SET last_login_at = ? WHERE user_id = ?`, stamp(at), id)
	return found(n, err, "note login of user", id)
}
