package carrier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/rs/zerolog"
)

// Where the carrier lives when nothing else is said.
const (
	DefaultSIPAddr  = "127.0.0.1:5070"
	DefaultHTTPAddr = "127.0.0.1:5071"
)

// closeTimeout bounds Close: BYEs to callers that may be gone already.
const closeTimeout = 3 * time.Second

// Config says where the carrier listens. The zero value works.
type Config struct {
	SIPAddr  string // UDP, an IP address and port; DefaultSIPAddr when empty, port 0 for any
	HTTPAddr string // the books; DefaultHTTPAddr when empty, port 0 for any
	// RTPPortMin and RTPPortMax bound the RTP ports, one even port a call. Both 0: any free port.
	RTPPortMin, RTPPortMax int
	// MediaTimeout is how long a call that is up may hear no RTP before the carrier hangs up, as telephone companies do
	// to free the line of a caller who vanished. 0: DefaultMediaTimeout; negative: never.
	MediaTimeout time.Duration
	MaxCalls     int // that the books keep; 0: 100,000
	// Lines is how many calls there may be at once; the next caller gets 503. 0: 5,000.
	Lines int
	// Plan is what the carrier does with a call to a number; nil: what the number asks for, see [PlanFor].
	Plan   func(number string) Plan
	Logger zerolog.Logger
}

// DefaultMediaTimeout is the default of Config.MediaTimeout.
const DefaultMediaTimeout = 30 * time.Second

// Carrier is a telephone company. Use New, Start, Close, once each.
type Carrier struct {
	cfg     Config
	books   *books
	ports   portRange
	tone    [][]byte
	session atomic.Uint64 // SDP session ids

	ip     net.IP
	port   int
	ua     *sipgo.UserAgent
	server *sipgo.Server
	client *sipgo.Client
	udp    net.PacketConn
	deaf   net.Listener // TCP on the same port
	web    *http.Server
	webAt  net.Addr
	stop   func() bool // forgets the context given to Start

	mu      sync.Mutex
	lines   map[string]*line // by Call-ID
	running sync.WaitGroup
	closing *signal
	closed  *signal
}

// New returns a carrier that does not listen yet.
func New(cfg Config) *Carrier {
	if cfg.SIPAddr == "" {
		cfg.SIPAddr = DefaultSIPAddr
	}
	if cfg.HTTPAddr == "" {
		cfg.HTTPAddr = DefaultHTTPAddr
	}
	if cfg.MediaTimeout == 0 {
		cfg.MediaTimeout = DefaultMediaTimeout
	}
	if cfg.Plan == nil {
		cfg.Plan = PlanFor
	}
	if cfg.MaxCalls <= 0 {
		cfg.MaxCalls = defaultMaxCalls
	}
	if cfg.Lines <= 0 {
		cfg.Lines = defaultLines
	}
	return &Carrier{
		cfg: cfg, books: newBooks(cfg.MaxCalls), ports: portRange{cfg.RTPPortMin, cfg.RTPPortMax}, tone: toneFrames(),
		lines: map[string]*line{}, closing: newSignal(), closed: newSignal(),
	}
}

// Start binds both addresses and serves until ctx ends or Close. When it returns nil, calls can come.
func (c *Carrier) Start(ctx context.Context) error {
	if c.cfg.RTPPortMax < c.cfg.RTPPortMin || c.cfg.RTPPortMin < 0 || c.cfg.RTPPortMax > 65535 {
		return fmt.Errorf("start carrier: RTP ports %d to %d are no range; set both or neither", c.cfg.RTPPortMin, c.cfg.RTPPortMax)
	}
	if err := c.listen(ctx); err != nil {
		return errors.Join(err, c.free())
	}
	c.running.Go(c.hearNothing)
	c.running.Go(func() {
		// ServeUDP has no error of its own: it ends when the socket is closed.
		_ = c.server.ServeUDP(c.udp)
	})
	c.stop = context.AfterFunc(ctx, func() {
		if err := c.Close(); err != nil {
			c.cfg.Logger.Warn().Err(err).Msg("could not close cleanly")
		}
	})
	return nil
}

// anyPortTries is how many ports are tried where any will do: the one that is free for UDP may be in use for TCP.
const anyPortTries = 20

func (c *Carrier) listen(ctx context.Context) (err error) {
	for try := 1; ; try++ {
		err = c.listenOnce(ctx)
		_, port, _ := net.SplitHostPort(c.cfg.SIPAddr)
		if err == nil || c.udp == nil || port != "0" || try == anyPortTries {
			break
		}
		_ = c.udp.Close()
	}
	if err != nil {
		return err
	}
	if c.ip.IsUnspecified() {
		return fmt.Errorf("listen for SIP on %s: the address goes into SDP, give one that callers can reach", c.cfg.SIPAddr)
	}
	if err := c.openSIP(c.udp.LocalAddr().String()); err != nil {
		return err
	}
	return c.openBooks(ctx)
}

