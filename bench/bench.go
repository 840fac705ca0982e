package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
	lksdk "github.com/livekit/server-sdk-go/v2"

	"github.com/click2call/click2call/lab/eventproxy"
	"github.com/click2call/click2call/lab/world"
)

const (
	trunkPrefix = world.TrunkPrefix
	trunkDID    = world.TrunkDID
	eventsPath  = "/webhooks/livekit"
)

// Options say how much to measure. Full and Quick are two sets of them.
type Options struct {
	Baseline string   // path of the built bench/baseline
	Seed     uint64   // of the order of subjects
	Reverse  bool     // turns the order of every round round
	Only     []string // of Sections; all when empty

	PlaceRounds  int
	PlaceSlow    int           // calls of a round at one a second
	PlaceFast    time.Duration // of a round at ten a second
	PhoneRounds  int
	PhoneAtOnce  int // calls of each subject in a round
	Short, Long  time.Duration
	Idle         time.Duration // how long an idle installation is looked at
	LiveCalls    []int
	LiveFor      time.Duration // how long the live calls are looked at
	LiveHangUps  int           // how many of them end, for the lateness
	LivesRates   []float64     // whole lives a second, rising
	LivesFor     time.Duration // of each rate
	LivesTalking time.Duration
	Waiting      int // outcomes that an outage of the CRM holds back
	Probes       int // of that outage
}

// Full is what docs/performance.md shows; it takes about an hour, half of it the long call.
func Full() Options {
	return Options{
		PlaceRounds: 5, PlaceSlow: 6, PlaceFast: 3 * time.Second, PhoneRounds: 6, PhoneAtOnce: 2,
		Short: 30 * time.Second, Long: 30 * time.Minute, Idle: 10 * time.Second,
		LiveCalls: []int{100, 1000, 5000}, LiveFor: 20 * time.Second, LiveHangUps: 20,
		LivesRates: []float64{2, 4, 6, 8, 10, 15, 20, 30, 45}, LivesFor: 8 * time.Second, LivesTalking: 1500 * time.Millisecond,
		Waiting: 1000, Probes: 5,
	}
}

// Quick shows in about two minutes that everything is measured; its figures mean little.
func Quick() Options {
	return Options{
		PlaceRounds: 1, PlaceSlow: 2, PlaceFast: time.Second, PhoneRounds: 1, PhoneAtOnce: 1,
		Short: 3 * time.Second, Long: 6 * time.Second, Idle: 3 * time.Second,
		LiveCalls: []int{20, 60}, LiveFor: 4 * time.Second, LiveHangUps: 3,
		LivesRates: []float64{2, 5}, LivesFor: 3 * time.Second, LivesTalking: 1500 * time.Millisecond,
		Waiting: 20, Probes: 1,
	}
}

// Report is everything that was measured.
type Report struct {
	Tables []Table
	Costs  []Cost
}

// bench is a run under way.
type bench struct {
	w        *world.World
	events   *eventproxy.Proxy
	opts     Options
	out      io.Writer
	rng      *rand.Rand
	receiver *receiver
	postgres *sql.DB // the cluster's maintenance database
	rooms    *lksdk.RoomServiceClient
	temporal string // address of the Temporal in use
	report   Report

	installed int // sets of installations so far
}

// Run measures everything in a world that was started with PostgreSQL, ProductLater, and events as its LiveKitWebhooks. It
// starts the product itself, several times. out gets each table when it is there.
func Run(ctx context.Context, w *world.World, events *eventproxy.Proxy, opts Options, out io.Writer) (Report, error) {
	b := &bench{w: w, events: events, opts: opts, out: out, temporal: w.Servers.TemporalAddress(), rng: rand.New(rand.NewPCG(opts.Seed, 0))}
	var err error
	if b.receiver, err = newReceiver(ctx); err != nil {
		return Report{}, err
	}
	defer b.receiver.close()
	if b.postgres, err = sql.Open("postgres", w.Servers.DatabaseURL()); err != nil {
		return Report{}, fmt.Errorf("open PostgreSQL: %w", err)
	}
	defer func() { _ = b.postgres.Close() }()
	b.rooms = lksdk.NewRoomServiceClient(w.Servers.LiveKitURL(), w.Secrets.LiveKitKey, w.Secrets.LiveKitSecret)
	for _, s := range sections {
		if len(opts.Only) > 0 && !slices.Contains(opts.Only, s.name) {
			continue
		}
		b.say("%s", s.says)
		if err := s.measure(b, ctx); err != nil {
			return b.report, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return b.report, nil
}

// sections are the parts of a run, in order.
var sections = []struct {
	name, says string
	measure    func(*bench, context.Context) error
}{
	{"place", "/click2call, on the real LiveKit", onRealLiveKit((*bench).placing)},
	{"phone", "calls on the phone, on the real LiveKit", onRealLiveKit((*bench).phones)},
	{"cost", "what a call costs", (*bench).cost},
	{"lives", "whole lives a second, on a fake LiveKit", onSpareTemporal((*bench).lives)},
	{"deliveries", "an outage of the CRM", onSpareTemporal((*bench).deliveries)},
	{"live", "many live calls, on a fake LiveKit", onSpareTemporal((*bench).live)},
}

// Sections are the names that Options.Only may hold.
func Sections() []string {
	names := make([]string, 0, len(sections))
	for _, s := range sections {
		names = append(names, s.name)
	}
	return names
}

// onRealLiveKit runs a part with both products and the baseline on the real LiveKit: polling mode on SQLite, LiveKit's webhooks on
// PostgreSQL.
func onRealLiveKit(measure func(b *bench, ctx context.Context, sqlite, postgres, base *installation) error) func(*bench, context.Context) error {
	return func(b *bench, ctx context.Context) error {
		var all []*installation
		defer func() { closeAll(all) }()
		b.installed++ // the next part's databases are others
		for _, w := range []wish{{name: "sqlite"}, {name: "postgres", postgres: true, env: []string{"ANSWER_DETECTION=webhook"}}} {
			w.name += fmt.Sprint(b.installed)
			i, err := b.install(ctx, w)
			if err != nil {
				return err
			}
			all = append(all, i)
		}
		base, err := b.installBaseline(ctx, baselineName+fmt.Sprint(b.installed), "")
		if err != nil {
			return err
		}
		all = append(all, base)
		b.events.Forward(all[1].base + eventsPath)
		return measure(b, ctx, all[0], all[1], base)
	}
}

func closeAll(all []*installation) {
	for _, i := range all {
		i.close()
	}
}

// add prints a table and keeps it. Every table tells how busy the machine was.
func (b *bench) add(t Table) {
	t.Notes = append(t.Notes, fmt.Sprintf("Load average at the end: %s.", load()))
	t.Print(b.out)
	b.report.Tables = append(b.report.Tables, t)
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.out, "%s  "+format+"\n", append([]any{time.Now().Format("15:04:05")}, args...)...)
}
