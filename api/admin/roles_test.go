package admin_test

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

// try is a request that does what its operation is for.
type try struct {
	role store.Role // the least that may; empty: needs no session
	path func(b *bench) string
	body func(b *bench) any
	acts bool // it changes something, so the audit log must grow
}

func fixed(path string) func(*bench) string { return func(*bench) string { return path } }
func sends(body any) func(*bench) any       { return func(*bench) any { return body } }

// tries has every operation of openapi.yaml. The roles are written down a second time here on purpose: whoever changes one
// in the document has to mean it.
func tries() map[string]try {
	trunkInput := map[string]any{"label": "Delhi", "livekit_trunk_id": "ST_x", "prefix": "9", "default_did": "9999999999", "default": false, "enabled": true}
	a, o, v := store.RoleAdmin, store.RoleOperator, store.RoleViewer
	ofUser := func(suffix string) func(*bench) string {
		return func(b *bench) string {
			b.users++
			return "/users/" + b.user(fmt.Sprintf("victim%d", b.users), v).ID + suffix
		}
	}
	ofTrunk := func(b *bench) string { b.trunk("first"); return "/trunks/" + b.trunk("second").ID }
	ofCall := func(suffix string) func(*bench) string {
		return func(b *bench) string { return "/calls/" + string(b.liveCall(b.trunk("t")).ID) + suffix }
	}
	ofEndpoint := func(suffix string) func(*bench) string {
		return func(b *bench) string { return "/endpoints/" + b.endpoint(nowhere).ID + suffix }
	}
	report := "?since=2026-11-01T00:00:00Z&until=2026-11-02T00:00:00Z"
	return map[string]try{
		"getOpenAPI":         {path: fixed("/openapi.yaml")},
		"logIn":              {path: fixed("/login"), body: sends(map[string]string{"name": "nobody", "password": "x"})},
		"logOut":             {v, fixed("/logout"), nil, true},
		"getMe":              {v, fixed("/me"), nil, false},
		"changePassword":     {v, fixed("/me/password"), sends(map[string]string{"current_password": password, "new_password": "another password"}), true},
		"listUsers":          {a, fixed("/users"), nil, false},
		"createUser":         {a, fixed("/users"), sends(map[string]string{"name": "new", "role": "viewer"}), true},
		"updateUser":         {a, ofUser(""), sends(map[string]string{"role": "operator"}), true},
		"deleteUser":         {a, ofUser(""), nil, true},
		"resetPassword":      {a, ofUser("/password"), nil, true},
		"listAPIKeys":        {a, fixed("/api-keys"), nil, false},
		"createAPIKey":       {a, fixed("/api-keys"), sends(map[string]string{"name": "crm"}), true},
		"getTrunkNumbers":    {v, fixed("/reports/trunks" + report + "&by=hour"), nil, false},
		"exportTrunkNumbers": {v, fixed("/reports/trunks.csv" + report + "&by=day"), nil, false},
		"updateAPIKey":       {a, keyPath, sends(map[string]string{"purpose": "promotional"}), true},
		"revokeAPIKey":       {a, keyPath, nil, true},
		"listAudit":          {a, fixed("/audit"), nil, false},
		"getOverview":        {v, fixed("/overview"), nil, false},
		"getLedger":          {v, fixed("/ledger"), nil, false},
		"releaseLedger": {o, func(b *bench) string {
			require.NoError(b.t, b.store.HoldLedger(b.t.Context(), time.Now(), 30, 90))
			return "/ledger/release"
		}, nil, true},
		"streamEvents":     {v, fixed("/events?tz=Nowhere"), nil, false}, // 400 instead of a stream without end
		"listCalls":        {v, fixed("/calls"), nil, false},
		"exportCalls":      {v, fixed("/calls.csv"), nil, false},
		"exportCallsSheet": {v, fixed("/calls.xlsx"), nil, false},
		"getCall":          {v, ofCall(""), nil, false},
		"hangUpCall":       {o, ofCall("/hangup"), nil, true},
		"revealNumber":     {o, ofCall("/reveal"), nil, true},
		"eraseCustomer":    {a, fixed("/customers/erase"), sends(map[string]string{"customer_number": number, "reason": "T-1"}), true},
		"placeTestCall":    {o, fixed("/test-calls"), sends(map[string]string{"customer_number": number}), true},
		"search":           {v, fixed("/search?q=abc"), nil, false},
		"listDeliveries":   {v, fixed("/deliveries"), nil, false},
		"getDelivery":      {v, deliveryPath, nil, false},
		"listEndpoints":    {v, func(b *bench) string { b.endpoint(nowhere); return "/endpoints" }, nil, false},
		"removeEndpoint": {a, func(b *bench) string {
			b.endpoint(nowhere)
			e, err := b.store.AddEndpoint(b.t.Context(), store.EndpointTarget{URL: new(nowhere), EventTypes: []string{"*"}})
			require.NoError(b.t, err)
			return "/endpoints/" + e.ID
		}, nil, true},
		"addEndpoint":            {a, fixed("/endpoints"), sends(map[string]string{"url": nowhere}), true},
		"changeEndpoint":         {a, ofEndpoint(""), sends(map[string]string{"url": nowhere, "api_key": "another"}), true},
		"rotateSecret":           {a, ofEndpoint("/secrets"), sends(map[string]int{"overlap_seconds": 3600}), true},
		"revokeSecret":           {a, secretPath, nil, true},
		"listTrials":             {v, ofEndpoint("/trials"), nil, false},
		"getEndpointAttempts":    {v, ofEndpoint("/attempts?hours=24&tz=Asia/Kolkata"), nil, false},
		"runTrial":               {o, ofEndpoint("/trials/outcome-busy"), nil, true},
		"listReceiverLinks":      {a, linkPath(false), nil, false},
		"addReceiverLink":        {a, linkPath(false), sends(map[string]any{"name": "Asha", "days": 7}), true},
		"revokeReceiverLink":     {a, linkPath(true), nil, true},
		"getReceiver":            {"receiver", fixed("/receiver"), nil, false},
		"listReceiverDeliveries": {"receiver", fixed("/receiver/deliveries"), nil, false},
		"getReceiverDelivery":    {"receiver", fixed("/receiver/deliveries/evt_none"), nil, false},
		"resendReceiverDelivery": {"receiver", fixed("/receiver/deliveries/evt_none/resend"), nil, true},
		"rotateReceiverSecret":   {"receiver", fixed("/receiver/secrets"), sends(map[string]int{"overlap_seconds": 3600}), true},
		"listReceiverTrials":     {"receiver", fixed("/receiver/trials"), nil, false},
		"runReceiverTrial":       {"receiver", fixed("/receiver/trials/outcome-busy"), nil, true},
		"previewReplay":          {v, fixed("/replays/preview"), replayBody(false), false},
		"createReplay":           {o, fixed("/replays"), replayBody(true), true},
		"listReplays":            {v, fixed("/replays"), nil, false},
		"getReplay":              {v, ofReplay(""), nil, false},
		"pauseReplay":            {o, ofReplay("/pause"), nil, true},
		"resumeReplay":           {o, ofReplay("/resume"), nil, true},
		"cancelReplay":           {o, ofReplay("/cancel"), nil, true},
		"getPermissionRules":     {v, fixed("/permission"), nil, false},
		"savePermissionRules":    {o, fixed("/permission"), func(b *bench) any { return b.rulesInput() }, true},
		"checkPermission":        {v, fixed("/permission/check"), sends(map[string]string{"customer_number": number}), false},
		"listDoNotCall":          {v, fixed("/do-not-call"), nil, false},
		"lookUpDoNotCall":        {v, fixed("/do-not-call/lookup"), sends(map[string]string{"customer_number": number}), false},
		"createDoNotCallList":    {o, fixed("/do-not-call"), func(*bench) any { return map[string]string{"name": rand.Text()} }, true},
		"deleteDoNotCallList":    {o, ofList(""), nil, true},
		"addDoNotCallNumbers":    {o, ofList("/numbers"), sends(map[string]any{"numbers": []string{number}}), true},
		"removeDoNotCallNumbers": {o, ofList("/removals"), sends(map[string]any{"numbers": []string{number}}), true},
		"importDoNotCall":        {o, ofList("/imports"), sends(csvFile(number + "\n")), true},
		"listRoutes":             {v, fixed("/routes"), nil, false},
		"listCallerIDs":          {v, fixed("/caller-ids"), nil, false},
		"createRoute":            {o, fixed("/routes"), routeInput, true},
		"updateRoute":            {o, ofRoute, routeInput, true},
		"deleteRoute":            {o, ofRoute, nil, true},
		"orderRoutes":            {o, fixed("/routes/order"), func(b *bench) any { return map[string]any{"route_ids": b.onlyRoute()} }, true},
		"listTrunks":             {v, fixed("/trunks"), nil, false},
		"listTrunkRecords":       {v, fixed("/trunks/records"), nil, false},
		"createTrunk":            {o, fixed("/trunks"), sends(trunkInput), true},
		"listLiveKitTrunks":      {v, fixed("/trunks/livekit"), nil, false},
		"orderTrunks":            {o, fixed("/trunks/order"), func(b *bench) any { return map[string]any{"trunk_ids": []string{b.trunk("x").ID}} }, true},
		"updateTrunk":            {o, ofTrunk, sends(trunkInput), true},
		"deleteTrunk":            {o, ofTrunk, nil, true},
		"previewDial":            {v, fixed("/dial-preview"), sends(map[string]string{"customer_number": number}), false},
		"getSettings":            {v, fixed("/settings"), nil, false},
		"updateSettings":         {a, fixed("/settings"), func(b *bench) any { return b.settingsInput() }, true},
		"checkLiveKit":           {a, fixed("/settings/check-livekit"), sends(map[string]string{"url": "wss://x.example.com", "api_key": "k", "api_secret": "its own"}), true},
		"listSettingsHistory":    {v, fixed("/settings/history"), nil, false},
		"getReport":              {v, fixed("/reports" + report), nil, false},
		"exportReport":           {v, fixed("/reports.csv" + report + "&group=day"), nil, false},
	}
}