// listenOnce listens on one port for UDP and TCP.
func (c *Carrier) listenOnce(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if c.udp, err = lc.ListenPacket(ctx, "udp", c.cfg.SIPAddr); err != nil {
		return fmt.Errorf("listen for SIP on udp %s: %w; stop what holds it or choose another address", c.cfg.SIPAddr, err)
	}
	at := c.udp.LocalAddr().(*net.UDPAddr)
	c.ip, c.port = at.IP, at.Port
	if c.deaf, err = lc.Listen(ctx, "tcp", at.String()); err != nil {
		return fmt.Errorf("listen on tcp %s: %w; stop what holds it or choose another address", at, err)
	}
	return nil
}

// maxDeaf bounds the connections that are held open in silence; the oldest is closed first.
const maxDeaf = 100

// hearNothing accepts TCP connections and never says a word: what a TLS trunk meets at a port that waits for something else. It ends
// when the listener is closed.
func (c *Carrier) hearNothing() {
	var held []net.Conn
	defer func() {
		for _, conn := range held {
			_ = conn.Close()
		}
	}()
	for {
		conn, err := c.deaf.Accept()
		if err != nil {
			return
		}
		if held = append(held, conn); len(held) > maxDeaf {
			_ = held[0].Close()
			held = held[1:]
		}
	}
}

func (c *Carrier) openSIP(at string) (err error) {
	// sipgo logs whole messages, and those hold telephone numbers.
	mute := slog.New(slog.DiscardHandler)
	w := &wire{c: c, parser: sip.NewParser()}
	c.ua, err = sipgo.NewUA(
		sipgo.WithUserAgent("click2call-lab-carrier"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(mute), sip.WithTransportLayerReadFilter(w.filter)),
		sipgo.WithUserAgentTransactionLayerOptions(
			sip.WithTransactionLayerLogger(mute), sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})),
	)
	if err != nil {
		return fmt.Errorf("make SIP user agent: %w", err)
	}
	if c.server, err = sipgo.NewServer(c.ua, sipgo.WithServerLogger(mute)); err != nil {
		return fmt.Errorf("make SIP server: %w", err)
	}
	// BYE leaves from the port that the call came to.
	c.client, err = sipgo.NewClient(c.ua, sipgo.WithClientLogger(mute), sipgo.WithClientAddr(at), sipgo.WithClientConnectionAddr(at))
	if err != nil {
		return fmt.Errorf("make SIP client: %w", err)
	}
	c.route()
	return nil
}

// Close hangs up every call, waits up to 3 s for them to end, and frees the ports. It is idempotent.
func (c *Carrier) Close() error {
	c.mu.Lock()
	first := !c.closing.fired()
	c.closing.fire()
	c.mu.Unlock()
	if !first {
		<-c.closed.done
		return nil
	}
	defer c.closed.fire()
	if c.stop != nil {
		c.stop()
	}
	c.HangUpAll()
	deadline := time.NewTimer(closeTimeout)
	defer deadline.Stop()
	for gone := false; !gone; {
		changed := c.books.watch()
		if gone = c.idle(); gone {
			break
		}
		select {
		case <-changed:
		case <-deadline.C:
			gone = true
		}
	}
	err := c.free()
	c.running.Wait()
	return err
}

func (c *Carrier) free() error {
	var errs []error
	keep := func(err error) {
		if err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, fmt.Errorf("close carrier: %w", err))
		}
	}
	if c.web != nil {
		keep(c.web.Close())
	}
	if c.udp != nil {
		keep(c.udp.Close())
	}
	if c.deaf != nil {
		keep(c.deaf.Close())
	}
	if c.ua != nil {
		keep(c.ua.Close())
	}
	return errors.Join(errs...)
}

// SIPAddr is the address that calls go to, valid after Start.
func (c *Carrier) SIPAddr() string { return c.udp.LocalAddr().String() }

// HTTPURL is where the books are read, valid after Start.
func (c *Carrier) HTTPURL() string { return "http://" + c.webAt.String() }

// Calls returns the books, oldest call first, at most the last 100,000.
func (c *Carrier) Calls() []Call { return c.books.list(c.cfg.MaxCalls, anyCall) }

// Lines returns the calls that hold a line: ringing or up.
func (c *Carrier) Lines() []Call { return c.books.list(c.cfg.MaxCalls, inUse) }

// Number returns the book of one number: its ten digits, or the whole dialed string with its prefix.
func (c *Carrier) Number(n string) NumberBook { return c.books.number(n) }

// WaitFor returns the first call to number that ok accepts, and waits for it until ctx ends. ok runs again whenever any
// call changes, and each time half a second of sound or a digit was heard.
func (c *Carrier) WaitFor(ctx context.Context, number string, ok func(Call) bool) (Call, error) {
	return c.books.wait(ctx, number, ok)
}

// Reset forgets the calls that are over.
func (c *Carrier) Reset() { c.books.reset() }

// ErrNoLine says that a call holds no line (any more).
var ErrNoLine = errors.New("no such line in use")

// HangUp asks a call's line to hang up: BYE when it is up, 480 when it rings. It does not wait; see WaitFor.
func (c *Carrier) HangUp(id string) error {
	l := c.line(id)
	if l == nil {
		return fmt.Errorf("hang up: %w; look at GET /lines", ErrNoLine)
	}
	l.hangUp.fire()
	return nil
}

// HangUpAll asks every line to hang up and returns how many there were.
func (c *Carrier) HangUpAll() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.lines {
		l.hangUp.fire()
	}
	return len(c.lines)
}
