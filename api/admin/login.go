package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/go-chi/httprate"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

// How often one may try. An honest person stays far below; a guesser gets nowhere.
const (
	addressTries  = 60 // of all kinds, from one address
	addressWindow = time.Minute
	pairFails     = 10 // wrong passwords for one user from one address
	userFails     = 60 // wrong passwords for one user from anywhere: higher, so that a stranger cannot lock a user out easily
	failWindow    = 5 * time.Minute
	hashesAtOnce  = 4 // each takes 19 MiB
)

// hashing is what OWASP recommends for argon2id (19 MiB, two passes, one lane).
var hashing = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// gate checks passwords, as often as may be. It is safe for concurrent use. Its counts are this process's own.
type gate struct {
	slots           chan struct{}
	nobody          string // the hash that stands for users who do not exist, so that they take as long as others
	addresses       *httprate.RateLimiter
	pairs, accounts *httprate.RateLimiter
}

func newGate() (*gate, error) {
	nobody, err := argon2id.CreateHash("nobody's password", &hashing)
	if err != nil {
		return nil, fmt.Errorf("prepare password check: %w", err)
	}
	silent := httprate.WithResponseHeaders(httprate.ResponseHeaders{})
	return &gate{
		slots: make(chan struct{}, hashesAtOnce), nobody: nobody,
		addresses: httprate.NewRateLimiter(addressTries, addressWindow, silent),
		pairs:     httprate.NewRateLimiter(pairFails, failWindow, silent),
		accounts:  httprate.NewRateLimiter(userFails, failWindow, silent),
	}, nil
}

// enter waits for a turn to hash, which leave gives back.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, nil
	case <-ctx.Done():
		return nil, &problem.Error{Code: problem.RateLimited, RetryAfter: time.Second, Cause: fmt.Errorf("wait for a turn to check a password: %w", ctx.Err())}
	}
}

// hash makes the hash of a new password.
func (g *gate) hash(ctx context.Context, password string) (string, error) {
	leave, err := g.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(password, &hashing)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// check reports whether password is u's. A zero user has none, and takes as long to say so. RateLimited after too many
// wrong ones for name.
func (g *gate) check(w http.ResponseWriter, r *http.Request, from, name, password string, u store.User) (bool, error) {
	leave, err := g.enter(r.Context())
	if err != nil {
		return false, err
	}
	defer leave()
	pair := from + " " + name
	if exhausted(g.pairs, pair, pairFails) || exhausted(g.accounts, name, userFails) {
		return false, &problem.Error{Code: problem.RateLimited, RetryAfter: failWindow}
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = g.nobody
	}
	right, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("check password: %w", err)
	}
	if right && u.PasswordHash != "" {
		return true, nil
	}
	g.pairs.OnLimit(w, r, pair)
	g.accounts.OnLimit(w, r, name)
	return false, nil
}

// exhausted reports whether key has no try left, without taking one.
func exhausted(l *httprate.RateLimiter, key string, limit int) bool {
	_, tries, err := l.Status(key)
	return err != nil || tries > float64(limit-1)
}

// LogIn begins a session.
func (a *API) LogIn(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Me, error) { return a.logIn(w, r) })
}

func (a *API) logIn(w http.ResponseWriter, r *http.Request) (oapi.Me, error) {
	from := a.TrustedProxies.Counted(r)
	if a.gate.addresses.OnLimit(w, r, from) {
		return oapi.Me{}, &problem.Error{Code: problem.RateLimited, RetryAfter: addressWindow}
	}
	in, err := body[oapi.LogIn](r)
	if err != nil {
		return oapi.Me{}, err
	}
	name := strings.ToLower(strings.TrimSpace(in.Name))
	u, err := a.Store.UserByName(r.Context(), name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return oapi.Me{}, problem.Unable(problem.StoreUnavailable, err)
	}
	known := u
	if u.Disabled {
		known = store.User{}
	}
	right, err := a.gate.check(w, r, from, name, in.Password, known)
	if err != nil {
		return oapi.Me{}, err
	}
	if !right {
		// A name that is nobody's may be a password typed into the wrong field, so it is not kept.
		if err := a.auditAs(r, store.User{Name: u.Name}, "login_failed", "", ""); err != nil {
			return oapi.Me{}, err
		}
		return oapi.Me{}, problem.Refuse(problem.WrongCredentials)
	}
	if err := a.beginSession(r, u); err != nil {
		return oapi.Me{}, err
	}
	now := time.Now()
	err = errors.Join(a.Store.NoteLogin(r.Context(), u.ID, now), a.Store.Sessions().Purge(r.Context()))
	if err != nil {
		return oapi.Me{}, storeError(err)
	}
	u.LastLoginAt = &now
	note(r.Context()).userID = u.ID
	return a.me(r, u), a.auditAs(r, u, "login", "", "")
}

// ChangePassword changes one's own password, and ends one's other sessions.
func (a *API) ChangePassword(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Me, error) { return a.changePassword(w, r) })
}

func (a *API) changePassword(w http.ResponseWriter, r *http.Request) (oapi.Me, error) {
	in, err := body[oapi.ChangePassword](r)
	if err != nil {
		return oapi.Me{}, err
	}
	u := userOf(r.Context())
	right, err := a.gate.check(w, r, a.TrustedProxies.Counted(r), u.Name, in.CurrentPassword, u)
	if err != nil {
		return oapi.Me{}, err
	}
	if !right {
		if err := a.audit(r, "password_change_failed", u.Name, ""); err != nil {
			return oapi.Me{}, err
		}
		return oapi.Me{}, problem.Invalid(problem.Field{Field: "current_password", Message: "is not your password"})
	}
	if message := passwordFault(u, in); message != "" {
		return oapi.Me{}, problem.Invalid(problem.Field{Field: "new_password", Message: message})
	}
	hash, err := a.gate.hash(r.Context(), in.NewPassword)
	if err != nil {
		return oapi.Me{}, err
	}
	if u, err = a.Store.SetPassword(r.Context(), u.ID, hash, false); err != nil {
		return oapi.Me{}, storeError(err)
	}
	if err := a.beginSession(r, u); err != nil {
		return oapi.Me{}, err
	}
	return a.me(r, u), a.audit(r, "password_changed", u.Name, "")
}

func passwordFault(u store.User, in oapi.ChangePassword) string {
	switch {
	case in.NewPassword == in.CurrentPassword:
		return "must not be the current one"
	case strings.EqualFold(in.NewPassword, u.Name) || strings.Count(in.NewPassword, in.NewPassword[:1]) == len(in.NewPassword):
		return "is too easy to guess"
	default:
		return ""
	}
}
