package admin_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/click2call/click2call/api/problem"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/livekit"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

func TestListCalls(t *testing.T) { onBoth(t, testListCalls) }

func testListCalls(t *testing.T, b *bench) {
	w := b.as(store.RoleOperator)
	mumbai, delhi := b.trunk("Mumbai"), b.trunk("Delhi")
	begin := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	at := func(minute int, caseID string) func(*call.Call) {
		return func(c *call.Call) { c.CreatedAt, c.CaseID = begin.Add(time.Duration(minute)*time.Minute), caseID }
	}
	b.endedCall(mumbai, answered(), at(0, "a"))
	b.endedCall(mumbai, call.FromSIPCode(486), at(1, "b"))
	b.endedCall(delhi, call.FromSIPCode(404), at(2, "c"), func(c *call.Call) { c.AgentID, c.CustomerNumber = "agent-2", "9530250042" })
	b.liveCall(delhi, at(3, "d"))
	cases := func(query string) (found string) {
		path := "/calls?limit=2" + query
		for cursor := ""; ; {
			page := w.get(path + cursor).is(http.StatusOK)
			for i := range page.count("calls") {
				found += page.str(fmt.Sprintf("calls.%d.case_id", i))
			}
			if !strings.Contains(string(page.body), "next_cursor") {
				return found
			}
			cursor = "&cursor=" + page.str("next_cursor")
		}
	}
	const november = "&since=2026-11-01T00:00:00Z&until=2026-12-01T00:00:00Z"
	for query, want := range map[string]string{
		"": "dcba", "&call_status=ANSWERED": "a", "&reason=busy": "b", "&sip_code=404": "c", "&trunk_id=" + mumbai.ID: "ba", "&agent_id=agent-2": "c",
		"&case_id=d": "d", "&number=0042": "c", "&number=9530250042": "c", "&status=live": "d", "&status=ended": "cba", "&status=created": "d",
		"&since=2026-11-01T12:01:00Z&until=2026-11-01T12:03:00Z": "cb", "&since=2026-11-01T17:31:00%2B05:30": "dcb",
		november + "&weekday=7&hour=12": "dcba", november + "&weekday=7&hour=17&tz=Asia/Kolkata": "dcba", november + "&hour=13": "", november + "&weekday=1": "",
		"&since=2026-11-01T12:01:00Z&until=2026-11-01T12:03:00Z&hour=12": "cb",
	} {
		require.Equal(t, want, cases(query), query)
	}
	got := w.get("/calls?case_id=b").is(http.StatusOK)
	require.Equal(t, "95302•••97", got.str("calls.0.masked_number"))
	require.Equal(t, "Mumbai", got.str("calls.0.trunk_label"))
	require.EqualValues(t, 486, got.at("calls.0.sip_disconnect_code"))

	w.get("/calls?status=dead&call_status=MAYBE&reason=x&sip_code=7&number=12a&limit=500&since=now").
		isProblem(http.StatusBadRequest, "invalid_request").names("status", "call_status", "reason", "sip_code", "number", "limit", "since")
	for _, query := range []string{"hour=12", "weekday=1&since=2026-11-01T00:00:00Z", "hour=1&since=2025-01-01T00:00:00Z&until=2026-11-01T00:00:00Z"} {
		w.get("/calls?"+query).isProblem(http.StatusBadRequest, "invalid_request").names("since")
		w.get("/calls.csv?"+query).isProblem(http.StatusBadRequest, "invalid_request").names("since")
	}
	w.get("/calls?"+november[1:]+"&hour=12&tz=Nowhere").isProblem(http.StatusBadRequest, "invalid_request").names("tz")
	w.get("/calls?weekday=8&hour=24").isProblem(http.StatusBadRequest, "invalid_request").names("weekday", "hour")
	w.get("/calls?limit=1&limit=2").isProblem(http.StatusBadRequest, "invalid_request").names("limit")
	w.get("/calls?cursor=x").isProblem(http.StatusBadRequest, "invalid_request").names("cursor")
	viewer := b.as(store.RoleViewer)
	viewer.get("/calls?number=0042").is(http.StatusOK)
	viewer.get("/calls?number=50042").isProblem(http.StatusBadRequest, "invalid_request").names("number")
	viewer.get("/calls.csv?number=50042").isProblem(http.StatusBadRequest, "invalid_request").names("number")
}

