package store_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

func userNamed(name string, role store.Role) store.User {
	return store.User{
		ID: store.NewUserID(), Name: name, Role: role, PasswordHash: "$argon2id$" + name, MustChangePassword: true, CreatedAt: begin,
	}
}

func testUsers(t *testing.T, s *store.Store) {
	ctx := t.Context()
	asha, ravi := userNamed("asha", store.RoleAdmin), userNamed("ravi", store.RoleViewer)
	require.NoError(t, s.AddUser(ctx, ravi))
	require.NoError(t, s.AddUser(ctx, asha))
	require.ErrorIs(t, s.AddUser(ctx, userNamed("asha", store.RoleViewer)), store.ErrConflict)
	require.ErrorIs(t, s.AddUser(ctx, store.User{ID: "x", Name: "nohash"}), store.ErrInvalid)
	users, err := s.Users(ctx)
	require.NoError(t, err)
	asha.CreatedAt, ravi.CreatedAt = begin.Truncate(time.Microsecond), begin.Truncate(time.Microsecond)
	require.Equal(t, []store.User{asha, ravi}, users)

	require.NoError(t, s.NoteLogin(ctx, ravi.ID, after(time.Hour)))
	got, err := s.UserByName(ctx, "ravi")
	require.NoError(t, err)
	require.Equal(t, after(time.Hour).Truncate(time.Microsecond), *got.LastLoginAt)
	_, err = s.UserByName(ctx, "nobody")
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, s.NoteLogin(ctx, "nobody", begin), store.ErrNotFound)

	got, err = s.SetPassword(ctx, ravi.ID, "$argon2id$new", false)
	require.NoError(t, err)
	require.Equal(t, "$argon2id$new", got.PasswordHash)
	require.False(t, got.MustChangePassword)
	require.EqualValues(t, 1, got.Epoch, "sessions of before are over")
	_, err = s.SetPassword(ctx, "nobody", "x", false)
	require.ErrorIs(t, err, store.ErrNotFound)
}

func testLastAdmin(t *testing.T, s *store.Store) {
	ctx := t.Context()
	asha, ravi := userNamed("asha", store.RoleAdmin), userNamed("ravi", store.RoleViewer)
	require.NoError(t, s.AddUser(ctx, asha))
	require.NoError(t, s.AddUser(ctx, ravi))
	change := func(id string, c store.UserChange) error {
		_, err := s.ChangeUser(ctx, id, c)
		return err
	}
	require.ErrorIs(t, s.DeleteUser(ctx, asha.ID), store.ErrConflict)
	require.ErrorIs(t, change(asha.ID, store.UserChange{Role: ptr(store.RoleOperator)}), store.ErrConflict)
	require.ErrorIs(t, change(asha.ID, store.UserChange{Disabled: ptr(true)}), store.ErrConflict)
	got, err := s.User(ctx, asha.ID)
	require.NoError(t, err)
	require.Equal(t, store.RoleAdmin, got.Role)
	require.False(t, got.Disabled)

	require.NoError(t, change(ravi.ID, store.UserChange{Role: ptr(store.RoleAdmin)}))
	require.NoError(t, change(asha.ID, store.UserChange{Disabled: ptr(true)}))
	got, err = s.User(ctx, asha.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, got.Epoch)
	require.ErrorIs(t, s.DeleteUser(ctx, ravi.ID), store.ErrConflict, "a disabled admin is none")
	require.NoError(t, s.DeleteUser(ctx, asha.ID))
	require.ErrorIs(t, s.DeleteUser(ctx, asha.ID), store.ErrNotFound)
	require.ErrorIs(t, change("nobody", store.UserChange{Disabled: ptr(true)}), store.ErrNotFound)
}

