package admin_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/admin"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, newBench(t))
	})
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newBenchOn(t, storetest.Postgres(t)))
	})
}

func TestOverview(t *testing.T) { onBoth(t, testOverview) }

func testOverview(t *testing.T, b *bench) {
	b.livekit.err = livekit.ErrUnreachable
	w := b.as(store.RoleViewer)
	bad, idle, off := b.trunk("Failing"), b.trunk("Idle"), b.trunk("Off")
	off.Enabled = false
	require.NoError(t, b.store.SaveTrunk(t.Context(), off))
	for range 3 {
		b.endedCall(bad, call.FromSIPCode(503))
	}
	b.endedCall(bad, answered())
	b.endedCall(bad, answered(), func(c *call.Call) { c.CreatedAt = c.CreatedAt.Add(-49 * time.Hour) })
	live := b.liveCall(idle)
	got := w.get("/overview?tz=Asia/Kolkata").is(http.StatusOK)
	zone, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	since, err := time.Parse(time.RFC3339, got.str("today.since"))
	require.NoError(t, err)
	require.Equal(t, "00:00:00", since.In(zone).Format(time.TimeOnly))
	// The calls were made just now: unless midnight passed since, all are today's.
	require.JSONEq(t, `{"since":"`+got.str("today.since")+`","live":1,"answered":1,"not_answered":0,"failed":3,"answer_rate":0.25}`, jsonOf(t, got.at("today")))
	require.Equal(t, string(live.ID), got.str("live_calls.0.call_id"))
	require.EqualValues(t, 5, got.at("deliveries.waiting"))
	require.Equal(t, "down", got.str("health.state"), "LiveKit does not answer")
	require.Equal(t, "livekit", got.str("health.parts.0.part"), "the worst is first")
	require.Equal(t, "open_settings", got.str("health.parts.0.action.kind"))
	states := map[string]string{}
	for i := range got.count("health.parts") {
		part := fmt.Sprintf("health.parts.%d.", i)
		states[got.str(part+"name")] = got.str(part + "state")
	}
	require.Equal(t, map[string]string{
		"LiveKit": "failing", "LiveKit SIP": "ok", "Temporal": "ok", "Database": "ok", "Trunk Failing": "failing", "Trunk Idle": "idle", "Trunk Off": "disabled",
		"Webhook": "failing", "Ledger": "ok", "Workers": "ok",
	}, states)
	require.Equal(t, "3 of its last 4 dials failed.", got.str("health.parts.1.what"))
	require.Equal(t, idle.ID, got.str("health.parts.1.action.target"), "the trunk to use instead")

	require.Nil(t, newBench(t).as(store.RoleViewer).get("/overview").is(http.StatusOK).at("today.answer_rate"))
	for _, tz := range []string{"Mars", "Local", "../../etc/passwd"} {
		w.get("/overview?tz="+tz).isProblem(http.StatusBadRequest, "invalid_request").names("tz")
	}
}

func TestLatestCalls(t *testing.T) { onBoth(t, testLatestCalls) }

// A long call that has just ended began before many that ended sooner.
func testLatestCalls(t *testing.T, b *bench) {
	trunk := b.trunk("Main")
	o := answered()
	o.EndedAt = time.Now().Add(time.Hour)
	long := b.endedCall(trunk, o, func(c *call.Call) { c.CreatedAt = c.CreatedAt.Add(-2 * time.Hour) })
	for range 8 {
		b.endedCall(trunk, answered())
	}
	b.liveCall(trunk)
	got := b.as(store.RoleViewer).get("/overview").is(http.StatusOK)
	require.Equal(t, 8, got.count("latest_calls"))
	require.Equal(t, string(long.ID), got.str("latest_calls.0.call_id"))
	require.Equal(t, "Main", got.str("latest_calls.0.trunk_label"))
}

func TestTrunkRecords(t *testing.T) { onBoth(t, testTrunkRecords) }