func TestCallDetail(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.endpoint(nowhere) // without one, outcomes are parked
	w := b.as(store.RoleViewer)
	trunk := b.trunk("Mumbai")
	live := b.liveCall(trunk)
	got := w.get("/calls/" + string(live.ID)).is(http.StatusOK)
	require.Nil(t, got.at("delivery"))
	require.Nil(t, got.at("held_at"))
	held := time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)
	_, err := b.store.Hold(t.Context(), live.ID, held)
	require.NoError(t, err)
	require.Equal(t, held.Format(time.RFC3339), w.get("/calls/"+string(live.ID)).is(http.StatusOK).str("held_at"))
	require.Equal(t, "http://temporal.example.com/namespaces/default/workflows/"+string(live.ID), got.str("temporal_url"))

	ended := b.endedCall(trunk, call.FromSIPCode(486))
	got = w.get("/calls/" + string(ended.ID)).is(http.StatusOK)
	require.Equal(t, "busy", got.str("call.disconnect_reason"))
	require.Equal(t, "dial", got.str("timeline.0.source"))
	require.Equal(t, "486 Busy Here for 95302•••97", got.str("timeline.0.detail"))
	require.Contains(t, got.str("delivery.masked_body"), `"phone_to":"95302•••97"`)
	require.Equal(t, "pending", got.str("delivery.delivery.state"))
	require.JSONEq(t, string(w.get("/deliveries/"+ended.ID.EventID()).is(http.StatusOK).body), jsonOf(t, got.at("delivery")))

	operator := b.as(store.RoleOperator)
	revealed := operator.post("/calls/"+string(ended.ID)+"/reveal", nil).is(http.StatusOK)
	require.Equal(t, number, revealed.str("customer_number"))
	d, err := b.store.DeliveryOfCall(t.Context(), ended.ID)
	require.NoError(t, err)
	require.Equal(t, string(d.Body), revealed.str("webhook_body"), "to the byte")
	require.Contains(t, b.audited()[0], "number_revealed "+string(ended.ID))
	require.Nil(t, operator.post("/calls/"+string(live.ID)+"/reveal", nil).is(http.StatusOK).at("webhook_body"))
}

func TestHangUp(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	c := b.liveCall(b.trunk("Mumbai"))
	path := "/calls/" + string(c.ID) + "/hangup"
	require.Equal(t, "ending", w.post(path, nil).is(http.StatusOK).str("status"))
	require.Equal(t, []call.ID{c.ID}, b.workflows.hungUp)
	b.workflows.err = call.ErrOver
	require.Equal(t, "ended", w.post(path, nil).is(http.StatusOK).str("status"))
	b.workflows.err = fmt.Errorf("dial tcp 10.0.0.3: refused")
	got := w.post(path, nil).isProblem(http.StatusServiceUnavailable, "temporal_unavailable")
	require.NotContains(t, string(got.body), "10.0.0.3")
	require.Contains(t, b.log.String(), "10.0.0.3")
	w.post("/calls/"+string(call.NewID())+"/hangup", nil).isProblem(http.StatusNotFound, "call_not_found")
}

func TestPlaceTestCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	got := w.post("/test-calls", map[string]string{"customer_number": number, "did": "9999999999"}).is(http.StatusCreated)
	require.Equal(t, []string{number + " 9999999999 operator1"}, b.testCalls.placed)
	require.Equal(t, "the agent's token", got.str("token"))
	require.Equal(t, "operator1 test_call_placed "+got.str("call_id"), b.audited()[0])
	b.testCalls.err = problem.Refuse(problem.NoTrunk)
	w.post("/test-calls", map[string]string{"customer_number": number}).isProblem(http.StatusServiceUnavailable, "no_trunk")
	w.post("/test-calls", map[string]string{"customer_number": "12"}).isProblem(http.StatusBadRequest, "invalid_request").names("customer_number")
}

func TestExportCalls(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleViewer)
	trunk := b.trunk("=HYPERLINK()")
	const calls = 205 // more than a page
	for i := range calls {
		b.liveCall(trunk, func(c *call.Call) { c.CaseID = fmt.Sprintf(`@case "%d", é`, i) })
	}
	b.endedCall(trunk, call.FromSIPCode(486))
	got := w.get("/calls.csv").is(http.StatusOK)
	require.Equal(t, "text/csv; charset=utf-8", got.header.Get("Content-Type"))
	require.Regexp(t, `attachment; filename="calls-\d{8}-\d{6}\.csv"`, got.header.Get("Content-Disposition"))
	rows, err := csv.NewReader(strings.NewReader(string(got.body))).ReadAll()
	require.NoError(t, err)
	require.True(t, len(rows) == calls+2, "%d rows", len(rows))
	require.Equal(t, []string{"'=HYPERLINK()", "ended", "NOT_ANSWERED", "busy", "486", "0", "0", "customer"}, rows[1][10:])
	require.Equal(t, "95302•••97", rows[1][8])
	require.Equal(t, `'@case "0", é`, rows[calls+1][5])
}

// TestExportCallsSheet reads the workbook back, as a spreadsheet does.
func TestExportCallsSheet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleViewer)
	trunk := b.trunk("=HYPERLINK()")
	const calls = 205 // more than a page
	at := time.Date(2026, 11, 1, 20, 30, 15, 0, time.UTC)
	for i := range calls {
		b.liveCall(trunk, func(c *call.Call) {
			c.CaseID, c.CreatedAt = fmt.Sprintf("000%d", i), at.Add(-time.Duration(i)*time.Minute)
		})
	}
	b.endedCall(trunk, call.FromSIPCode(486), func(c *call.Call) { c.CreatedAt, c.CaseID = at, "1e5" })
	got := w.get("/calls.xlsx?tz=Asia/Kolkata&status=ended").is(http.StatusOK)
	require.Regexp(t, `attachment; filename="calls-\d{8}-\d{6}\.xlsx"`, got.header.Get("Content-Disposition"))
	rows := sheetRows(t, got.body)
	require.Len(t, rows, 2)
	require.Equal(t, "created_at (Asia/Kolkata)", rows[0][1])
	require.Equal(t, "2026-11-02 02:00:15", rows[1][1], "the operator's clock")
	require.Equal(t, "1e5", rows[1][5])
	require.Equal(t, "95302•••97", rows[1][8])
	require.Equal(t, []string{"=HYPERLINK()", "ended", "NOT_ANSWERED", "busy", "486", "0", "0", "customer"}, rows[1][10:])
	book, err := excelize.OpenReader(bytes.NewReader(got.body))
	require.NoError(t, err)
	formula, err := book.GetCellFormula("Calls", "K2")
	require.NoError(t, err)
	require.Empty(t, formula, "a text is no formula")
	for cell, want := range map[string]excelize.CellType{"F2": excelize.CellTypeInlineString, "O2": excelize.CellTypeUnset} {
		kind, err := book.GetCellType("Calls", cell)
		require.NoError(t, err)
		require.Equal(t, want, kind, cell)
	}

	require.Len(t, sheetRows(t, w.get("/calls.xlsx").is(http.StatusOK).body), calls+2)
	w.get("/calls.xlsx?status=dead").isProblem(http.StatusBadRequest, "invalid_request").names("status")
}

