package main

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
	"github.com/click2call/click2call/store/storetest"
)

const customer = "9530251797"

// office is a database with outcomes, and the program's environment with it. Temporal is away.
type office struct {
	t           *testing.T
	store       *store.Store
	environment []string
	address     string // of the played Temporal
}

func newOffice(t *testing.T) *office {
	t.Helper()
	url, key := storetest.EmptySQLiteURL(t), storetest.Key()
	environment := []string{"DATABASE_URL=" + url, "CLICK2CALL_SECRET_KEY=" + hex.EncodeToString(key[:]), "TEMPORAL_ADDRESS=127.0.0.1:1"}
	code, _, stderr := exitCode(t, program(t, environment, "migrate"))
	require.Zero(t, code, stderr)
	return &office{t: t, store: storetest.Open(t, url), environment: environment}
}

// dead makes a dead delivery whose receiver answered with the customer's number and a terminal's control characters.
func (o *office) dead() (event string) {
	o.t.Helper()
	ctx := o.t.Context()
	trunk := call.Trunk{ID: store.NewTrunkID(), Label: "main", LiveKitTrunkID: "ST_1", DefaultDID: "+912233445566", Enabled: true}
	require.NoError(o.t, o.store.SaveTrunk(ctx, trunk))
	c := call.Call{ID: call.NewID(), CaseID: "case-7", AgentID: "agent", CustomerNumber: customer, DID: "+912233445566",
		TrunkID: trunk.ID, Status: call.StatusCreated, CreatedAt: time.Now()}
	require.NoError(o.t, o.store.InsertCall(ctx, c, call.DefaultKnobs()))
	require.NoError(o.t, o.store.AcceptCall(ctx, c.ID, c.CreatedAt))
	outcome := call.FromSIPCode(486)
	outcome.EndedAt = time.Now()
	body, err := call.NewPayload(c, outcome)
	require.NoError(o.t, err)
	_, err = o.store.RecordOutcome(ctx, c.ID, outcome, nil, nil, body)
	require.NoError(o.t, err)
	require.NoError(o.t, o.store.SaveAttempt(ctx, store.Attempt{
		EventID: c.ID.EventID(), N: 1, Trigger: store.TriggerAutomatic, Run: "run", StartedAt: time.Now(), URL: "https://crm.example.com", Status: 500,
		ErrorClass: "status", Error: "answered 500: no case for " + customer + "\x1b[31m", ResponseBody: []byte(customer),
		RequestHeaders: map[string][]string{"X-Number": {customer}}, ResponseHeaders: map[string][]string{"X-Number": {customer}},
	}))
	return c.ID.EventID()
}

// run runs `click2call deliveries …`. No answer of it may hold a number or a control character.
func (o *office) run(args ...string) (code int, stdout, stderr string) {
	o.t.Helper()
	code, stdout, stderr = exitCode(o.t, program(o.t, o.environment, append([]string{"deliveries"}, args...)...))
	require.NotContains(o.t, stdout+stderr, customer)
	require.NotContains(o.t, stdout+stderr, "\x1b")
	return code, stdout, stderr
}

// ok runs what must go well.
func (o *office) ok(args ...string) string {
	o.t.Helper()
	code, stdout, stderr := o.run(args...)
	require.Zero(o.t, code, stderr)
	return stdout
}

// fails runs what must not, and returns what it said.
func (o *office) fails(args ...string) string {
	o.t.Helper()
	code, _, stderr := o.run(args...)
	require.Equal(o.t, 1, code, stderr)
	require.True(o.t, strings.HasPrefix(stderr, "click2call: "), stderr)
	return stderr
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

func TestDeliveriesList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.Equal(t, "No delivery matches.\n", o.ok("list"))
	first, second := o.dead(), o.dead()
	table := o.ok("list")
	require.Less(t, strings.Index(table, second), strings.Index(table, first), "newest first")
	for _, text := range []string{"failed for good", "95302•••97", "case-7", "NOT_ANSWERED", "answered 500"} {
		require.Contains(t, table, text)
	}
	require.Contains(t, o.ok("list", "--limit", "1"), "There are more")
	got := decode[struct {
		Deliveries []listed
		More       bool
	}](t, o.ok("list", "--json", "--state", "dead,parked", "--call-status", "NOT_ANSWERED", "--since", "1h"))
	require.Len(t, got.Deliveries, 2)
	require.False(t, got.More)
	require.Equal(t, second, got.Deliveries[0].EventID)
	require.Equal(t, 500, got.Deliveries[0].LastStatus)
	require.Equal(t, "No delivery matches.\n", o.ok("list", "--until", "1h"))
	require.Contains(t, o.fails("list", "--state", "lost"), "give one of pending, parked, dead, delivered")
	require.Contains(t, o.fails("list", "--call-status", "busy"), "ANSWERED")
	require.Contains(t, o.fails("list", "--since", "yesterday"), "such as 36h")
	require.Contains(t, o.fails("list", "--limit", "0"), "--limit must be 1 to 10000")
}

