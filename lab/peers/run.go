package peers

import (
	"context"
	cryptotls "crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/click2call/click2call/lab/agent"
	"github.com/click2call/click2call/lab/servers"
	"github.com/click2call/click2call/lab/world"
)

const (
	atOnce     = 8  // calls; with many more LiveKit's SIP service runs out of CPU
	portsEach  = 32 // for the sound of a call: SIPp takes four, baresip ten
	callWithin = 2 * time.Minute
	lookEvery  = 100 * time.Millisecond
	// silence is the product's MEDIA_TIMEOUT: longer than the holds, which it must let live.
	silence = 35 * time.Second
	// agentWaits is how long an agent talks, or lets it ring, before hanging up.
	agentWaits = 5 * time.Second
	// customerHz is what every telephone plays, and near how far off it may be measured.
	customerHz, near = 440, 8
)

// Env is the product's environment: deadlines short enough that every one is reached.
func Env(mode string) []string {
	return []string{"ANSWER_DETECTION=" + mode, "RING_TIMEOUT=20s", "AGENT_REJOIN_GRACE=5s", "RECONCILE_INTERVAL=3s", "MEDIA_TIMEOUT=" + silence.String()}
}

// Result is what became of a scenario.
type Result struct {
	Scenario
	Said   string        // the record: "ANSWERED customer_hangup 200"
	Talked time.Duration // whole seconds
	Took   time.Duration // from the dial to the end
	Wrong  []string      // what was not right; none: all of it was
}

// stage is all that the scenarios are played on.
type stage struct {
	w        *world.World
	operator *operator
	dir      string
	ports    servers.Ports
}

// Run plays the scenarios in a world that was started with Authority's TLS and Env, and returns what became of each, in their order. Own
// are free ports beside the world's. Say gets a line for every call.
func Run(ctx context.Context, w *world.World, own servers.Ports, a Authority, say io.Writer) ([]Result, error) {
	s := &stage{w: w, dir: filepath.Join(w.Dir(), "peers"), ports: own}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a directory for the peers: %w", err)
	}
	if err := writeTone(s.dir); err != nil {
		return nil, err
	}
	proxy, err := newKamailio(s.dir, a, own.Carrier, own.SIPTLS, own.RTC.First)
	if err != nil {
		return nil, err
	}
	if err := proxy.Start(ctx); err != nil {
		return nil, err
	}
	defer proxy.Stop()
	untrusted, err := strangers(own.SIPB)
	if err != nil {
		return nil, err
	}
	defer func() { _ = untrusted.Close() }()
	at := addresses{kamailio: own.Carrier, kamailioTLS: own.SIPTLS, closed: own.Spare, untrusted: own.SIPB}
	if err := s.prepareTrunks(ctx, at); err != nil {
		return nil, err
	}
	return s.playAll(ctx, say)
}

func (s *stage) prepareTrunks(ctx context.Context, at addresses) error {
	console, err := s.w.LogIn(ctx)
	if err != nil {
		return err
	}
	s.operator = &operator{Operator: console, trunks: map[trunk]string{}}
	for _, scenario := range Scenarios() {
		if _, have := s.operator.trunks[scenario.trunk]; have {
			continue
		}
		if err := s.operator.add(ctx, s.w, scenario.trunk, at); err != nil {
			return err
		}
	}
	return nil
}

// maxHello bounds what a stranger is listened to.
const maxHello = 1 << 20

// strangers listen on a port with a certificate that nobody trusts.
func strangers(port int) (net.Listener, error) {
	dir, err := os.MkdirTemp("", "click2call-peers")
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	a, err := NewAuthority(dir)
	if err != nil {
		return nil, err
	}
	pair, err := cryptotls.LoadX509KeyPair(a.Certificate, a.Key)
	if err != nil {
		return nil, fmt.Errorf("read a certificate: %w", err)
	}
	l, err := cryptotls.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), &cryptotls.Config{
		Certificates: []cryptotls.Certificate{pair}, MinVersion: cryptotls.VersionTLS12,
	})
	if err != nil {
		return nil, fmt.Errorf("listen for TLS: %w", err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(io.Discard, io.LimitReader(conn, maxHello)) // the handshake happens in the first read
				_ = conn.Close()
			}()
		}
	}()
	return l, nil
}

