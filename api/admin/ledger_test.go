package admin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestLedger(t *testing.T) { onBoth(t, testLedger) }

func testLedger(t *testing.T, b *bench) {
	b.endpoint(nowhere) // without one, outcomes are parked
	trunk := b.trunk("main")
	taken := b.endedCall(trunk, answered())
	dead := b.endedCall(trunk, call.FromSIPCode(503))
	b.endedCall(trunk, answered())
	b.endedCall(trunk, answered(), func(c *call.Call) { c.CreatedAt = c.CreatedAt.Add(-49 * time.Hour) })
	b.liveCall(trunk)
	storetest.Delivered(t, b.store, taken.ID.EventID())
	storetest.Dead(t, b.store, dead.ID.EventID())
	w := b.as(store.RoleViewer)
	got := w.get("/ledger").is(http.StatusOK)
	for name, n := range map[string]int{"accepted": 4, "live": 1, "outcomes": 3, "acknowledged": 1, "waiting": 1, "parked": 0, "dead": 1, "missing": 0, "overdue": 0} {
		require.EqualValues(t, n, got.at(name), name)
	}
	require.Equal(t, true, got.at("balanced"))
	require.Nil(t, got.at("last_check"))

	require.NoError(t, b.store.KeepLedgerCheck(t.Context(), store.LedgerCheck{At: time.Now(), CallsChecked: 1, CallsEnded: 1, Unresolved: []string{"c2c_x"}}))
	got = w.get("/ledger?hours=72").is(http.StatusOK)
	require.EqualValues(t, 5, got.at("accepted"))
	require.EqualValues(t, 1, got.at("last_check.calls_ended_total"))
	require.Equal(t, "c2c_x", got.str("last_check.unresolved.0"))
	for _, hours := range []string{"0", "745", "x"} {
		w.get("/ledger?hours="+hours).isProblem(http.StatusBadRequest, "invalid_request").names("hours")
	}
}

func TestLedgerRelease(t *testing.T) { onBoth(t, testLedgerRelease) }

func testLedgerRelease(t *testing.T, b *bench) {
	o := b.as(store.RoleOperator)
	require.Nil(t, o.get("/ledger").is(http.StatusOK).at("held"))
	o.post("/ledger/release", nil).isProblem(http.StatusConflict, "conflict")
	require.NoError(t, b.store.HoldLedger(t.Context(), time.Now(), 30, 90))
	require.EqualValues(t, 30, o.get("/ledger?hours=2").is(http.StatusOK).at("held.gone"))
	o.post("/ledger/release", nil).is(http.StatusNoContent)
	require.NotEmpty(t, o.get("/ledger?hours=2").is(http.StatusOK).at("held.released_until"), "it is read anew")
	brake, err := b.store.LedgerBrake(t.Context())
	require.NoError(t, err)
	require.True(t, brake.Released(time.Now()))
	log, err := b.store.AuditLog(t.Context(), store.AuditFilter{Action: "ledger_released"})
	require.NoError(t, err)
	require.Len(t, log.Entries, 1)
}
