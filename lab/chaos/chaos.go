package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

const (
	// settleWithin bounds the time from the last call to when all books must agree: the longest call, the schedule of deliveries,
	// LiveKit's and the carrier's own timeouts after a crash.
	settleWithin = 4 * time.Minute
	lookEvery    = time.Second
	// readsPerSecond stays below what the product allows to one address.
	readsPerSecond = 200
)

// Run plays a plan in a world that was started with PostgreSQL, ProductLater, the plan's Env and Pair and links.Via, and returns the books. It
// starts the product's processes itself, an api and a worker, and stops them. Say gets a line for every fault.
func Run(ctx context.Context, w *world.World, ports servers.Ports, links *Links, plan Plan, say io.Writer) (Books, error) {
	b, front, err := connect(w, ports, links, plan.Pair)
	if err != nil {
		return Books{}, err
	}
	defer b.stopProduct()
	if err := w.Migrate(ctx); err != nil {
		return Books{}, err
	}
	for _, p := range b.product {
		if err := p.Start(ctx); err != nil {
			return Books{}, err
		}
	}
	carriers, first, err := openCarriers(ctx, w, plan)
	if err != nil {
		return Books{}, err
	}
	if first != nil {
		defer func() { _ = first.Close() }()
	}
	began := time.Now()
	calls := make([]*madeCall, len(plan.Calls))
	var playing sync.WaitGroup
	for i, c := range plan.Calls {
		calls[i] = &madeCall{CallPlan: c, agent: agent.New(front)}
		playing.Go(func() {
			if sleep(ctx, time.Until(began.Add(c.At))) {
				calls[i].place(ctx, w.Secrets.InboundKey)
			}
			if calls[i].id != "" {
				calls[i].live(ctx, carriers, plan.Patience)
			}
		})
	}
	for i, f := range plan.Faults {
		if !sleep(ctx, time.Until(began.Add(f.At))) {
			break
		}
		_, _ = fmt.Fprintf(say, "%7.1fs  fault %d of %d: %s\n", time.Since(began).Seconds(), i+1, len(plan.Faults), f)
		if err := b.do(ctx, f); err != nil {
			return Books{}, fmt.Errorf("fault %d (%s): %w", i+1, f, err)
		}
	}
	playing.Wait()
	for t, p := range b.product {
		if p.PID() == 0 {
			return Books{}, fmt.Errorf("the %s ended by itself: see %s", t, p.LogFile())
		}
	}
	_, _ = fmt.Fprintf(say, "%7.1fs  all calls were made; waiting until the books agree\n", time.Since(began).Seconds())
	var help func(context.Context)
	if slices.ContainsFunc(plan.Faults, func(f Fault) bool { return f.has(Replace) }) {
		help = func(ctx context.Context) { checkLedger(ctx, w, say) }
	}
	r := reading{w: w, calls: calls, carriers: carriers, strict: plan.Strict}
	books, err := r.settle(ctx, help, func(left int, first Finding) {
		_, _ = fmt.Fprintf(say, "%7.1fs  not yet: %d, such as %s: %s\n", time.Since(began).Seconds(), left, first.Column, first.Detail)
	})
	if err != nil || first == nil {
		return books, err
	}
	first.well.Store(true)
	err = tryAgain(ctx, w, first.operator, carriers, plan, &books)
	return books, err
}

// connect prepares the product's processes to use links to all that they need, and returns the address by which CRMs and browsers
// reach the api.
func connect(w *world.World, ports servers.Ports, links *Links, pair bool) (b breakables, front string, err error) {
	database, err := url.Parse(w.Servers.DatabaseURL())
	if err != nil {
		return b, "", fmt.Errorf("chaos needs PostgreSQL: %w", err)
	}
	hook, err := url.Parse(w.CRM.URL())
	if err != nil {
		return b, "", fmt.Errorf("read the CRM's address: %w", err)
	}
	postgres := database.Host
	hook.Host = links.Via(string(Worker), string(CRM), hook.Host) // the URL is one setting of both processes
	b = breakables{links: links.all, product: map[Target]*servers.Process{}, servers: w.Servers}
	for _, role := range []struct {
		name Target
		port int
	}{{API, ports.Product}, {Worker, ports.Spare}} {
		name := string(role.name)
		database.Host = links.Via(name, string(Postgres), postgres)
		w.Reroute(
			"TEMPORAL_ADDRESS="+links.Via(name, string(Temporal), w.Servers.TemporalAddress()),
			"LIVEKIT_URL=ws://"+links.Via(name, string(LiveKit), strings.TrimPrefix(w.Servers.LiveKitURL(), "http://")),
			"DATABASE_URL="+database.String(), "CRM_WEBHOOK_URL="+hook.String(),
		)
		b.product[role.name] = w.NewProduct("click2call "+name, role.port, name)
	}
	front = "http://" + links.Via(string(CRM), string(API), strings.TrimPrefix(w.ProductURL(), "http://"))
	b.parts = map[Target]part{
		API: b.product[API], Worker: b.product[Worker], CRM: w.CRM,
		Temporal: w.Servers.Temporal, Postgres: w.Servers.Postgres, Redis: w.Servers.Redis, LiveKit: w.Servers.LiveKit, SIP: w.Servers.SIP,
	}
	if pair {
		b.parts[LiveKitB], b.parts[SIPB] = w.Servers.LiveKitB, w.Servers.SIPB
	}
	return b, front, links.complete(pair)
}

func (b breakables) stopProduct() {
	for _, p := range b.product {
		p.Stop()
	}
}

const (
	ledgerSchedule = "click2call-ledger"
	ledgerEvery    = 20 * time.Second
)

// checkLedger has the ledger check at once, as an operator does after a mistake with Temporal: what was begun in the empty one has no
// workflow any more, and a call is ended by the second check that misses it. By itself it checks every five minutes.
func checkLedger(ctx context.Context, w *world.World, say io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, ledgerEvery)
	defer cancel()
	if err := w.Servers.TemporalCommand(ctx, "schedule", "trigger", "--schedule-id", ledgerSchedule); err != nil {
		_, _ = fmt.Fprintln(say, "the ledger could not be asked to check:", err)
	}
}

// ErrFindings: something is in the books that must never be.
var ErrFindings = errors.New("the books do not agree")