// playAll plays the scenarios of one trunk side by side, and one trunk after the other.
func (s *stage) playAll(ctx context.Context, say io.Writer) ([]Result, error) {
	scenarios := Scenarios()
	results := make([]Result, len(scenarios))
	byTrunk, order := map[trunk][]int{}, []trunk{}
	for i, scenario := range scenarios {
		if byTrunk[scenario.trunk] == nil {
			order = append(order, scenario.trunk)
		}
		byTrunk[scenario.trunk] = append(byTrunk[scenario.trunk], i)
	}
	places := make(chan int, atOnce)
	for place := range atOnce {
		places <- place
	}
	var telling sync.Mutex
	done := 0
	for _, t := range order {
		if err := s.operator.choose(ctx, t); err != nil {
			return nil, err
		}
		var playing sync.WaitGroup
		for _, i := range byTrunk[t] {
			playing.Go(func() {
				place := <-places
				defer func() { places <- place }()
				results[i] = s.play(ctx, i, place, scenarios[i])
				telling.Lock()
				defer telling.Unlock()
				done++
				_, _ = fmt.Fprintf(say, "%3d of %d  %-50s %-42s %s\n", done, len(scenarios), scenarios[i].Name, results[i].Said, results[i].rightOrWrong())
			})
		}
		playing.Wait()
	}
	return results, nil
}

func (r Result) rightOrWrong() string {
	if len(r.Wrong) == 0 {
		return "right"
	}
	return "WRONG: " + strings.Join(r.Wrong, "; ")
}

// play makes one call. i is the telephone's number, which its two ports go by; those for its sound go by its place among the calls at once.
func (s *stage) play(ctx context.Context, i, place int, scenario Scenario) Result {
	r := Result{Scenario: scenario}
	ctx, cancel := context.WithTimeoutCause(ctx, callWithin, errors.New("the call took too long"))
	defer cancel()
	if err := s.playOn(ctx, i, place, &r); err != nil {
		r.Wrong = append(r.Wrong, err.Error())
	}
	return r
}

func (s *stage) playOn(ctx context.Context, i, place int, r *Result) error {
	control := s.ports.CarrierMedia.First + place
	phones, err := s.phones(i, place, r.Scenario, control)
	if err != nil {
		return err
	}
	for _, p := range phones {
		if err := p.Start(ctx); err != nil {
			return err
		}
		defer p.Stop()
	}
	a := agent.New(s.w.ProductURL())
	defer a.Leave()
	if err := s.place(ctx, a, i, r.Scenario); err != nil {
		return err
	}
	began := time.Now()
	if err := a.Join(ctx, a.Call()); err != nil {
		return fmt.Errorf("join and connect: %w", err)
	}
	record, err := s.follow(ctx, a, r, control)
	if err != nil {
		return err
	}
	r.Took, r.Talked, r.Said = time.Since(began), time.Duration(record.Seconds)*time.Second, record.outcome()
	if !slices.Contains(strings.Split(r.want, "|"), r.Said) {
		r.Wrong = append(r.Wrong, "it should be "+r.want)
	}
	return s.checkWebhook(ctx, a.Call().CallID, r)
}

func (s *stage) place(ctx context.Context, a *agent.Agent, i int, scenario Scenario) error {
	forks := 0
	if scenario.forks != "" {
		forks = 1
	}
	placed, err := a.Place(ctx, s.w.Secrets.InboundKey, map[string]string{
		"case_id": fmt.Sprintf("peer-%d", i), "customer_number": fmt.Sprintf("950%d000%03d", forks, 2*i), "agent_id": fmt.Sprintf("agent-%d", i),
	})
	if err != nil {
		return fmt.Errorf("place the call: %w", err)
	}
	a.Adopt(placed)
	return nil
}