func sheetRows(t *testing.T, body []byte) [][]string {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(body))
	require.NoError(t, err)
	rows, err := book.GetRows("Calls")
	require.NoError(t, err)
	return rows
}

func TestSearch(t *testing.T) { onBoth(t, testSearch) }

func testSearch(t *testing.T, b *bench) {
	w := b.as(store.RoleOperator)
	trunk := b.trunk("Mumbai")
	first := b.endedCall(trunk, answered(), func(c *call.Call) { c.CaseID = "1797" })
	second := b.liveCall(trunk, func(c *call.Call) { c.CaseID = "other" })
	one := func(w *browser, q string) *answer {
		got := w.get("/search?q=" + q).is(http.StatusOK)
		require.Equal(t, 1, got.count("results"), q)
		return got
	}
	require.Equal(t, string(second.ID), one(w, string(second.ID)).str("results.0.call.call_id"))
	got := one(w, first.ID.EventID())
	require.Equal(t, []string{"delivery", "event_id", first.ID.EventID()}, []string{got.str("results.0.kind"), got.str("results.0.matched"), got.str("results.0.event_id")})
	require.Equal(t, "case_id", one(w, "other").str("results.0.matched"))
	both := w.get("/search?q=1797").is(http.StatusOK)
	require.Equal(t, []string{"number", "case_id"}, []string{both.str("results.0.matched"), both.str("results.1.matched")}, "each call once, newest first")
	require.Equal(t, 2, w.get("/search?q=51797").is(http.StatusOK).count("results"))
	require.Equal(t, 0, b.as(store.RoleViewer).get("/search?q=51797").is(http.StatusOK).count("results"))
	for _, q := range []string{"97", "nothing", string(call.NewID()), call.NewID().EventID(), "%25", "%27%20OR%201=1"} {
		require.Equal(t, 0, w.get("/search?q="+q).is(http.StatusOK).count("results"), q)
	}
	w.get("/search").isProblem(http.StatusBadRequest, "invalid_request").names("q")
	w.get("/search?q=").isProblem(http.StatusBadRequest, "invalid_request").names("q")
}

func TestDeliveries(t *testing.T) { onBoth(t, testDeliveries) }

func testDeliveries(t *testing.T, b *bench) {
	w := b.as(store.RoleViewer)
	trunk := b.trunk("Mumbai")
	dead, done := b.endedCall(trunk, call.FromSIPCode(486)), b.endedCall(trunk, answered())
	b.endedCall(trunk, call.FromSIPCode(404))
	storetest.Dead(t, b.store, dead.ID.EventID())
	storetest.Delivered(t, b.store, done.ID.EventID())
	for query, want := range map[string]int{"": 3, "?state=dead": 1, "?state=waiting": 1, "?state=delivered": 1, "?call_status=FAILED": 1, "?trunk_id=x": 0} {
		require.Equal(t, want, w.get("/deliveries"+query).is(http.StatusOK).count("deliveries"), query)
	}
	page := w.get("/deliveries?limit=2").is(http.StatusOK)
	require.Equal(t, 1, w.get("/deliveries?limit=2&cursor="+page.str("next_cursor")).is(http.StatusOK).count("deliveries"))
	w.get("/deliveries?state=lost&cursor=x").isProblem(http.StatusBadRequest, "invalid_request").names("state")
}

