package admin_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// dialed gives a call an attempt through a trunk, of two seconds.
func (b *bench) dialed(c call.Call, trunk call.Trunk, d call.Dial) {
	b.t.Helper()
	_, err := b.store.ClaimAttempt(b.t.Context(), store.Claim{CallID: c.ID, N: 1, Mark: "mark", Trunk: trunk, At: c.CreatedAt})
	require.NoError(b.t, err)
	d.EndedAt = c.CreatedAt.Add(2 * time.Second)
	require.NoError(b.t, b.store.EndAttempt(b.t.Context(), c.ID, 1, d))
}

func TestTrunkNumbersReport(t *testing.T) { onBoth(t, testTrunkNumbersReport) }

func testTrunkNumbersReport(t *testing.T, b *bench) {
	w := b.as(store.RoleViewer)
	mumbai := b.trunk("Mumbai")
	at := func(text string) func(*call.Call) {
		moment, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return func(c *call.Call) { c.CreatedAt = moment }
	}
	refused := call.Dial{State: call.DialRefused, SIPCode: 503}
	talking := b.liveCall(mumbai, at("2026-11-01T04:45:00Z"))
	b.dialed(talking, mumbai, call.Dial{State: call.DialAnswered, SIPCode: 200})
	b.dialed(b.liveCall(mumbai, at("2026-11-01T05:29:59Z")), mumbai, refused)
	b.dialed(b.liveCall(mumbai, at("2026-11-01T05:30:00Z")), mumbai, refused)
	b.dialed(b.liveCall(b.trunk("Delhi"), at("2026-11-02T05:30:00Z")), mumbai, refused) // the next day

	query := "?since=2026-10-31T18:30:00Z&until=2026-11-01T18:30:00Z&tz=Asia/Kolkata"
	got := w.get("/reports/trunks" + query + "&by=hour").is(http.StatusOK)
	require.Equal(t, 2, got.count("rows"))
	require.JSONEq(t, `{"trunk_id":"`+mumbai.ID+`","label":"Mumbai","begins":"2026-11-01T10:00:00+05:30","seizures":2,"answered":1,"asr":0.5,"ner":0.5,
		"ser":0.5,"acd_seconds":null,"short_share":null,"srd_failed_seconds":2}`, jsonOf(t, got.at("rows.0")))
	require.Equal(t, "2026-11-01T11:00:00+05:30", got.str("rows.1.begins"))
	got = w.get("/reports/trunks" + query + "&by=day&trunk_id=" + mumbai.ID).is(http.StatusOK)
	require.Equal(t, 1, got.count("rows"))
	require.EqualValues(t, 3, got.at("rows.0.seizures"))
	require.Equal(t, 0, w.get("/reports/trunks"+query+"&by=day&trunk_id=trk_none").is(http.StatusOK).count("rows"))

	file := w.get("/reports/trunks.csv" + query + "&by=hour").is(http.StatusOK)
	require.Contains(t, string(file.body), "2026-11-01T10:00:00+05:30,"+mumbai.ID+",Mumbai,2,1,0.5000,0.5000,0.5000,,,2.000\r\n")
	w.get("/reports/trunks?since=2026-11-01T00:00:00Z&until=2026-11-10T00:00:00Z&by=hour").isProblem(http.StatusBadRequest, "invalid_request").names("until")
	w.get("/reports/trunks?since=2026-11-01T00:00:00Z&until=2026-11-10T00:00:00Z&by=day").is(http.StatusOK)
	w.get("/reports/trunks?since=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z").isProblem(http.StatusBadRequest, "invalid_request").names("by")
}
