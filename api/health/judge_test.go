package health_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/health"
	"github.com/click2call/click2call/call"
	"github.com/click2call/click2call/store"
)

var (
	now   = time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	since = now.Add(-10 * time.Minute)
)

// well is an installation with nothing wrong: two trunks that work, one that is switched off.
func well() health.Facts {
	return health.Facts{
		At: now,
		Trunks: []health.Trunk{
			{Trunk: call.Trunk{ID: "trk_a", Label: "Mumbai", LiveKitTrunkID: "ST_a", Default: true, Enabled: true}, TrunkRecord: store.TrunkRecord{Dialed: 20, Failed: 2, FailingSince: since}},
			{Trunk: call.Trunk{ID: "trk_b", Label: "Delhi", Enabled: true}},
			{Trunk: call.Trunk{ID: "trk_c", Label: "Pune"}},
		},
		Endpoints: []health.Endpoint{{ID: "ep_1", Host: "crm.example.com"}},
		Ledger:    health.Ledger{Known: true, Balanced: true, CheckedAt: now.Add(-time.Minute)},
		Workers:   health.Workers{Known: true, Polling: 2},
	}
}

func TestAllIsWell(t *testing.T) {
	t.Parallel()
	r := health.Judge(well())
	require.Equal(t, health.OK, r.State)
	var names []string
	for _, p := range r.Parts {
		names = append(names, p.Name+" "+string(p.State))
		require.Empty(t, p.What+p.Means, p.Name)
		require.Nil(t, p.Since, p.Name)
		require.Nil(t, p.Action, p.Name)
	}
	require.Equal(t, []string{
		"LiveKit ok", "LiveKit SIP ok", "Temporal ok", "Database ok", "Trunk Mumbai ok", "Webhook crm.example.com ok", "Ledger ok", "Workers ok",
		"Trunk Delhi idle", "Trunk Pune disabled",
	}, names)
}