func testTrunkRecords(t *testing.T, b *bench) {
	used, unused := b.trunk("Used"), b.trunk("Unused")
	for range 21 {
		b.endedCall(used, answered(), func(c *call.Call) { c.CreatedAt = c.CreatedAt.Add(-49 * time.Hour) })
	}
	b.endedCall(used, call.Outcome{CallStatus: call.Failed, Reason: call.ReasonNeverConnected, HangupBy: call.PartySystem})
	failed := b.endedCall(used, call.FromSIPCode(503))
	b.liveCall(used)
	got := b.as(store.RoleViewer).get("/trunks/records?tz=Asia/Kolkata").is(http.StatusOK)
	require.Equal(t, 2, got.count("records"))
	require.Equal(t, used.ID, got.str("records.0.trunk_id"))
	require.Equal(t, 20, got.count("records.0.dials"), "of any age; the one that never was dialed is none")
	require.Equal(t, string(failed.ID), got.str("records.0.dials.0.call_id"))
	require.Equal(t, "trunk_unavailable", got.str("records.0.dials.0.disconnect_reason"))
	require.EqualValues(t, 503, got.at("records.0.dials.0.sip_disconnect_code"))
	require.Equal(t, "ANSWERED", got.str("records.0.dials.19.call_status"))
	require.EqualValues(t, 2, got.at("records.0.failed"), "today's")
	require.EqualValues(t, 0, got.at("records.0.answered"))
	require.Equal(t, unused.ID, got.str("records.1.trunk_id"))
	require.Equal(t, 0, got.count("records.1.dials"))
	require.Nil(t, got.at("records.1.answer_rate"))
	b.as(store.RoleViewer).get("/trunks/records?tz=Mars").isProblem(http.StatusBadRequest, "invalid_request")
}

// stream reads server-sent events from a real server.
type stream struct {
	t     *testing.T
	lines *bufio.Scanner
	end   context.CancelFunc
}

func (w *browser) listen(path string) *stream {
	t := w.b.t
	t.Helper()
	server := httptest.NewUnstartedServer(w.b.handler)
	// As the product's server has them, only shorter: a stream must outlive both.
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/admin"+path, nil)
	require.NoError(t, err)
	r.AddCookie(w.cookie)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	return &stream{t: t, lines: bufio.NewScanner(resp.Body), end: cancel}
}

// next returns the data of the next event; nil when the stream ended.
func (s *stream) next() *answer {
	s.t.Helper()
	event := ""
	for s.lines.Scan() {
		line := s.lines.Text()
		if name, ok := strings.CutPrefix(line, "event: "); ok {
			event = name
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			require.Equal(s.t, "overview", event)
			return &answer{t: s.t, body: []byte(data)}
		}
	}
	return nil
}

func TestEvents(t *testing.T) {
	t.Parallel()
	closing := make(chan struct{})
	b := newBench(t, func(d *admin.Deps) { d.Closing = closing })
	w := b.as(store.RoleViewer)
	trunk := b.trunk("Mumbai")
	s := w.listen("/events?tz=Asia/Kolkata")
	require.Equal(t, 0, s.next().count("live_calls"), "the first comes at once")

	b.trunk("Delhi")
	require.NotNil(t, s.next())
	c := b.liveCall(trunk)
	got := s.next()
	require.Equal(t, string(c.ID), got.str("live_calls.0.call_id"))
	require.EqualValues(t, 1, got.at("today.live"))
	require.NoError(t, b.store.MarkRinging(t.Context(), c.ID, time.Now()))
	require.Equal(t, "ringing", s.next().str("live_calls.0.status"))

	other := b.as(store.RoleOperator).listen("/events")
	require.Equal(t, 1, other.next().count("live_calls"), "who comes later has everything")
	close(closing)
	require.Nil(t, s.next(), "the stream ends with the server")
	require.Nil(t, other.next())
}

// TestEventsEndWithTheSession: whoever logs out, or is demoted, disabled or removed, hears no more.
func TestEventsEndWithTheSession(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(d *admin.Deps) { d.Heartbeat = 20 * time.Millisecond })
	b.user("boss", store.RoleAdmin)
	for name, end := range map[string]func(w *browser, id string){
		"logout":  func(w *browser, _ string) { w.post("/logout", nil).is(http.StatusNoContent) },
		"removed": func(_ *browser, id string) { require.NoError(t, b.store.DeleteUser(t.Context(), id)) },
		"demoted": func(_ *browser, id string) {
			viewer := store.RoleViewer
			_, err := b.store.ChangeUser(t.Context(), id, store.UserChange{Role: &viewer})
			require.NoError(t, err)
		},
		"new password": func(_ *browser, id string) {
			_, err := b.store.SetPassword(t.Context(), id, "$argon2id$", false)
			require.NoError(t, err)
		},
	} {
		w := b.as(store.RoleOperator)
		s := w.listen("/events")
		require.NotNil(t, s.next(), name)
		end(&browser{b: b, cookie: w.cookie, from: w.from}, w.get("/me").str("user.user_id"))
		require.Nil(t, s.next(), name)
	}
}

