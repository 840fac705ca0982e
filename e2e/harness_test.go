package e2e_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/click2call/click2call/lab/eventproxy"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

// mode is where the product looks for the end of a call first.
type mode string

// The modes, and what they are tested with: polling must need none of LiveKit's events, webhook must not need the
// rounds through the rooms (they come only every ten seconds).
const (
	polling mode = "polling"
	webhook mode = "webhook"
)

// bothModes runs a test in each mode, one after the other unless it calls t.Parallel.
func bothModes(t *testing.T, test func(t *testing.T, m mode)) {
	t.Helper()
	for _, m := range []mode{polling, webhook} {
		t.Run(string(m), func(t *testing.T) { test(t, m) })
	}
}

// setting says what kind of site to open. The zero value is nearly the product's defaults on SQLite, `serve` in one process,
// in polling mode with LiveKit's events passing.
type setting struct {
	mode     mode
	noEvents bool     // the proxy loses all of LiveKit's events
	env      []string // added to the product's environment: RING_TIMEOUT=10s
	postgres bool
	pair     bool // two LiveKit servers and two SIP services
	byHand   bool // no product process: start them with site.NewProduct, and tell site.Events where they listen

	via func(from, to, address string) string // see world.Options
}

// site is a world of its own with one product in it: LiveKit's events come through Events, and calls are placed with
// call. It closes with its test. When that failed, the logs of all processes stay in .lab/e2e.
type site struct {
	*world.World
	Events   *eventproxy.Proxy
	Temporal client.Client
	Ports    servers.Ports
	mode     mode

	mu    sync.Mutex
	calls []*phoneCall
	rules map[string]func(eventproxy.Event) eventproxy.Fate // by room
}

const (
	siteWithin = 2 * time.Minute // to start everything on a slow machine
	eventsPath = "/webhooks/livekit"
	// roundEvery is the watch's in webhook mode, where a test says nothing else; see phoneCall.leaveWasLost.
	roundEvery = 3 * time.Second
)

// open starts a site.
func open(t *testing.T, s setting) *site {
	t.Helper()
	have := built(t) // before the clock of the start begins: a first build takes minutes
	machineLag.start()
	ports, release, err := servers.FreePorts()
	require.NoError(t, err)
	t.Cleanup(release)
	ctx, cancel := context.WithTimeoutCause(t.Context(), siteWithin, errors.New("the site did not come up"))
	defer cancel()
	events, err := eventproxy.Start(ctx)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, events.Close()) })
	if s.mode == "" {
		s.mode = polling
	}
	// Failed deliveries come again at once; what a test sets wins, because it comes later.
	env := append([]string{"ANSWER_DETECTION=" + string(s.mode), "RECONCILE_INTERVAL=" + roundEvery.String(),
		"DELIVERY_SCHEDULE=0s,1s,1s,2s,2s,4s,4s,8s"}, s.env...)
	w, err := world.Start(ctx, world.Options{
		Dir: t.TempDir(), Bin: have.servers, Ports: ports, Product: have.product, ProductLater: s.byHand,
		Env: env, LiveKitWebhooks: events.URL(), Postgres: s.postgres, Pair: s.pair, Via: s.via, Logger: zerolog.Nop(),
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		keepLogsOf(t, w)
		assert.NoError(t, w.Close())
	})
	temporal, err := client.Dial(client.Options{HostPort: w.Servers.TemporalAddress(), Logger: mute{}})
	require.NoError(t, err)
	site := &site{World: w, Events: events, Temporal: temporal, Ports: ports, mode: s.mode,
		rules: map[string]func(eventproxy.Event) eventproxy.Fate{}}
	events.Behave(func(e eventproxy.Event) eventproxy.Fate { return site.fate(e, s.noEvents) })
	events.Forward(w.ProductURL() + eventsPath)
	t.Cleanup(func() {
		site.checkWebhooks(t)
		site.saveHistories(t)
		temporal.Close()
	})
	return site
}

// fate is what becomes of one of LiveKit's events: what its call's own rule says (see phoneCall.events), else what the
// site's setting says.
func (s *site) fate(e eventproxy.Event, lost bool) eventproxy.Fate {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch rule, ok := s.rules[e.Room]; {
	case ok:
		return rule(e)
	case lost:
		return eventproxy.Drop
	default:
		return eventproxy.Pass
	}
}

// checkWebhooks looks at the end of the site, when any second one has had its time: one webhook for every call that has
// an outcome, and none that does not verify.
func (s *site) checkWebhooks(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		ids := map[string]bool{}
		for _, r := range s.CRM.ForCall(c.placed.CallID) {
			ids[r.ID] = true
			assert.True(t, r.Verified, "%s: a webhook does not verify: %s", c.name, r.Unverified)
		}
		assert.LessOrEqual(t, len(ids), 1, "%s: webhooks of more than one event", c.name)
		if !c.mayRepeat {
			assert.LessOrEqual(t, len(s.CRM.ForCall(c.placed.CallID)), 1, "%s: the webhook came twice", c.name)
		}
	}
}

// hasRoom reports whether LiveKit has the room now.
func (s *site) hasRoom(ctx context.Context, name string) (bool, error) {
	rooms, err := s.Rooms(ctx)
	return slices.Contains(rooms, name), err
}

// productLogs is everything that the product's processes have logged so far.
func (s *site) productLogs(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	logs, err := filepath.Glob(filepath.Join(s.Dir(), "logs", "click2call*.log"))
	require.NoError(t, err)
	require.NotEmpty(t, logs)
	for _, name := range logs {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}

// keepLogsOf copies the logs of a failed test to where people find them; the world's own directory goes with the test.
func keepLogsOf(t *testing.T, w *world.World) {
	if !t.Failed() {
		return
	}
	to := filepath.Join("..", ".lab", "e2e", strings.ReplaceAll(t.Name(), "/", "-"))
	if err := os.RemoveAll(to); err == nil {
		err = os.CopyFS(to, os.DirFS(filepath.Join(w.Dir(), "logs")))
		t.Logf("the logs of all processes are in %s (%v)", to, err)
	}
}

// mute drops what Temporal's client says when its server goes away.
type mute struct{}

var _ log.Logger = mute{}

func (mute) Debug(string, ...any) {}
func (mute) Info(string, ...any)  {}
func (mute) Warn(string, ...any)  {}
func (mute) Error(string, ...any) {}
