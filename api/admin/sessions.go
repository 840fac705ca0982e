package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/click2call/click2call/api/admin/internal/oapi"
	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/store"
)

const (
	sessionIdle     = 12 * time.Hour
	sessionLifetime = 7 * 24 * time.Hour
	sessionCookie   = "c2c_session"

	// What a session holds. The user's role is not in it: it is read at each request.
	sessionUserID = "user_id"
	sessionEpoch  = "epoch"
)

func (a *API) newSessions() *scs.SessionManager {
	s := scs.New()
	s.Store = a.Store.Sessions()
	s.HashTokenInStore = true
	s.Codec = jsonCodec{}
	s.IdleTimeout, s.Lifetime = sessionIdle, sessionLifetime
	s.Cookie.Name, s.Cookie.Path = sessionCookie, "/"
	s.Cookie.HttpOnly, s.Cookie.SameSite = true, http.SameSiteStrictMode
	if origin, ok := originOf(a.PublicURL); ok && strings.HasPrefix(origin, "https://") {
		// Browsers take a __Host- cookie only from this very host and over TLS, so no neighbour can plant one.
		s.Cookie.Name, s.Cookie.Secure = "__Host-"+sessionCookie, true
	}
	s.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		a.problem(w, r, problem.Unable(problem.StoreUnavailable, err))
		if sw, ok := w.(*statusWriter); ok {
			sw.sealed = true
		}
	}
	return s
}

// jsonCodec writes a session the same way each time, so that the store sees when nothing changed; gob does not.
type jsonCodec struct{}

type sessionDocument struct {
	Deadline time.Time         `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode implements scs.Codec.
func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	d := sessionDocument{Deadline: deadline.UTC(), Values: make(map[string]string, len(values))}
	for k, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("encode session: %s is a %T, sessions hold strings", k, v)
		}
		d.Values[k] = text
	}
	return json.Marshal(d)
}

// Decode implements scs.Codec.
func (jsonCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var d sessionDocument
	if err := json.Unmarshal(data, &d); err != nil {
		return time.Time{}, nil, fmt.Errorf("decode session: %w", err)
	}
	values := make(map[string]any, len(d.Values))
	for k, v := range d.Values {
		values[k] = v
	}
	return d.Deadline, values, nil
}

func epochText(u store.User) string { return strconv.FormatInt(u.Epoch, 10) }

// originOf returns the scheme and host of a URL.
func originOf(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}

// beginSession begins u's session under a fresh id: whoever knew the id of before has nothing.
func (a *API) beginSession(r *http.Request, u store.User) error {
	if err := a.sessions.RenewToken(r.Context()); err != nil {
		return problem.Unable(problem.StoreUnavailable, err)
	}
	a.sessions.Put(r.Context(), sessionUserID, u.ID)
	a.sessions.Put(r.Context(), sessionEpoch, epochText(u))
	return nil
}

func (a *API) me(r *http.Request, u store.User) oapi.Me {
	return oapi.Me{User: userView(u), SessionEndsAt: a.sessions.Deadline(r.Context()).UTC(), Version: a.Version}
}

// GetMe says who is logged in.
func (a *API) GetMe(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusOK, func(r *http.Request) (oapi.Me, error) { return a.me(r, userOf(r.Context())), nil })
}

// LogOut ends the session.
func (a *API) LogOut(w http.ResponseWriter, r *http.Request) {
	answer(a, w, r, http.StatusNoContent, func(r *http.Request) (struct{}, error) {
		if err := a.sessions.Destroy(r.Context()); err != nil {
			return struct{}{}, problem.Unable(problem.StoreUnavailable, err)
		}
		return struct{}{}, a.audit(r, "logout", "", "")
	})
}