// TestEachPartBroken: one part is broken, and the first of the report says so.
func TestEachPartBroken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		broken func(f *health.Facts)
		whole  health.State
		part   health.Kind
		id     string
		state  health.PartState
		since  time.Time
		what   string
		means  string
		action string // kind and target
	}{
		{
			"LiveKit", func(f *health.Facts) { f.LiveKit = health.Answer{Failed: true, Since: since} },
			health.Down, health.KindLiveKit, "", health.Failing, since, "LiveKit does not answer, or refuses the key", "New calls are refused", "open_settings ",
		},
		{
			"Temporal", func(f *health.Facts) { f.Temporal = health.Answer{Failed: true, Since: since} },
			health.Down, health.KindTemporal, "", health.Failing, since, "Temporal does not answer", "New calls are refused", "",
		},
		{
			"store", func(f *health.Facts) { f.Store = health.Answer{Failed: true, Since: since} },
			health.Down, health.KindStore, "", health.Failing, since, "The database does not answer", "their outcomes wait", "",
		},
		{
			"the default trunk", func(f *health.Facts) { f.Trunks[0].Failed = 14 },
			health.Degraded, health.KindTrunk, "trk_a", health.Failing, since, "14 of its last 20 dials failed.", "New calls leave by it", "make_default trk_b",
		},
		{
			"a trunk that fails less than half of its dials", func(f *health.Facts) { f.Trunks[0].Failed = 9 },
			health.OK, health.KindLiveKit, "", health.Working, time.Time{}, "", "", "",
		},
		{
			"the only trunk", func(f *health.Facts) { f.Trunks = f.Trunks[:1]; f.Trunks[0].Failed = 20 },
			health.Degraded, health.KindTrunk, "trk_a", health.Failing, since, "20 of its last 20", "no other trunk that works", "see_calls call_status=FAILED&trunk_id=trk_a",
		},
		{
			"a trunk that is not used", func(f *health.Facts) { f.Trunks[1].TrunkRecord = store.TrunkRecord{Dialed: 4, Failed: 3} },
			health.Degraded, health.KindTrunk, "trk_b", health.Failing, time.Time{}, "3 of its last 4 dials failed.", "it is not the default", "see_calls call_status=FAILED&trunk_id=trk_b",
		},
		{
			"SIP service gone", func(f *health.Facts) {
				f.Faults = []store.DialFault{{Kind: store.FaultNoSIPService, Signs: 2, Since: since, SeenAt: now}}
			},
			health.Down, health.KindSIP, "", health.Failing, since, "No SIP service takes dials", "refused with no_trunk", "",
		},
		{
			"one sign of no SIP service", func(f *health.Facts) {
				f.Faults = []store.DialFault{{Kind: store.FaultNoSIPService, Signs: 1, Since: since, SeenAt: since}}
			},
			health.OK, health.KindLiveKit, "", health.Working, time.Time{}, "", "", "",
		},
		{
			"default trunk unknown to LiveKit", func(f *health.Facts) {
				f.Faults = []store.DialFault{{TrunkID: "trk_a", Kind: store.FaultTrunkUnknown, Signs: 2, Since: since, SeenAt: now}}
			},
			health.Down, health.KindTrunk, "trk_a", health.Failing, since, "LiveKit does not know its trunk ST_a", "refused with no_trunk", "make_default trk_b",
		},
		{
			"login refused on the other trunk", func(f *health.Facts) {
				f.Faults = []store.DialFault{{TrunkID: "trk_b", Kind: store.FaultTrunkLogin, Signs: 5, Since: since, SeenAt: now}}
			},
			health.Degraded, health.KindTrunk, "trk_b", health.Failing, since, "The carrier refuses its user name or password", "not the default", "open_trunk trk_b",
		},
		{
			"no trunk enabled", func(f *health.Facts) { f.Trunks = f.Trunks[2:] },
			health.Down, health.KindTrunk, "", health.Failing, time.Time{}, "No trunk is enabled.", "refused with no_trunk", "open_trunk ",
		},
		{
			"no trunk at all", func(f *health.Facts) { f.Trunks = nil },
			health.Down, health.KindTrunk, "", health.Failing, time.Time{}, "No trunk is enabled.", "refused with no_trunk", "open_trunk ",
		},
		{
			"webhook failing", func(f *health.Facts) {
				f.Waiting, f.Endpoints[0].Health = 3, store.EndpointHealth{Failures: 3, FailingSince: &since, Reason: "the receiver answered 503"}
			},
			health.Degraded, health.KindEndpoint, "ep_1", health.Failing, since, "It fails: the receiver answered 503.", "3 outcomes wait for a retry", "pause_endpoint ep_1",
		},
		{
			"one failed attempt", func(f *health.Facts) {
				f.Waiting, f.Endpoints[0].Health = 1, store.EndpointHealth{Failures: 1, FailingSince: &since}
			},
			health.OK, health.KindLiveKit, "", health.Working, time.Time{}, "", "", "",
		},
		{
			"breaker open", func(f *health.Facts) {
				f.Waiting, f.Endpoints[0].Health = 27, store.EndpointHealth{Failures: 10, FailingSince: &since, OpenedAt: &now, Reason: "the receiver answered 503"}
			},
			health.Degraded, health.KindEndpoint, "ep_1", health.Open, since, "the receiver answered 503.", "27 outcomes wait on hold", "see_deliveries state=waiting",
		},
		{
			"webhook paused", func(f *health.Facts) { f.Waiting, f.Endpoints[0].Paused = 1, true },
			health.Degraded, health.KindEndpoint, "ep_1", health.Paused, time.Time{}, "An operator paused it.", "1 outcome waits", "resume_endpoint ep_1",
		},
		{
			"deliveries failed for good", func(f *health.Facts) { f.Dead = 28 },
			health.Degraded, health.KindEndpoint, "ep_1", health.Failing, time.Time{}, "28 deliveries have failed for good.", "does not know", "replay_dead state=dead",
		},
		{
			"no URL, and outcomes wait", func(f *health.Facts) { f.Waiting, f.Endpoints = 2, nil },
			health.Degraded, health.KindEndpoint, "", health.Failing, time.Time{}, "No webhook URL is set.", "2 outcomes wait", "open_settings webhook",
		},
		{
			"ledger out of balance", func(f *health.Facts) { f.Ledger.Balanced = false },
			health.Degraded, health.KindLedger, "", health.Failing, time.Time{}, "does not add up", "may not be told", "",
		},
		{
			"ledger held", func(f *health.Facts) { f.Ledger.Held, f.Ledger.HeldSince = 200, since },
			health.Degraded, health.KindLedger, "", health.Failing, since, "200 calls seem to have lost their workflow", "not noticed to end", "",
		},
		{
			"ledger with what it cannot repair", func(f *health.Facts) { f.Ledger.Unresolved = 2 },
			health.Degraded, health.KindLedger, "", health.Failing, time.Time{}, "2 calls and deliveries could not be repaired.", "next check", "",
		},
		{
			"deliveries overdue", func(f *health.Facts) { f.Ledger.Overdue = 1 },
			health.Degraded, health.KindLedger, "", health.Failing, time.Time{}, "1 delivery is more than a minute late.", "late", "see_deliveries state=pending",
		},
		{
			"ledger not checked", func(f *health.Facts) { f.Ledger.CheckedAt = now.Add(-time.Hour) },
			health.Degraded, health.KindLedger, "", health.Failing, now.Add(-time.Hour), "has not been checked", "not repaired", "",
		},
		{
			"ledger unreadable", func(f *health.Facts) { f.Ledger = health.Ledger{} },
			health.Degraded, health.KindLedger, "", health.Unknown, time.Time{}, "cannot be read", "Calls go on", "",
		},
		{
			"no worker", func(f *health.Facts) { f.Workers.Polling = 0 },
			health.Down, health.KindWorker, "", health.Failing, time.Time{}, "No worker takes work", "refused", "",
		},
		{
			"workers behind", func(f *health.Facts) { f.Workers.Backlog = 42 * time.Second },
			health.Degraded, health.KindWorker, "", health.Failing, time.Time{}, "a task waits for 42s.", "Add a worker", "",
		},
		{
			"watch stopped", func(f *health.Facts) { f.Workers.WatchStopped = true },
			health.Degraded, health.KindWorker, "", health.Failing, time.Time{}, "periodic room check does not run", "noticed late", "",
		},
		{
			"watch late", func(f *health.Facts) { f.Workers.WatchLate = 95 * time.Second },
			health.Degraded, health.KindWorker, "", health.Failing, time.Time{}, "periodic room check is 1m35s late", "LIVEKIT_API_BUDGET", "",
		},
		{
			"watch a little late", func(f *health.Facts) { f.Workers.WatchLate = 30 * time.Second },
			health.OK, health.KindLiveKit, "", health.Working, time.Time{}, "", "", "",
		},
		{
			"nobody knows of workers", func(f *health.Facts) { f.Workers = health.Workers{} },
			health.Degraded, health.KindWorker, "", health.Unknown, time.Time{}, "does not say", "Calls go on", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := well()
			c.broken(&f)
			r := health.Judge(f)
			require.Equal(t, c.whole, r.State)
			p := r.Parts[0]
			require.Equal(t, []string{string(c.part), c.id, string(c.state)}, []string{string(p.Kind), p.ID, string(p.State)})
			require.Contains(t, p.What, c.what)
			require.Contains(t, p.Means, c.means)
			require.Equal(t, c.what == "", p.What == "")
			if c.since.IsZero() {
				require.Nil(t, p.Since)
			} else {
				require.Equal(t, c.since, *p.Since)
			}
			action := ""
			if p.Action != nil {
				action = string(p.Action.Kind) + " " + p.Action.Target
				require.NotEmpty(t, p.Action.Label)
			}
			require.Equal(t, c.action, action)
			for _, p := range r.Parts {
				require.Equal(t, p.What == "", p.Means == "", p.Name)
				require.False(t, strings.HasSuffix(p.What, ".."), p.What)
			}
		})
	}
}

// TestTheWorstIsFirst: what stops all calls stands before what fails, and that before what is held back.
func TestTheWorstIsFirst(t *testing.T) {
	t.Parallel()
	f := well()
	f.Trunks[0].Failed = 14
	f.Endpoints = []health.Endpoint{{ID: "ep_1", Host: "a", Paused: true}, {ID: "ep_2", Host: "b", Health: store.EndpointHealth{OpenedAt: &now, Failures: 10}}}
	f.Workers.Polling = 0
	r := health.Judge(f)
	require.Equal(t, health.Down, r.State)
	var worst []string
	for _, p := range r.Parts[:4] {
		worst = append(worst, p.Name)
	}
	require.Equal(t, []string{"Workers", "Trunk Mumbai", "Webhook b", "Webhook a"}, worst)
}
