package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/click2call/click2call/lab/servers"
)

const (
	retention    = 24 * time.Hour
	serveWithin  = time.Minute // until a new installation, or a new namespace, serves
	serveEvery   = 200 * time.Millisecond
	baselineName = "baseline"
)

// installation is one product, or the baseline, under test.
type installation struct {
	target
	name      string
	processes []*servers.Process
	temporal  client.Client // in the installation's own namespace; nil for the baseline
	database  string        // name of its PostgreSQL database, "" on SQLite
	liveKit   string        // http address that it was given
	baseline  bool
}

func (i *installation) close() {
	for _, p := range i.processes {
		p.Stop()
	}
	if i.temporal != nil {
		i.temporal.Close()
	}
}

// wish says what kind of installation to start.
type wish struct {
	name     string // lower-case letters and digits: it names the namespace and the database
	postgres bool
	liveKit  string   // http address; "" for the world's
	apart    bool     // api and worker in processes of their own
	env      []string // wins
}

// install starts a product with a namespace and a database of its own, so that no two of them share a task queue or a table, and
// returns when a call can be placed.
func (b *bench) install(ctx context.Context, w wish) (*installation, error) {
	i := &installation{name: w.name, liveKit: w.liveKit}
	if i.liveKit == "" {
		i.liveKit = b.w.Servers.LiveKitURL()
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	i.target = b.newTarget(fmt.Sprintf("http://127.0.0.1:%d", port), i.liveKit)
	database := "sqlite:" + filepath.Join(b.w.Dir(), w.name+".db")
	if w.postgres {
		i.database = "bench_" + w.name
		if database, err = b.makeDatabase(ctx, i.database); err != nil {
			return nil, err
		}
	}
	if i.temporal, err = b.namespace(ctx, "bench-"+w.name); err != nil {
		return nil, err
	}
	b.w.Reroute(append([]string{
		"DATABASE_URL=" + database, "TEMPORAL_ADDRESS=" + b.temporal, "TEMPORAL_NAMESPACE=bench-" + w.name, "CRM_WEBHOOK_URL=" + b.receiver.url(),
		"LIVEKIT_URL=" + strings.Replace(i.liveKit, "http", "ws", 1), "ANSWER_DETECTION=polling", "REQUIRE_AGENT=true",
	}, w.env...)...)
	if w.apart {
		second, err := freePort(ctx)
		if err != nil {
			i.close()
			return nil, err
		}
		if err := b.w.Migrate(ctx); err != nil {
			i.close()
			return nil, err
		}
		i.processes = append(i.processes, b.w.NewProduct(w.name+" worker", second, "worker"), b.w.NewProduct(w.name+" api", port, "api"))
	} else {
		i.processes = append(i.processes, b.w.NewProduct(w.name, port, "serve"))
	}
	return i.start(ctx)
}

// start starts the processes and returns when a call can be placed; after an error nothing of them is left.
func (i *installation) start(ctx context.Context) (*installation, error) {
	for _, p := range i.processes {
		if err := p.Start(ctx); err != nil {
			i.close()
			return nil, err
		}
	}
	if err := i.warmUp(ctx); err != nil {
		i.close()
		return nil, err
	}
	return i, nil
}

// installBaseline starts the baseline program.
func (b *bench) installBaseline(ctx context.Context, name, liveKit string) (*installation, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	if liveKit == "" {
		liveKit = b.w.Servers.LiveKitURL()
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	i := &installation{name: name, target: b.newTarget("http://"+address, liveKit), liveKit: liveKit, baseline: true}
	s := b.w.Secrets
	p := servers.NewProcess(servers.Spec{
		Name: name, Path: b.opts.Baseline, LogFile: filepath.Join(b.w.Dir(), "logs", name+".log"),
		Listens: []servers.Listen{{Network: "tcp", Port: port}}, Ready: servers.HTTPAnswers("http://"+address+"/healthz", 200),
		Env: []string{
			"LISTEN=" + address, "API_KEY=" + s.InboundKey, "WEBHOOK_URL=" + b.receiver.url(), "LIVEKIT_URL=" + liveKit,
			"LIVEKIT_API_KEY=" + s.LiveKitKey, "LIVEKIT_API_SECRET=" + s.LiveKitSecret, "SIP_TRUNK_ID=" + b.w.TrunkID,
			"SIP_TRUNK_PREFIX=" + trunkPrefix, "SIP_TRUNK_DID=" + trunkDID,
		},
	})
	i.processes = []*servers.Process{p}
	return i.start(ctx)
}

// warmUp places calls until one is accepted: Temporal's caches take seconds to know a new namespace.
func (i *installation) warmUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, serveWithin, fmt.Errorf("%s accepted no call within %s", i.name, serveWithin))
	defer cancel()
	for {
		placed, err := i.place(ctx, agentNumber, "")
		if err == nil {
			return i.end(ctx, placed)
		}
		if !pause(ctx, serveEvery) {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// namespace registers a Temporal namespace with the search attributes that calls have, waits until Temporal knows it, and
// returns a client in it.
func (b *bench) namespace(ctx context.Context, name string) (client.Client, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, serveWithin, fmt.Errorf("Temporal did not take the namespace %s", name))
	defer cancel()
	c, err := client.Dial(client.Options{HostPort: b.temporal, Namespace: name, Logger: mute{}})
	if err != nil {
		return nil, fmt.Errorf("reach Temporal: %w", err)
	}
	_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: name, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	var exists *serviceerror.NamespaceAlreadyExists
	if err != nil && !errors.As(err, &exists) {
		c.Close()
		return nil, fmt.Errorf("register the namespace %s: %w", name, err)
	}
	attributes := map[string]enumspb.IndexedValueType{}
	for _, a := range []string{"CallStatus", "CaseId", "AgentId", "Trunk"} {
		attributes[a] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
	}
	for {
		_, err := c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: name, SearchAttributes: attributes})
		if err == nil {
			return c, nil
		}
		if !pause(ctx, serveEvery) {
			c.Close()
			return nil, errors.Join(context.Cause(ctx), err)
		}
	}
}

// onSpareTemporal runs a part of the benchmark on a Temporal of its own that keeps everything in memory. The lab's, with its
// SQLite file, would be measured instead of the product.
func onSpareTemporal(measure func(*bench, context.Context) error) func(*bench, context.Context) error {
	return func(b *bench, ctx context.Context) error {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		spare := b.w.Servers.SpareTemporal(port)
		if err := spare.Start(ctx); err != nil {
			return err
		}
		defer spare.Stop()
		usual := b.temporal
		b.temporal = fmt.Sprintf("127.0.0.1:%d", port)
		defer func() { b.temporal = usual }()
		return measure(b, ctx)
	}
}

// makeDatabase makes an empty PostgreSQL database and returns its URL.
func (b *bench) makeDatabase(ctx context.Context, name string) (string, error) {
	u, err := url.Parse(b.w.Servers.DatabaseURL())
	if err != nil || u.Host == "" {
		return "", errors.New("make a database: the benchmark needs a world with PostgreSQL")
	}
	if _, err := b.postgres.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("make the database %s: %w", name, err)
	}
	u.Path = "/" + name
	return u.String(), nil
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// pause waits, and reports false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// mute drops what Temporal's client says about its connections.
type mute struct{}

func (mute) Debug(string, ...any) {}
func (mute) Info(string, ...any)  {}
func (mute) Warn(string, ...any)  {}
func (mute) Error(string, ...any) {}
