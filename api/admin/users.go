package admin

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

// firstUser is the name of the user that a new installation begins with.
const firstUser = "admin"

// minPassword is the length that openapi.yaml asks of a new password.
const minPassword = 10

// Users are the users of an installation; *store.Store is one.
type Users interface {
	Users(ctx context.Context) ([]store.User, error)
	// AddFirstUser adds u when there is no user at all, and says whether it did.
	AddFirstUser(ctx context.Context, u store.User) (added bool, err error)
}

// FirstStart adds the user "admin" when there is no user at all. Its password is password, or a fresh one when that is empty:
// then FirstStart returns it, for the operator's eyes, once. It has to be changed at the first login either way. Idempotent;
// of several processes that start at the same time one adds the user.
func FirstStart(ctx context.Context, users Users, password string) (fresh string, err error) {
	if there, err := users.Users(ctx); err != nil || len(there) > 0 {
		return "", err
	}
	if password == "" {
		fresh = oneTimePassword()
		password = fresh
	}
	if len(password) < minPassword {
		return "", fmt.Errorf("add the first user: the password must have at least %d characters", minPassword)
	}
	hash, err := argon2id.CreateHash(password, &hashing)
	if err != nil {
		return "", fmt.Errorf("add the first user: hash password: %w", err)
	}
	added, err := users.AddFirstUser(ctx, store.User{
		ID: store.NewUserID(), Name: firstUser, Role: store.RoleAdmin, PasswordHash: hash, MustChangePassword: true, CreatedAt: time.Now(),
	})
	if err != nil || !added {
		return "", err
	}
	return fresh, nil
}

// oneTimePassword is 130 random bits, in groups that can be read out.
func oneTimePassword() string {
	text := strings.ToLower(rand.Text())
	return strings.Join([]string{text[:6], text[6:12], text[12:18], text[18:]}, "-")
}

func userView(u store.User) oapi.User {
	return oapi.User{
		UserID: u.ID, Name: u.Name, Role: string(u.Role), Disabled: u.Disabled, MustChangePassword: u.MustChangePassword,
		CreatedAt: u.CreatedAt.UTC(), LastLoginAt: utc(u.LastLoginAt),
	}
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// ListUsers answers all users.
func (a *API) ListUsers(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.UserList, error) {
		users, err := a.Store.Users(r.Context())
		if err != nil {
			return oapi.UserList{}, storeError(err)
		}
		list := oapi.UserList{Users: make([]oapi.User, len(users))}
		for i, u := range users {
			list.Users[i] = userView(u)
		}
		return list, nil
	})
}

// CreateUser adds a user with a one-time password.
func (a *API) CreateUser(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusCreated, a.createUser)
}

func (a *API) createUser(r *http.Request) (oapi.UserWithPassword, error) {
	in, err := body[oapi.NewUser](r)
	if err != nil {
		return oapi.UserWithPassword{}, err
	}
	password := oneTimePassword()
	hash, err := a.gate.hash(r.Context(), password)
	if err != nil {
		return oapi.UserWithPassword{}, err
	}
	u := store.User{
		ID: store.NewUserID(), Name: in.Name, Role: store.Role(in.Role), PasswordHash: hash, MustChangePassword: true, CreatedAt: time.Now(),
	}
	err = a.Store.AddUser(r.Context(), u)
	if errors.Is(err, store.ErrConflict) {
		return oapi.UserWithPassword{}, problem.RefuseWith(problem.Conflict, "A user of this name exists, or there are 1,000 users already. Choose another name.")
	}
	if err != nil {
		return oapi.UserWithPassword{}, storeError(err)
	}
	return oapi.UserWithPassword{User: userView(u), OneTimePassword: password}, a.audit(r, "user_created", u.Name, "role "+in.Role)
}

// UpdateUser changes a user's role, or disables or enables the user.
func (a *API) UpdateUser(w http.ResponseWriter, r *http.Request, userID oapi.UserID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.User, error) {
		in, err := body[oapi.UserChange](r)
		if err != nil {
			return oapi.User{}, err
		}
		change := store.UserChange{Disabled: in.Disabled}
		detail := []string{}
		if in.Role != nil {
			role := store.Role(*in.Role)
			change.Role = &role
			detail = append(detail, "role "+*in.Role)
		}
		if in.Disabled != nil {
			detail = append(detail, map[bool]string{true: "disabled", false: "enabled"}[*in.Disabled])
		}
		u, err := a.Store.ChangeUser(r.Context(), userID, change)
		if err != nil {
			return oapi.User{}, lastAdminError(err)
		}
		return userView(u), a.audit(r, "user_changed", u.Name, strings.Join(detail, ", "))
	})
}

// DeleteUser removes a user.
func (a *API) DeleteUser(w http.ResponseWriter, r *http.Request, userID oapi.UserID) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		u, err := a.Store.User(r.Context(), userID)
		if err == nil {
			err = a.Store.DeleteUser(r.Context(), userID)
		}
		if err != nil {
			return struct{}{}, lastAdminError(err)
		}
		return struct{}{}, a.audit(r, "user_deleted", u.Name, "")
	})
}

func lastAdminError(err error) error {
	if errors.Is(err, store.ErrConflict) {
		return problem.RefuseWith(problem.Conflict, "This is the last enabled admin. Make another user an admin first.")
	}
	return storeError(err)
}

// ResetPassword gives a user a new one-time password.
func (a *API) ResetPassword(w http.ResponseWriter, r *http.Request, userID oapi.UserID) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.UserWithPassword, error) {
		password := oneTimePassword()
		hash, err := a.gate.hash(r.Context(), password)
		if err != nil {
			return oapi.UserWithPassword{}, err
		}
		u, err := a.Store.SetPassword(r.Context(), userID, hash, true)
		if err != nil {
			return oapi.UserWithPassword{}, storeError(err)
		}
		return oapi.UserWithPassword{User: userView(u), OneTimePassword: password}, a.audit(r, "password_reset", u.Name, "")
	})
}
