package servers

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	checkEvery  = 500 * time.Millisecond
	checkWithin = time.Second
	dialWithin  = 2 * time.Second
)

// front is a balancer of TCP connections, as stands before several LiveKit servers everywhere: new connections go to those that are
// well, in turn; those to one that is not are closed, so that clients come again and reach another.
type front struct {
	port     int
	backends []*backend
	next     atomic.Uint32

	listener net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup
}

type backend struct {
	address string

	mu    sync.Mutex
	well  bool
	conns map[net.Conn]bool
}

func newFront(port int, backends ...int) *front {
	f := &front{port: port}
	for _, b := range backends {
		f.backends = append(f.backends, &backend{address: fmt.Sprintf("127.0.0.1:%d", b), conns: map[net.Conn]bool{}})
	}
	return f
}

// start listens until close. ctx bounds nothing but the start.
func (f *front) start(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if f.listener, err = lc.Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", f.port)); err != nil {
		return fmt.Errorf("start the balancer: %w (LAB_PORTS: livekit-front)", err)
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	f.stop = stop
	for _, b := range f.backends {
		b.check(running)
		f.running.Go(func() { b.watch(running) })
	}
	f.running.Go(func() { f.accept(running) })
	return nil
}

// close ends all connections. It may be called at any time and twice.
func (f *front) close() {
	if f.listener == nil {
		return
	}
	f.stop()
	_ = f.listener.Close()
	for _, b := range f.backends {
		b.mark(false)
	}
	f.running.Wait()
}

func (f *front) accept(ctx context.Context) {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.running.Go(func() { f.carry(ctx, conn) })
	}
}

// carry takes one connection to a server and back.
func (f *front) carry(ctx context.Context, conn net.Conn) {
	defer func() { _ = conn.Close() }()
	b, there := f.reach(ctx)
	if there == nil {
		return
	}
	defer b.forget(there)
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(conn, there)
		_ = conn.Close()
	}()
	_, _ = io.Copy(there, conn)
	_ = there.Close()
	<-back
}

// reach connects to the next server that is well; nil when none is.
func (f *front) reach(ctx context.Context) (*backend, net.Conn) {
	first, d := int(f.next.Add(1)), net.Dialer{Timeout: dialWithin}
	for i := range f.backends {
		b := f.backends[(first+i)%len(f.backends)]
		if !b.isWell() {
			continue
		}
		there, err := d.DialContext(ctx, "tcp", b.address)
		if err != nil {
			continue
		}
		if b.keep(there) {
			return b, there
		}
		_ = there.Close()
	}
	return nil, nil
}

func (b *backend) isWell() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.well
}

func (b *backend) keep(conn net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.well {
		b.conns[conn] = true
	}
	return b.well
}

func (b *backend) forget(conn net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.conns, conn)
}

func (b *backend) watch(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.check(ctx)
		}
	}
}

func (b *backend) check(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	b.mark(HTTPAnswers("http://"+b.address+"/", http.StatusOK)(ctx) == nil)
}

// mark notes whether the server is well; connections to one that is not are closed.
func (b *backend) mark(well bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.well = well
	if well {
		return
	}
	for conn := range b.conns {
		_ = conn.Close()
	}
}