func keyPath(b *bench) string {
	k, err := b.store.AddAPIKey(b.t.Context(), "crm", "a key of a CRM "+rand.Text())
	require.NoError(b.t, err)
	return "/api-keys/" + k.ID
}

// ofList is a path of a fresh do-not-call list.
func ofList(suffix string) func(*bench) string {
	return func(b *bench) string {
		l, err := b.store.AddDoNotCallList(b.t.Context(), rand.Text())
		require.NoError(b.t, err)
		return "/do-not-call/" + l.ID + suffix
	}
}

func secretPath(b *bench) string {
	e := b.endpoint(nowhere)
	_, err := b.store.RotateSecret(b.t.Context(), e.ID, time.Hour)
	require.NoError(b.t, err)
	return "/endpoints/" + e.ID + "/secrets/" + e.Secrets[0].ID()
}

// ofReplay is the path of a fresh replay.
func ofReplay(suffix string) func(*bench) string {
	return func(b *bench) string { return "/replays/" + b.replay().ID + suffix }
}

// replayBody selects a fresh outcome.
func replayBody(withRate bool) func(*bench) any {
	return func(b *bench) any {
		in := map[string]any{"selection": map[string]any{"event_ids": []string{b.endedCall(b.trunk("t"), call.FromSIPCode(486)).ID.EventID()}}}
		if withRate {
			in["rate_per_second"] = 20
		}
		return in
	}
}