func TestReports(t *testing.T) { onBoth(t, testReports) }

func testReports(t *testing.T, b *bench) {
	w := b.as(store.RoleViewer)
	mumbai, delhi := b.trunk("Mumbai"), b.trunk("Delhi")
	at := func(text string) func(*call.Call) {
		moment, err := time.Parse(time.RFC3339, text)
		require.NoError(t, err)
		return func(c *call.Call) { c.CreatedAt = moment }
	}
	b.endedCall(mumbai, answered(), at("2026-10-31T18:29:59Z")) // 31 October in Kolkata
	b.endedCall(mumbai, answered(), at("2026-10-31T18:30:00Z")) // Sunday 1 November, 00:00
	b.endedCall(delhi, call.FromSIPCode(486), at("2026-11-01T04:45:00Z"))
	b.endedCall(delhi, call.FromSIPCode(404), at("2026-11-01T18:30:00Z"), func(c *call.Call) { c.AgentID = "-agent" }) // 2 November
	b.liveCall(mumbai, at("2026-11-01T05:00:00Z"))
	query := "?since=2026-10-31T18:30:00Z&until=2026-11-02T18:30:00Z&tz=Asia/Kolkata"
	got := w.get("/reports" + query).is(http.StatusOK)
	require.JSONEq(t, `{"calls":3,"answered":1,"not_answered":1,"failed":1,"answer_rate":0.3333333333333333,"average_talk_seconds":30}`, jsonOf(t, got.at("totals")))
	require.JSONEq(t, `{"calls":1,"average_seconds":5,"p50_seconds":5,"p95_seconds":5}`, jsonOf(t, got.at("post_dial_delay")))
	require.Equal(t, []any{"2026-11-01", 2.0, "2026-11-02", 1.0}, []any{got.at("days.0.date"), got.at("days.0.counts.calls"), got.at("days.1.date"), got.at("days.1.counts.calls")})
	require.Equal(t, 3, got.count("hours"))
	require.Equal(t, "Delhi", got.str("trunks.0.label"))
	require.Equal(t, 3, got.count("reasons"))
	require.Equal(t, 1, w.get("/reports"+query+"&trunk_id="+mumbai.ID).is(http.StatusOK).count("reasons"))
	require.EqualValues(t, 2, w.get("/reports"+query+"&agent_id=agent-1").is(http.StatusOK).at("totals.calls"))
	require.EqualValues(t, 1, w.get("/reports?since=2026-11-01T18:30:00Z&until=2026-11-01T18:30:01Z").is(http.StatusOK).at("totals.calls"))

	for group, want := range map[string]string{
		"day":    "2026-11-01,2,1,1,0,0.5000,30.0",
		"hour":   "7,0,1,1,0,0,1.0000,30.0",
		"trunk":  delhi.ID + ",Delhi,2,0,1,1,0.0000,",
		"agent":  "agent-1,2,1,1,0,0.5000,30.0",
		"reason": "NOT_ANSWERED,busy,486,1",
	} {
		file := w.get("/reports.csv" + query + "&group=" + group).is(http.StatusOK)
		require.Contains(t, string(file.body), want+"\r\n", group)
		rows, err := csv.NewReader(strings.NewReader(string(file.body))).ReadAll()
		require.NoError(t, err)
		require.Greater(t, len(rows), 2)
	}
	require.Contains(t, string(w.get("/reports.csv"+query+"&group=agent").body), "'-agent,1")
	require.NoError(t, b.store.FoldSums(t.Context()))
	require.JSONEq(t, string(got.body), string(w.get("/reports"+query).is(http.StatusOK).body), "by the sums, as by what is not folded yet")
	w.get("/reports").isProblem(http.StatusBadRequest, "invalid_request").names("since", "until")
	w.get("/reports?since=2026-11-01T00:00:00Z&until=2026-11-01T00:00:00Z").isProblem(http.StatusBadRequest, "invalid_request").names("until")
	w.get("/reports?since=2020-11-01T00:00:00Z&until=2026-11-01T00:00:00Z").isProblem(http.StatusBadRequest, "invalid_request").names("until")
	w.get("/reports.csv"+query+"&group=moon").isProblem(http.StatusBadRequest, "invalid_request").names("group")
}
