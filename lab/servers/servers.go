package servers

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Binaries are the paths of the servers' programs. lab/setup finds and builds them.
type Binaries struct {
	Redis    string
	Temporal string
	LiveKit  string
	SIP      string
}

// Config says where and how the servers run. Everything is on loopback.
type Config struct {
	Dir        string // for configuration, data and logs; made when absent
	Bin        Binaries
	Ports      Ports
	APIKey     string // LiveKit's
	APISecret  string // LiveKit's; at least 32 characters
	WebhookURL string // where LiveKit posts its events
	Postgres   bool   // run PostgreSQL as well
	// Pair runs two LiveKit servers and two SIP services on the one Redis, and a balancer in front of the LiveKit servers.
	Pair bool

	// SIPTLS, when set, has the SIP service speak TLS, too.
	SIPTLS *SIPTLS
	// Via, when set, gives the address by which one part is to reach another: that of a link between them. It is asked for livekit and
	// sip to redis, and for sip to livekit; with Pair for livekit-b and sip-b, too.
	Via func(from, to, address string) string

	// Ready, when set, is told of each server that came up. It is called from several goroutines.
	Ready func(name string, took time.Duration)
}

// SIPTLS are files in PEM: the authorities that the SIP service trusts when it dials, and its own certificate and key.
type SIPTLS struct {
	Roots, Certificate, Key string
}

// Servers are the real servers of one lab. A server that the lab runs without is nil.
type Servers struct {
	Redis    *Process
	Temporal *Process
	LiveKit  *Process
	SIP      *Process
	Postgres *Process
	LiveKitB *Process // the second of a pair
	SIPB     *Process

	front   *front
	cfg     Config
	cluster *cluster
}

// New writes the servers' configuration files and prepares the servers; Start starts them.
func New(cfg Config) (*Servers, error) {
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("prepare servers: %w", err)
	}
	cfg.Dir = dir
	for _, d := range []string{"redis", "logs"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, fmt.Errorf("prepare servers: %w", err)
		}
	}
	s := &Servers{cfg: cfg, Redis: NewProcess(redisSpec(cfg)), Temporal: NewProcess(temporalSpec(cfg))}
	if err := s.prepareLiveKit(); err != nil {
		return nil, err
	}
	if cfg.Postgres {
		if s.cluster, err = newCluster(); err != nil {
			return nil, err
		}
		s.Postgres = NewProcess(s.cluster.spec(cfg))
	}
	return s, nil
}

// prepareLiveKit prepares one LiveKit server and SIP service, or two of each.
func (s *Servers) prepareLiveKit() (err error) {
	nodes := s.cfg.nodes()
	if s.LiveKit, err = newLiveKit(s.cfg, nodes[0]); err != nil {
		return err
	}
	if s.SIP, err = newSIP(s.cfg, nodes[0]); err != nil || !s.cfg.Pair {
		return err
	}
	if s.LiveKitB, err = newLiveKit(s.cfg, nodes[1]); err != nil {
		return err
	}
	s.SIPB, err = newSIP(s.cfg, nodes[1])
	s.front = newFront(s.cfg.Ports.LiveKitFront, nodes[0].liveKit, nodes[1].liveKit)
	return err
}

// Start starts all servers and returns when every one serves. LiveKit and its SIP service find each other
// through Redis, so that comes first. After an error call Close.
func (s *Servers) Start(ctx context.Context) error {
	if err := s.start(ctx, s.Redis); err != nil {
		return err
	}
	group, starting := errgroup.WithContext(ctx)
	for _, p := range s.All()[1:] {
		group.Go(func() error { return s.start(starting, p) })
	}
	if err := group.Wait(); err != nil || s.front == nil {
		return err
	}
	return s.front.start(ctx)
}

func (s *Servers) start(ctx context.Context, p *Process) error {
	began := time.Now()
	if err := p.Start(ctx); err != nil {
		return err
	}
	if s.cfg.Ready != nil {
		s.cfg.Ready(p.Name(), time.Since(began))
	}
	return nil
}

// All are the servers that this lab runs, Redis first.
func (s *Servers) All() []*Process {
	all := []*Process{s.Redis, s.Temporal, s.LiveKit, s.SIP}
	if s.LiveKitB != nil {
		all = append(all, s.LiveKitB, s.SIPB)
	}
	if s.Postgres != nil {
		all = append(all, s.Postgres)
	}
	return all
}

// Close stops every server, Redis last, and removes PostgreSQL's data. It may be called at any time and twice.
func (s *Servers) Close() {
	if s.front != nil {
		s.front.close()
	}
	var wg sync.WaitGroup
	for _, p := range s.All()[1:] {
		wg.Go(p.Stop)
	}
	wg.Wait()
	s.Redis.Stop()
	if s.cluster != nil {
		s.cluster.remove()
	}
}

// LiveKitURL is the address of LiveKit's API, and of its signalling with ws instead of http. Of a pair it is the balancer's.
func (s *Servers) LiveKitURL() string { return fmt.Sprintf("http://127.0.0.1:%d", s.cfg.liveKitPort()) }

// TemporalAddress is host:port of Temporal's frontend.
func (s *Servers) TemporalAddress() string {
	return fmt.Sprintf("127.0.0.1:%d", s.cfg.Ports.Temporal)
}

// TemporalUI is the address of Temporal Web.
func (s *Servers) TemporalUI() string {
	return fmt.Sprintf("http://127.0.0.1:%d", s.cfg.Ports.TemporalUI)
}

// DatabaseURL is the postgres:// URL of the private cluster; "" when the lab runs without PostgreSQL.
func (s *Servers) DatabaseURL() string {
	if s.cluster == nil {
		return ""
	}
	return s.cluster.url(s.cfg.Ports.Postgres)
}

// baseEnv is all that a server gets of our environment, so that a variable of the developer's (TEMPORAL_ADDRESS,
// LIVEKIT_API_KEY, PGPORT) never changes what the lab runs.
func baseEnv() []string {
	env := []string{"LC_ALL=C.UTF-8"}
	for _, name := range []string{"PATH", "HOME", "TMPDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

func (c Config) via(from, to string, port int) string {
	address := fmt.Sprintf("127.0.0.1:%d", port)
	if c.Via == nil {
		return address
	}
	return c.Via(from, to, address)
}

func (c Config) path(elem ...string) string {
	return filepath.Join(append([]string{c.Dir}, elem...)...)
}

func (c Config) log(name string) string { return c.path("logs", name+".log") }