func deliveryPath(b *bench) string {
	return "/deliveries/" + b.endedCall(b.trunk("t"), call.FromSIPCode(486)).ID.EventID()
}

// TestEveryOperationForEveryRole walks openapi.yaml.
func TestEveryOperationForEveryRole(t *testing.T) {
	t.Parallel()
	for _, role := range []store.Role{"", store.RoleViewer, store.RoleOperator, store.RoleAdmin} {
		t.Run(cmp.Or(string(role), "nobody"), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			known := tries()
			for path, item := range b.contract.doc.Paths.Map() {
				for method, op := range item.Operations() {
					s, ok := known[op.OperationID]
					require.True(t, ok, "%s %s has no try in this test", method, path)
					on := b
					if op.OperationID == "addEndpoint" { // there is at most one, and other operations need one
						on = newBench(t)
					}
					on.tryAs(role, method, op.OperationID, s)
				}
			}
		})
	}
}

// tryAs makes an operation's request in a session of its own, and looks whether it was done exactly if it may be.
func (b *bench) tryAs(role store.Role, method, id string, s try) {
	t, rank := b.t, map[store.Role]int{"": 0, store.RoleViewer: 1, store.RoleOperator: 2, store.RoleAdmin: 3, "receiver": 4}
	w := b.browser("198.51.100.7")
	if role != "" {
		w = b.as(role)
	}
	var body any
	if s.body != nil {
		body = s.body(b)
	}
	path := s.path(b)
	audited, hungUp, told, asked := len(b.audited()), len(b.workflows.hungUp), len(b.workflows.told), len(b.livekit.asked)
	got := w.do(method, path, body)
	grew := len(b.audited()) > audited
	if rank[role] >= rank[s.role] {
		if id != "logIn" {
			require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, got.status, id+": "+string(got.body))
			require.Less(t, got.status, 500, id+": "+string(got.body))
		}
		if s.acts {
			require.Less(t, got.status, 300, id+": "+string(got.body))
			require.True(t, grew, "%s must be in the audit log", id)
		}
		return
	}
	if role == "" {
		got.isProblem(http.StatusUnauthorized, "no_session")
	} else {
		got.isProblem(http.StatusForbidden, "forbidden")
	}
	require.False(t, grew, "%s was done", id)
	require.Len(t, b.workflows.hungUp, hungUp, id)
	require.Len(t, b.workflows.told, told, id)
	require.Len(t, b.livekit.asked, asked, id)
	if rank[role] < rank[store.RoleOperator] {
		require.Empty(t, b.testCalls.placed)
	}
}

