package admin_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

func TestEraseCustomer(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.endpoint(nowhere)
	trunk := b.trunk("Mumbai")
	ended := b.endedCall(trunk, call.FromSIPCode(486)) // its outcome has not arrived
	w := b.as(store.RoleAdmin)
	got := w.post("/customers/erase", map[string]string{"customer_number": number, "reason": "ticket 42"}).is(http.StatusOK)
	require.EqualValues(t, 0, got.at("calls"))
	require.EqualValues(t, 1, got.at("left"))
	entries, err := b.store.AuditLog(t.Context(), store.AuditFilter{Action: "customer_erased"})
	require.NoError(t, err)
	require.Len(t, entries.Entries, 1)
	require.Equal(t, "ticket 42", entries.Entries[0].Target)
	require.NotContains(t, entries.Entries[0].Detail+entries.Entries[0].Target, number)
	require.NotContains(t, b.log.String(), number)
	kept, err := b.store.Call(t.Context(), ended.ID)
	require.NoError(t, err)
	require.Equal(t, number, kept.CustomerNumber)

	w.post("/customers/erase", map[string]string{"customer_number": "12"}).isProblem(http.StatusBadRequest, "invalid_request").names("customer_number")
	b.as(store.RoleOperator).post("/customers/erase", map[string]string{"customer_number": number}).isProblem(http.StatusForbidden, "forbidden")
}
