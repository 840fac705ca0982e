package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

const (
	rowsFilled = 6000 // calls, a minute apart from begin on
	firstLive  = 5990
)

// fillings writes tables as they are after some days: nearly all calls ended and their webhooks were taken, and of each
// thing that somebody may look for there are few. What is in braces the two databases write differently.
var fillings = []struct{ table, columns, values, of string }{
	{
		"calls", `call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status, watch_every_us, created_at, accepted_at,
			ended_at, call_status, disconnect_reason, sip_disconnect_code, duration_seconds, ring_seconds, hangup_by`,
		`{call}, 'case-' || (i / 2), 'crm', CASE WHEN i % 400 = 0 THEN 'agent-rare' ELSE 'agent-' || (i % 7) END, CAST(9000000000 + i AS TEXT), '',
			CASE WHEN i % 400 = 0 THEN 'trk_rare' ELSE 'trk_busy' END, 'ended', 1000000, {at}, {at}, {at},
			CASE WHEN i % 400 = 0 THEN 'FAILED' WHEN i % 3 = 0 THEN 'NOT_ANSWERED' ELSE 'ANSWERED' END,
			CASE WHEN i % 400 = 0 THEN 'trunk_rejected' WHEN i % 3 = 0 THEN 'busy' ELSE 'customer_hangup' END,
			CASE WHEN i % 400 = 0 THEN 503 WHEN i % 3 = 0 THEN 486 END, 9, 3, 'customer'`, "i < 5990",
	},
	{
		"calls", `call_id, case_id, customer_crm_id, agent_id, customer_number, did, trunk_id, status, watch_every_us, created_at, accepted_at`,
		`{call}, 'case-live', 'crm', 'agent-1', '9000000000', '', 'trk_busy', 'created', 1000000, {at}, CASE WHEN i < 5995 THEN {at} END`,
		"i >= 5990",
	},
	{"call_timeline", `call_id, n, at, source, name, detail`, `{call}, 1, {at}, 'timer', 'ended', ''`, "i < 5990"},
	{
		"deliveries", `event_id, call_id, endpoint_id, body, state, automatic_attempts, replay_attempts, probe_attempts, schedule_from, created_at,
			dead_run, last_status, last_error, last_class`,
		`{event}, {call}, CASE WHEN i % 20 IN (3, 5) THEN 'ep_rare' ELSE 'ep_busy' END, {bytes},
			CASE WHEN i % 20 = 3 AND i >= 3000 THEN 'parked' WHEN i % 20 = 4 THEN 'dead' WHEN i % 400 = 2 THEN 'pending' ELSE 'delivered' END,
			1, 0, 0, 0, {at}, '', CASE WHEN i % 20 = 4 THEN 503 ELSE 200 END, '', CASE WHEN i % 20 = 4 THEN 'status' ELSE '' END`, "i < 5990",
	},
	{
		"delivery_attempts", `event_id, n, cause, replay_id, started_at, url, status, error_class, error, remote_addr, dns_us, connect_us, tls_us,
			first_byte_us, total_us, request_headers, response_headers, response_body, truncated, endpoint_id`,
		`{event}, 1, 'automatic', '', {at}, '', 200, '', '', '', 0, 0, 0, 0, 0, '{}', '{}', {bytes}, FALSE,
			CASE WHEN i % 20 IN (3, 5) THEN 'ep_rare' ELSE 'ep_busy' END`, "i < 5990",
	},
	{"idempotency_keys", `owner, key_hash, body_hash, call_id, created_at`, `'key_1', {bytes}, {bytes}, {call}, {at}`, "i > 0"},
	{"sessions", `token_hash, data, expires_at, ended`, `'token-' || i, {bytes}, {at}, FALSE`, "i > 0"},
	{
		"audit_log", `at, user_id, user_name, action, target, detail, address`,
		`{at}, 'usr_1', CASE WHEN i % 400 = 0 THEN 'rare' ELSE 'asha' END, CASE WHEN i % 400 = 0 THEN 'rare' ELSE 'login' END, '', '', ''`, "i > 0",
	},
	{
		"replays", `replay_id, state, selection, rate_per_second, total, succeeded, failed, skipped, created_by, created_at, finished_at,
			running_from, worker`,
		`'rpl_' || i, 'done', '{}', 1, 1, 1, 0, 0, 'asha', {at}, {at}, 0, ''`, "i < 300",
	},
	{"permission_rules", `version, document, saved_at, saved_by`, `i + 1, '{}', {at}, 'asha'`, "i < 300"},
	{"do_not_call_lists", `list_id, name, created_at`, `'dnc_' || i, 'list ' || i, {at}`, "i < 60"},
	{"do_not_call", `number_hash, list_id, reason, added_at`, `{bytes}, 'dnc_' || (i % 60), 'asked', {at}`, "i < 5990"},
	{"do_not_call_imports", `import_id, list_id, state, taken, refused, faults, started_at, updated_at, started_by`,
		`'imp_' || i, 'dnc_' || (i % 60), 'done', 1, 0, '[]', {at}, {at}, 'asha'`, "i < 3000"},
	{"dial_attempts", `call_id, attempt, trunk_id, mark, started_at, ended_at, released_at`,
		`{call}, 1, CASE WHEN i % 400 = 0 THEN 'trk_rare' ELSE 'trk_busy' END, 'mark', {at}, {at}, {at}`, "i < 5990"},
	{"dialed_numbers", `number_hash, call_id, dialed_at`, `{bytes}, {call}, {at}`, "i < 5990"},
	{"replay_items", `replay_id, n, event_id, was, result`, `'rpl_' || (i / 20), i % 20, {event}, 'dead', CASE WHEN i % 2 = 0 THEN '' ELSE 'succeeded' END`, "i < 5990"},
}