func TestTrunks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	input := func(label string, isDefault bool) map[string]any {
		return map[string]any{"label": label, "livekit_trunk_id": "ST_1", "prefix": "0091", "default_did": "09999999999", "default": isDefault, "enabled": true}
	}
	first := w.post("/trunks", input("Mumbai", false)).is(http.StatusCreated)
	require.Equal(t, true, first.at("default"), "the first is the default")
	require.Equal(t, "+919999999999", first.str("default_did"))
	second := w.post("/trunks", input("Delhi", true)).is(http.StatusCreated)
	ids := []string{first.str("trunk_id"), second.str("trunk_id")}
	w.do(http.MethodPut, "/trunks/"+ids[1], input("Delhi", false)).isProblem(http.StatusConflict, "conflict")
	w.do(http.MethodPut, "/trunks/"+ids[0], input("Bombay", true)).is(http.StatusOK)
	ordered := w.do(http.MethodPut, "/trunks/order", map[string]any{"trunk_ids": []string{ids[1], ids[0]}}).is(http.StatusOK)
	require.Equal(t, []any{"Delhi", false, "Bombay", true}, []any{ordered.at("trunks.0.label"), ordered.at("trunks.0.default"), ordered.at("trunks.1.label"), ordered.at("trunks.1.default")})
	w.do(http.MethodPut, "/trunks/order", map[string]any{"trunk_ids": []string{"nobody"}}).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodPut, "/trunks/order", map[string]any{"trunk_ids": []string{"x", "x"}}).isProblem(http.StatusBadRequest, "invalid_request").names("trunk_ids")
	w.do(http.MethodPut, "/trunks/nobody", input("x", false)).isProblem(http.StatusNotFound, "not_found")

	bad := input(" ", false)
	bad["prefix"], bad["default_did"], bad["enabled"] = "9@evil", "12", "yes"
	w.post("/trunks", bad).isProblem(http.StatusBadRequest, "invalid_request").names("label", "prefix", "enabled")
	bad = input("x", false)
	bad["default_did"] = "12"
	w.post("/trunks", bad).isProblem(http.StatusBadRequest, "invalid_request").names("default_did")

	used, err := b.store.Trunk(t.Context(), ids[1])
	require.NoError(t, err)
	b.liveCall(used)
	w.do(http.MethodDelete, "/trunks/"+ids[1], nil).isProblem(http.StatusConflict, "conflict")
	w.do(http.MethodDelete, "/trunks/"+ids[0], nil).is(http.StatusNoContent)
	require.Equal(t, true, w.get("/trunks").is(http.StatusOK).at("trunks.0.default"), "the one that is left is the default")
}

func TestLiveKitTrunks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleViewer)
	b.livekit.trunks = []livekit.TrunkInfo{{ID: "ST_1", Name: "Carrier", Address: "sip.example.com", Transport: "udp", HasAuth: true}}
	got := w.get("/trunks/livekit").is(http.StatusOK)
	require.JSONEq(t, `{"trunks":[{"livekit_trunk_id":"ST_1","name":"Carrier","address":"sip.example.com","transport":"udp","numbers":[],"has_auth":true}]}`, string(got.body))
	b.livekit.err = livekit.ErrUnreachable
	w.get("/trunks/livekit").isProblem(http.StatusServiceUnavailable, "livekit_unavailable")
}

