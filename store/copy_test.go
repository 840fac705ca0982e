package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

// TestCopyFrom fills a SQLite store by other tests of the suite, copies it, and asks both for the same things.
func TestCopyFrom(t *testing.T) {
	t.Parallel()
	for name, fill := range map[string]func(*testing.T, *store.Store){
		"calls": testTimeline, "deliveries": testDeliveryStates, "attempts": testAttempts, "keys": testAPIKeys, "users": testUsers,
		"sessions": testSessions, "audit": testAudit, "settings": testSettingsVersions, "idempotency": testIdempotencyKeys,
		"secrets": testSigningSecrets, "trunks": testTrunkOrderAndDelete, "breaker": testBreaker,
		"permission": testPermissionRules, "dials": testDialsAreCounted,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := storetest.SQLite(t), storetest.Postgres(t)
			fill(t, from)
			rows := map[string]int{}
			require.NoError(t, to.CopyFrom(t.Context(), from, func(table string, n int) { rows[table] = n }))
			require.Len(t, rows, len(store.Copied))
			requireSame(t, from, to)
			require.NoError(t, to.AppendAudit(t.Context(), store.AuditEntry{UserID: "user_1", UserName: "a", Action: "log_in", At: time.Now()}), "numbers go on")
		})
	}
}

func requireSame(t *testing.T, from, to *store.Store) {
	t.Helper()
	for what, read := range map[string]func(*store.Store) (any, error){
		"trunks":   func(s *store.Store) (any, error) { return s.Trunks(t.Context()) },
		"users":    func(s *store.Store) (any, error) { return s.Users(t.Context()) },
		"settings": func(s *store.Store) (any, error) { return s.Settings(t.Context()) },
		"api keys": func(s *store.Store) (any, error) { return s.APIKeys(t.Context()) },
		"history":  func(s *store.Store) (any, error) { return s.SettingsHistory(t.Context()) },
		"audit":    func(s *store.Store) (any, error) { return s.AuditLog(t.Context(), store.AuditFilter{}) },
		"calls": func(s *store.Store) (any, error) {
			page, err := s.ListCalls(t.Context(), store.CallFilter{})
			return page.Calls, err
		},
	} {
		want, wantErr := read(from)
		got, gotErr := read(to)
		require.Equal(t, wantErr, gotErr, what)
		require.Equal(t, want, got, what)
	}
	page, err := from.ListCalls(t.Context(), store.CallFilter{})
	require.NoError(t, err)
	for _, c := range page.Calls {
		want, err := from.Timeline(t.Context(), c.ID)
		require.NoError(t, err)
		got, err := to.Timeline(t.Context(), c.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		delivery, err := from.DeliveryOfCall(t.Context(), c.ID)
		if err != nil {
			require.ErrorIs(t, err, store.ErrNotFound)
			continue
		}
		requireDelivery(t, to, delivery)
		attempts, err := from.Attempts(t.Context(), delivery.EventID)
		require.NoError(t, err)
		copied, err := to.Attempts(t.Context(), delivery.EventID)
		require.NoError(t, err)
		require.Equal(t, attempts, copied)
	}
}

func TestCopyFromRefuses(t *testing.T) {
	t.Parallel()
	used := storetest.Postgres(t)
	addTrunk(t, used)
	from := storetest.SQLite(t)
	addTrunk(t, from)
	require.ErrorIs(t, used.CopyFrom(t.Context(), from, nil), store.ErrInUse)
	trunks, err := used.Trunks(t.Context())
	require.NoError(t, err)
	require.Len(t, trunks, 1, "nothing was added")
	require.ErrorContains(t, from.CopyFrom(t.Context(), used, nil), "only from SQLite to PostgreSQL")
}

// TestCopyLeavesNoTableOut compares the list with the database's own.
func TestCopyLeavesNoTableOut(t *testing.T) {
	t.Parallel()
	tables, err := storetest.Postgres(t).Tables(t.Context())
	require.NoError(t, err)
	want := append(slices.Clone(store.Copied), "goose_db_version", "key_check", "sums", "sum_changes", // triggers fill the sums
		"report_outcomes", "report_agents", "report_rings", "report_changes", "report_filled")
	require.ElementsMatch(t, want, tables)
}