// An id's letters have no 0, 1, 8 and 9.
const rowID = `'aaaaaaaaaaaaaaaaaaa' || replace(replace(replace(replace(CAST(1000000 + i AS TEXT), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd')`

func rowCall(i int) call.ID {
	return call.ID("c2c_aaaaaaaaaaaaaaaaaaa" + strings.NewReplacer("0", "a", "1", "b", "8", "c", "9", "d").Replace(fmt.Sprint(1000000+i)))
}

func minute(i int) time.Time {
	return begin.Truncate(time.Microsecond).Add(time.Duration(i) * time.Minute)
}

func fill(t *testing.T, s *store.Store) {
	t.Helper()
	for _, id := range []string{"trk_busy", "trk_rare"} {
		require.NoError(t, s.SaveTrunk(t.Context(), call.Trunk{ID: id, Label: id, LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}))
		require.NoError(t, s.SaveEndpoint(t.Context(), someEndpoint(strings.Replace(id, "trk", "ep", 1))))
	}
	listens := someEndpoint("ep_listens")
	listens.EventTypes = []string{"*"}
	require.NoError(t, s.SaveEndpoint(t.Context(), listens))
	spell := map[string]string{
		"{at}": fmt.Sprintf("(%d + i * 60000000)", minute(0).UnixMicro()), "{bytes}": "CAST('k' || i AS BLOB)",
	}
	if s.Pool().DriverName() == "postgres" {
		spell["{at}"] = fmt.Sprintf("(CAST('%s' AS timestamptz) + i * interval '1 minute')", minute(0).Format(time.RFC3339Nano))
		spell["{bytes}"] = "convert_to('k' || i, 'UTF8')"
	}
	spelled := strings.NewReplacer("{call}", "'c2c_' || "+rowID, "{event}", "'evt_' || "+rowID, "{at}", spell["{at}"], "{bytes}", spell["{bytes}"])
	for _, f := range fillings {
		_, err := s.Pool().ExecContext(t.Context(), fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO %s (%s) SELECT %s FROM n WHERE %s`, rowsFilled-1, f.table, f.columns, spelled.Replace(f.values), f.of))
		require.NoError(t, err, f.table)
	}
}