func TestDialPreviewOfRoutesAndPermission(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleOperator)
	first, second := b.trunk("Mumbai"), b.trunk("Delhi")
	ask := func(more map[string]any) *answer {
		in := map[string]any{"customer_number": number}
		maps.Copy(in, more)
		return w.post("/dial-preview", in).is(http.StatusOK)
	}
	got := ask(nil)
	require.Nil(t, got.at("route"), "the default trunk, then the others")
	require.Equal(t, []string{first.ID, second.ID}, []string{got.str("attempts.0.trunk_id"), got.str("attempts.1.trunk_id")})
	require.Equal(t, true, got.at("permission.allowed"))

	route := routeThrough(second.ID)
	route["match"].(map[string]any)["number"] = number[:2] + "*"
	route["match"].(map[string]any)["agent_prefix"] = "sales-"
	route["caller_id"] = map[string]any{"mode": "fixed", "days": 0, "dids": []any{map[string]any{"number": "+911400000001", "series": "140"}, map[string]any{"number": "+911600000001", "series": "1600"}}}
	id := w.post("/routes", route).is(http.StatusCreated).str("route_id")
	require.Nil(t, ask(nil).at("route"), "no agent of the group calls")
	got = ask(map[string]any{"agent_id": "sales-7"})
	require.Equal(t, id, got.str("route.route_id"))
	require.Equal(t, 1, got.count("attempts"))
	dialed, err := call.DialedString(second.Prefix, number)
	require.NoError(t, err)
	require.Equal(t, []string{second.ID, dialed, "+911600000001"}, []string{got.str("attempts.0.trunk_id"), got.str("attempts.0.dialed"), got.str("attempts.0.did")})
	require.Equal(t, []any{false, true}, []any{got.at("trunks.0.picked"), got.at("trunks.1.picked")})
	require.Equal(t, "+911600000001", got.str("trunks.1.did"), "its card says the same")
	require.Equal(t, "+912233445566", got.str("trunks.0.did"), "the route has nothing to do with this trunk")
	require.Equal(t, "+911400000001", ask(map[string]any{"agent_id": "sales-7", "purpose": "promotional"}).str("attempts.0.did"))
	require.Equal(t, "+919999999999", ask(map[string]any{"agent_id": "sales-7", "did": "9999999999"}).str("attempts.0.did"), "the CRM's caller ID outranks the route's")

	w.do(http.MethodPut, "/permission", b.rulesInput()).is(http.StatusOK)
	night := ask(map[string]any{"purpose": "promotional", "at": "2026-11-30T18:00:00Z"})
	require.Equal(t, []any{false, "outside_calling_hours"}, []any{night.at("permission.allowed"), night.at("permission.refusal")})
	bad := w.post("/dial-preview", map[string]string{"customer_number": "12"}).is(http.StatusOK)
	require.Nil(t, bad.at("permission"))
	require.Equal(t, 0, bad.count("attempts"))
}

func TestDialPreview(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleViewer)
	require.Equal(t, 0, w.post("/dial-preview", map[string]string{"customer_number": number}).is(http.StatusOK).count("trunks"))
	first, second := b.trunk("Mumbai"), b.trunk("Delhi")
	second.Prefix = ""
	require.NoError(t, b.store.SaveTrunk(t.Context(), second))

	got := w.post("/dial-preview", map[string]string{"customer_number": number}).is(http.StatusOK)
	require.Equal(t, 2, got.count("trunks"))
	dialed, err := call.DialedString(first.Prefix, number)
	require.NoError(t, err)
	require.Equal(t, dialed, got.str("trunks.0.dialed"))
	require.Equal(t, "+912233445566", got.str("trunks.0.did"))
	require.Equal(t, []any{true, false}, []any{got.at("trunks.0.picked"), got.at("trunks.1.picked")})
	require.Equal(t, []string{"add_prefix", number, dialed}, []string{got.str("trunks.0.steps.1.rule"), got.str("trunks.0.steps.1.before"), got.str("trunks.0.steps.1.after")})
	require.Equal(t, number, got.str("trunks.1.dialed"))
	require.Equal(t, "+912233445566", got.str("trunks.1.did"))

	one := w.post("/dial-preview", map[string]string{"customer_number": number, "did": "9999999999", "trunk_id": second.ID}).is(http.StatusOK)
	require.Equal(t, 1, one.count("trunks"))
	require.Equal(t, "+919999999999", one.str("trunks.0.did"))

	bad := w.post("/dial-preview", map[string]string{"customer_number": "९५३", "did": "12", "trunk_id": first.ID}).is(http.StatusOK)
	require.Equal(t, call.ErrCustomerNumber.Error(), bad.str("problems.0.message"))
	require.Equal(t, "did", bad.str("problems.1.field"))
	require.Nil(t, bad.at("trunks.0.dialed"))
	require.Equal(t, false, bad.at("trunks.0.steps.0.ok"))
	unknown := w.post("/dial-preview", map[string]string{"customer_number": number, "trunk_id": "nobody"}).is(http.StatusOK)
	require.Equal(t, "trunk_id", unknown.str("problems.0.field"))
}