func TestDeliveriesShow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	event := o.dead()
	for _, id := range []string{event, "c2c_" + strings.TrimPrefix(event, "evt_")} {
		text := o.ok("show", id)
		for _, part := range []string{event, "automatic 1", "500", "95302•••97"} {
			require.Contains(t, text, part)
		}
		got := decode[shown](t, o.ok("show", id, "--json"))
		require.Equal(t, "95302•••97", got.Attempts[0].ResponseBody)
		require.Equal(t, []string{"95302•••97"}, got.Attempts[0].RequestHeaders["X-Number"])
	}
	require.Contains(t, o.fails("show", "evt_none"), "check its spelling")
	require.Contains(t, o.fails("show"), "accepts 1 arg")
}

func TestDeliveriesReplay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	event := o.dead()
	o.dead()
	require.Contains(t, o.ok("replay", "--state", "dead", "--dry-run"), "2 deliveries: 2 failed for good.")
	preview := decode[map[string]any](t, o.ok("replay", event, "--dry-run", "--json"))
	require.EqualValues(t, 1, preview["count"])
	require.Equal(t, "No delivery matches.\n", o.ok("replay", "--state", "parked", "--yes"))
	for hint, args := range map[string][]string{
		"name event ids, or choose": {},
		"not both":                  {event, "--state", "dead"},
		"check its spelling":        {"evt_none", "--yes"},
		"--rate must be 1 to 200":   {event, "--rate", "201"},
		"add --yes":                 {event},
		"unknown flag":              {event, "--force"},
	} {
		require.Contains(t, o.fails(append([]string{"replay"}, args...)...), hint)
	}
	require.Contains(t, o.fails("replay", event, "--yes"), "Temporal did not answer: check TEMPORAL_ADDRESS")
	require.Contains(t, o.fails("watch"), "the replay was cancelled; 1 deliveries were not sent", "it must not begin by itself later")
}

func TestDeliveriesWatch(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	require.Contains(t, o.fails("watch"), "there has been no replay")
	require.Contains(t, o.fails("watch", "rpl_none"), "there is no such replay")
	require.Contains(t, o.fails("pause", "rpl_none"), "there is no such replay")
	r, err := o.store.CreateReplay(t.Context(), store.NewReplay{
		Selection: store.ReplaySelection{EventIDs: []string{o.dead(), o.dead()}}, RatePerSecond: 20, CreatedBy: "asha",
	})
	require.NoError(t, err)
	require.Contains(t, o.fails("pause", r.ID), "paused in the database, but its workflow did not hear of it")
	paused, err := o.store.Replay(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, store.ReplayPaused, paused.State)
	log, err := o.store.AuditLog(t.Context(), store.AuditFilter{Action: "replay_paused"})
	require.NoError(t, err)
	require.Len(t, log.Entries, 1)
	require.Contains(t, log.Entries[0].UserName, "command line")

	for n := range 2 {
		require.NoError(t, o.store.SaveReplayItem(t.Context(), r.ID, n+1, store.ReplaySucceeded))
	}
	_, err = o.store.SteerReplay(t.Context(), r.ID, store.ReplayRunning)
	require.NoError(t, err)
	_, err = o.store.FinishReplay(t.Context(), r.ID)
	require.NoError(t, err)
	require.Equal(t, r.ID+" done: 2 of 2 sent, 2 succeeded, 0 failed, 0 skipped, 0 left\n", o.ok("watch"))
	got := decode[map[string]any](t, o.ok("watch", r.ID, "--json"))
	require.Equal(t, "done", got["state"])
	require.EqualValues(t, 2, got["succeeded"])
	require.Contains(t, o.fails("cancel", r.ID), "the replay is done")
}

func TestDeliveriesNeedADatabase(t *testing.T) {
	t.Parallel()
	cmd := program(t, []string{"DATABASE_URL=sqlite:none.db"}, "deliveries", "list")
	code, _, stderr := exitCode(t, cmd)
	require.Equal(t, 2, code)
	require.Contains(t, stderr, "DATABASE_URL: there is no database at none.db")
	require.NoFileExists(t, cmd.Dir+"/none.db")
}

func TestConfirmed(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "Yes \n": true, "y": true, "\n": false, "n\n": false, "": false, "yep\n": false} {
		var out strings.Builder
		got, err := confirmed(t.Context(), strings.NewReader(answer), &out)
		require.NoError(t, err)
		require.Equal(t, want, got, "%q", answer)
		require.Contains(t, out.String(), "[y/N]")
	}
}

// TestBar draws a bar to its end, and one that is left behind.
func TestBar(t *testing.T) {
	t.Parallel()
	for _, left := range []int{0, 1} {
		var out strings.Builder
		bar := &barView{w: &out}
		require.NoError(t, bar.close(), "nothing was drawn yet")
		bar.show(store.Replay{ID: "rpl_1", State: store.ReplayRunning, Total: 4, Succeeded: 1})
		bar.show(store.Replay{ID: "rpl_1", State: store.ReplayPaused, Total: 4, Succeeded: 3 - left, Failed: 1})
		require.NoError(t, bar.close())
		require.Contains(t, out.String(), "paused")
	}
}