func testLastAdminRace(t *testing.T, s *store.Store) {
	ctx := t.Context()
	ids := []string{}
	for _, name := range []string{"a", "b", "c", "d"} {
		u := userNamed(name, store.RoleAdmin)
		require.NoError(t, s.AddUser(ctx, u))
		ids = append(ids, u.ID)
	}
	var wg sync.WaitGroup
	var deleted atomic.Int64
	for _, id := range ids {
		wg.Go(func() {
			if s.DeleteUser(ctx, id) == nil {
				deleted.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 3, deleted.Load())
}

func testFirstUserRace(t *testing.T, s *store.Store) {
	var wg sync.WaitGroup
	var added atomic.Int64
	for range 8 {
		wg.Go(func() {
			ok, err := s.AddFirstUser(t.Context(), userNamed("admin", store.RoleAdmin))
			if err != nil {
				t.Errorf("add first user: %v", err)
			}
			if ok {
				added.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, added.Load())
}

func testSessions(t *testing.T, s *store.Store) {
	ctx, sessions, later := t.Context(), s.Sessions(), time.Now().Add(time.Hour)
	find := func(token string) string {
		data, found, err := sessions.FindCtx(ctx, token)
		require.NoError(t, err)
		require.Equal(t, found, data != nil)
		return string(data)
	}
	require.Empty(t, find("a"))
	require.NoError(t, sessions.CommitCtx(ctx, "a", []byte("one"), later))
	require.NoError(t, sessions.CommitCtx(ctx, "b", []byte("other"), time.Now().Add(-time.Second)))
	require.Equal(t, "one", find("a"))
	require.Empty(t, find("b"), "it is over")
	require.NoError(t, sessions.CommitCtx(ctx, "a", []byte("two"), later.Add(time.Second)))
	require.Equal(t, "two", find("a"))
	require.NoError(t, sessions.CommitCtx(ctx, "a", []byte("two"), time.Now().Add(-time.Second)))
	require.Empty(t, find("a"), "an earlier end counts at once")
	require.NoError(t, sessions.CommitCtx(ctx, "a", []byte("two"), later))
	require.Equal(t, "two", find("a"), "and so does a later one")

	for range 2 {
		require.NoError(t, sessions.DeleteCtx(ctx, "a"))
	}
	require.Empty(t, find("a"))
	require.NoError(t, sessions.CommitCtx(ctx, "a", []byte("three"), later))
	require.Empty(t, find("a"), "a request that ends after the logout does not bring the session back")
	require.NoError(t, sessions.Purge(ctx))
	require.NoError(t, sessions.CommitCtx(ctx, "b", []byte("fresh"), later))
	require.Equal(t, "fresh", find("b"), "the old row is gone")
}

func testAudit(t *testing.T, s *store.Store) {
	ctx := t.Context()
	for i, name := range []string{"asha", "ravi", "asha", "asha", "ravi"} {
		require.NoError(t, s.AppendAudit(ctx, store.AuditEntry{
			At: after(time.Duration(i) * time.Minute), UserID: "user_" + name, UserName: name, Action: "login",
			Target: "é\x00", Detail: "d", Address: "127.0.0.1",
		}))
	}
	var all []store.AuditEntry
	f := store.AuditFilter{Limit: 2}
	for {
		page, err := s.AuditLog(ctx, f)
		require.NoError(t, err)
		all = append(all, page.Entries...)
		if f.Cursor = page.Next; f.Cursor == "" {
			break
		}
	}
	require.Len(t, all, 5)
	require.Equal(t, store.AuditEntry{
		ID: all[0].ID, At: after(4 * time.Minute).Truncate(time.Microsecond), UserID: "user_ravi", UserName: "ravi", Action: "login",
		Target: "é\uFFFD", Detail: "d", Address: "127.0.0.1",
	}, all[0])
	count := func(f store.AuditFilter) int {
		page, err := s.AuditLog(ctx, f)
		require.NoError(t, err)
		return len(page.Entries)
	}
	require.Equal(t, 3, count(store.AuditFilter{UserName: "asha"}))
	require.Equal(t, 0, count(store.AuditFilter{Action: "logout"}))
	require.Equal(t, 2, count(store.AuditFilter{Since: ptr(after(time.Minute)), Until: ptr(after(3 * time.Minute))}))
	_, err := s.AuditLog(ctx, store.AuditFilter{Cursor: "x"})
	require.ErrorIs(t, err, store.ErrBadCursor)
	_, err = s.AuditLog(ctx, store.AuditFilter{Limit: 201})
	require.ErrorIs(t, err, store.ErrBadFilter)
}