// TestEveryChangeIsAnAct makes sure that the walk above looks for an audit entry wherever something may change.
func TestEveryChangeIsAnAct(t *testing.T) {
	t.Parallel()
	harmless := map[string]bool{"logIn": true, "previewDial": true, "checkPermission": true, "lookUpDoNotCall": true, "previewReplay": true}
	for _, item := range readContract(t).doc.Paths.Map() {
		for method, op := range item.Operations() {
			if method != http.MethodGet && !harmless[op.OperationID] {
				require.True(t, tries()[op.OperationID].acts, op.OperationID)
			}
		}
	}
}

// TestNothingLeaks reads everything that can be read, as an admin, and looks for what must never leave.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, token := b.link(b.endpoint(nowhere).ID)
	w := b.as(store.RoleAdmin).withToken(token)
	trunk := b.trunk("Mumbai")
	ended := b.endedCall(trunk, call.FromSIPCode(486))
	b.liveCall(trunk)
	require.NoError(t, b.store.SaveAttempt(t.Context(), store.Attempt{
		EventID: ended.ID.EventID(), N: 1, Trigger: store.TriggerAutomatic, StartedAt: ended.CreatedAt, URL: "https://crm.example.com", Status: 500,
		ErrorClass: "status", Error: "no case for " + number, ResponseBody: []byte(`{"echo":"` + number + `"}`),
		RequestHeaders: map[string][]string{"X-About": {number}}, ResponseHeaders: map[string][]string{"X-Echo": {number}},
	}))
	hash, err := cheapHash()
	require.NoError(t, err)
	paths := []string{"/calls/" + string(ended.ID), "/deliveries/" + ended.ID.EventID(), "/receiver/deliveries/" + ended.ID.EventID(), "/search?q=1797", "/search?q=case-1"}
	for id, s := range tries() {
		if id == "getReceiverDelivery" { // of the link's endpoint: above
			continue
		}
		if strings.HasPrefix(id, "list") || strings.HasPrefix(id, "get") || strings.HasPrefix(id, "export") {
			paths = append(paths, s.path(b))
		}
	}
	for _, path := range paths {
		got := w.get(path).is(http.StatusOK)
		for _, hidden := range []string{number, secret, hash, "argon2id", "a key of a CRM", outboundKey, "whsec_", token} {
			require.NotContains(t, string(got.body), hidden, path)
		}
	}
	require.NotContains(t, b.log.String(), number)
	require.NotContains(t, b.log.String(), password)
}