// phones are the telephones of a scenario.
func (s *stage) phones(i, place int, scenario Scenario, control int) ([]*servers.Process, error) {
	port, rtp, name := s.ports.RTC.First+2*i, s.ports.SIPMedia.First+portsEach*place, fmt.Sprintf("phone-%d", i)
	var all []*servers.Process
	add := func(p *servers.Process, err error) error {
		all = append(all, p)
		return err
	}
	var err error
	switch scenario.phone {
	case withBaresip:
		encryption := ""
		if scenario.srtp {
			encryption = "srtp-mand"
		}
		err = add(newBaresip(s.dir, name, encryption, port, rtp, control))
	case withSIPp:
		err = add(newSIPp(s.dir, name, scenario.plays, port, rtp))
	}
	if err == nil && scenario.forks != "" {
		err = add(newSIPp(s.dir, name+"-fork", scenario.forks, port+1, rtp+portsEach/2))
	}
	return all, err
}

// record is what GET /calls/{id} and the webhook say.
type record struct {
	Status     string `json:"status"`
	CallStatus string `json:"call_status"`
	Reason     string `json:"disconnect_reason"`
	Code       *int   `json:"sip_disconnect_code"`
	Seconds    int    `json:"duration_seconds"`
}

func (r record) outcome() string {
	code := "null"
	if r.Code != nil {
		code = strconv.Itoa(*r.Code)
	}
	return r.CallStatus + " " + r.Reason + " " + code
}

// follow watches the call to its end, and has agent or customer act.
func (s *stage) follow(ctx context.Context, a *agent.Agent, r *Result, control int) (record, error) {
	var got record
	var due time.Time
	acted, heard := r.act == waits, false
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for looks := 0; ; looks++ {
		if hz := a.Heard().Hz; hz > customerHz-near && hz < customerHz+near {
			heard = true
		}
		if looks%5 == 0 {
			if err := a.Record(ctx, &got); err != nil {
				return got, fmt.Errorf("read the record: %w", err)
			}
		}
		if got.Status == "ended" {
			if r.sound && !heard {
				r.Wrong = append(r.Wrong, "the agent never heard the customer")
			}
			return got, nil
		}
		if due.IsZero() && (got.Status == "answered" || r.act == cancels && got.Status == "ringing") {
			due = time.Now().Add(agentWaits)
		}
		if !acted && !due.IsZero() && time.Now().After(due) {
			acted = true
			if err := s.act(ctx, a, r.act, control); err != nil {
				return got, err
			}
		}
		select {
		case <-ctx.Done():
			return got, fmt.Errorf("follow the call, which is %q: %w", got.Status, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

func (s *stage) act(ctx context.Context, a *agent.Agent, what act, control int) error {
	if what == customer {
		return command(ctx, control, "hangup")
	}
	return a.HangUp(ctx)
}

// checkWebhook: there is one, and it says what the record says.
func (s *stage) checkWebhook(ctx context.Context, id string, r *Result) error {
	first, err := s.w.CRM.WaitFor(ctx, id)
	if err != nil {
		return fmt.Errorf("wait for the webhook: %w", err)
	}
	var said record
	if err := json.Unmarshal(first.Body, &said); err != nil {
		return fmt.Errorf("read the webhook: %w", err)
	}
	if said.outcome() != r.Said {
		r.Wrong = append(r.Wrong, "the webhook says "+said.outcome())
	}
	if all := s.w.CRM.ForCall(id); len(all) != 1 {
		r.Wrong = append(r.Wrong, fmt.Sprintf("%d webhooks", len(all)))
	}
	return nil
}
