package sample_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/lab/sample"
)

// migrated is a database that the product itself has prepared.
func migrated(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "click2call.db")
	cmd := exec.Command("go", "run", "./cmd/click2call", "migrate")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "DATABASE_URL=sqlite:"+file, "CLICK2CALL_SECRET_KEY=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"SIP_TRUNK_ID=ST_x", "SIP_TRUNK_DID=+919999999999", "CRM_WEBHOOK_URL=https://crm.example.com/hook", "CRM_WEBHOOK_API_KEY=k")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return file
}

// TestFill: the rows fit the tables as the migrations leave them, and hold together as the product's own do.
func TestFill(t *testing.T) {
	t.Parallel()
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	file := migrated(t)
	options := sample.Options{Database: file, Calls: 1200, Seed: 1, Until: time.Date(2026, 11, 20, 15, 30, 0, 0, kolkata), Zone: kolkata}
	require.NoError(t, sample.Fill(t.Context(), options))
	db, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	count := func(query string) (n int) {
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n), query)
		return n
	}
	require.EqualValues(t, 1795168800, options.Until.Unix())
	require.InDelta(t, 1200, count(`SELECT count(*) FROM calls`), 30)
	require.Equal(t, count(`SELECT count(*) FROM calls`), count(`SELECT count(*) FROM deliveries`))
	for name, query := range map[string]string{
		"an answer is within the call":            `SELECT count(*) FROM calls WHERE answered_at NOT BETWEEN connected_at AND ended_at`,
		"the talk is what lies between":           `SELECT count(*) FROM calls WHERE answered_at IS NOT NULL AND duration_seconds <> (ended_at - answered_at) / 1000000`,
		"only the answered ones talked":           `SELECT count(*) FROM calls WHERE (call_status = 'ANSWERED') <> (answered_at IS NOT NULL)`,
		"delivered ones have an attempt that was": `SELECT count(*) FROM deliveries d WHERE state = 'delivered' AND NOT EXISTS (SELECT 1 FROM delivery_attempts a WHERE a.event_id = d.event_id AND a.status = 200)`,
		"attempts are counted":                    `SELECT count(*) FROM deliveries d WHERE automatic_attempts <> (SELECT count(*) FROM delivery_attempts a WHERE a.event_id = d.event_id)`,
		"all are over":                            `SELECT count(*) FROM calls WHERE ended_at > 1795168800000000`,
		"nobody calls on Sunday":                  `SELECT count(*) FROM calls WHERE strftime('%w', created_at / 1000000 + 19800, 'unixepoch') = '0'`,
	} {
		require.Zero(t, count(query), name)
	}
	for _, some := range []string{"call_status = 'FAILED'", "disconnect_reason = 'busy'", "sip_disconnect_code = 503"} {
		require.Positive(t, count(`SELECT count(*) FROM calls WHERE `+some), some)
	}
	for _, state := range []string{"delivered", "pending", "dead"} {
		require.Positive(t, count(`SELECT count(*) FROM deliveries WHERE state = '`+state+`'`), state)
	}
	var body []byte
	require.NoError(t, db.QueryRowContext(t.Context(), `SELECT body FROM deliveries LIMIT 1`).Scan(&body))
	require.True(t, json.Valid(body))

	again := options
	again.Database = migrated(t)
	require.NoError(t, sample.Fill(t.Context(), again))
	other, err := sql.Open("sqlite", again.Database)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, other.Close()) })
	const digest = `SELECT count(*) || ' ' || sum(created_at % 1000003) || ' ' || sum(duration_seconds) || ' ' || max(call_id) FROM calls`
	var first, second string
	require.NoError(t, db.QueryRowContext(t.Context(), digest).Scan(&first))
	require.NoError(t, other.QueryRowContext(t.Context(), digest).Scan(&second))
	require.Equal(t, first, second, "a seed makes one month")
}