// TestBadBodies sends to every operation with a body what is none.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, token := b.link(b.endpoint(nowhere).ID)
	w := b.as(store.RoleAdmin).withToken(token)
	known := tries()
	for _, item := range readContract(t).doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil || op.RequestBody.Value.Content["application/json"] == nil {
				continue
			}
			path := known[op.OperationID].path(b)
			before := len(b.audited())
			w.do(method, path, "{").isProblem(http.StatusBadRequest, "invalid_body")
			w.do(method, path, `{"a":1,"a":2}`).isProblem(http.StatusBadRequest, "invalid_body")
			w.do(method, path, "{} {}").isProblem(http.StatusBadRequest, "invalid_body")
			w.do(method, path, "\"\xff\"").isProblem(http.StatusBadRequest, "invalid_body")
			for _, body := range []string{"null", "[]", "7", "{}"} {
				w.do(method, path, body).isProblem(http.StatusBadRequest, "invalid_request")
			}
			w.do(method, path, strings.Repeat(" ", 257<<10)).isProblem(http.StatusRequestEntityTooLarge, "body_too_large")
			w.do(method, path, "a=b", "Content-Type", "application/x-www-form-urlencoded").isProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
			w.do(method, path, "{}", "Content-Type", "application/json; charset=latin1").isProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
			unknown := w.do(method, path, `{"surprise": 1}`).isProblem(http.StatusBadRequest, "invalid_request")
			require.Contains(t, string(unknown.body), `"surprise"`, "the unknown field is named")
			w.do(method, path+"?surprise=1", known[op.OperationID].body(b)).isProblem(http.StatusBadRequest, "invalid_request").names("surprise")
			require.Len(t, b.audited(), before, op.OperationID)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	w.get("/nothing").isProblem(http.StatusNotFound, "not_found")
	w.get("").isProblem(http.StatusNotFound, "not_found")
	require.Equal(t, []string{"GET", "POST"}, w.do(http.MethodPatch, "/users", nil).isProblem(http.StatusMethodNotAllowed, "method_not_allowed").header.Values("Allow"))
	w.get("/calls/c2c_short").isProblem(http.StatusNotFound, "call_not_found")
	w.get("/calls/"+string(call.NewID())).isProblem(http.StatusNotFound, "call_not_found")
	w.get("/deliveries/evt_x").isProblem(http.StatusNotFound, "not_found")
	w.get("/replays/rpl_x").isProblem(http.StatusNotFound, "not_found")
	w.post("/replays/rpl_x/pause", nil).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodDelete, "/users/nobody", nil).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodDelete, "/api-keys/none", nil).isProblem(http.StatusNotFound, "not_found")
	for _, path := range []string{"/endpoints/none/trials", "/endpoints/none/secrets", "/endpoints/none/trials/duplicate"} {
		method := http.MethodPost
		if strings.HasSuffix(path, "/trials") {
			method = http.MethodGet
		}
		w.do(method, path, nil).isProblem(http.StatusNotFound, "not_found")
	}
	w.do(http.MethodDelete, "/endpoints/none/secrets/none", nil).isProblem(http.StatusNotFound, "not_found")
	w.do(http.MethodDelete, "/trunks/none", nil).isProblem(http.StatusNotFound, "not_found")
}
