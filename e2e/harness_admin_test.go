package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"

	"github.com/stretchr/testify/require"
)

// console is somebody who is logged in to the console as its first user.
type console struct {
	t    *testing.T
	site *site
	http *http.Client
}

// console logs in, and changes the first password when it has to be changed.
func (s *site) console(t *testing.T) *console {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	o := &console{t: t, site: s, http: &http.Client{Jar: jar, Timeout: soon}}
	var me struct {
		User struct {
			MustChange bool `json:"must_change_password"`
		}
	}
	first := s.Secrets.AdminPassword
	status := o.do(http.MethodPost, "/login", map[string]string{"name": "admin", "password": first}, &me)
	if status != http.StatusOK { // an earlier operator of this site has changed it
		first += " changed"
		status = o.do(http.MethodPost, "/login", map[string]string{"name": "admin", "password": first}, &me)
	}
	require.Equal(t, http.StatusOK, status)
	if me.User.MustChange {
		status = o.do(http.MethodPost, "/me/password", map[string]string{"current_password": first, "new_password": first + " changed"}, nil)
		require.Less(t, status, 300)
	}
	return o
}

// get reads something of the operators' API.
func (o *console) get(path string, into any) {
	o.t.Helper()
	require.Equal(o.t, http.StatusOK, o.do(http.MethodGet, path, nil, into))
}

// do returns the status; into may be nil.
func (o *console) do(method, path string, body, into any) int {
	o.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(o.t, err)
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.site.ProductURL()+"/api/admin"+path, bytes.NewReader(text))
	require.NoError(o.t, err)
	if body == nil {
		req.Body = nil
		req.ContentLength = 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := o.http.Do(req)
	require.NoError(o.t, err)
	defer func() { require.NoError(o.t, resp.Body.Close()) }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(o.t, err)
	if into != nil && resp.StatusCode < 300 {
		require.NoError(o.t, json.Unmarshal(answer, into), string(answer))
	}
	return resp.StatusCode
}
