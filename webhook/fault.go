package webhook

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// slowPause is the pause between two pieces on a slow link.
const slowPause = 50 * time.Millisecond

// Fault is what a trial does wrong on purpose, to see what a receiver makes of it. Nothing else sets one. A nil Fault
// changes nothing.
type Fault struct {
	At             time.Time         // what webhook-timestamp says and the signature covers, instead of now
	Signed         []byte            // what the signature covers, instead of the body
	Header         func(http.Header) // changes the headers when everything is signed
	BytesPerSecond int               // how fast the request is sent; 0: as fast as it can be
}

// says is the moment and the body that the signature covers.
func (f *Fault) says(at time.Time, body []byte) (time.Time, []byte) {
	if f == nil {
		return at, body
	}
	if !f.At.IsZero() {
		at = f.At
	}
	if f.Signed != nil {
		body = f.Signed
	}
	return at, body
}

func (f *Fault) spoil(h http.Header) {
	if f != nil && f.Header != nil {
		f.Header(h)
	}
}

func (f *Fault) slow() bool { return f != nil && f.BytesPerSecond > 0 }

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dial makes connections that send slowly. The body alone could not be dripped: net/http gathers a small one into one
// packet with its headers.
func (f *Fault) dial(fast dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := fast(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &slowConn{Conn: conn, piece: max(1, f.BytesPerSecond*int(slowPause)/int(time.Second)), closed: make(chan struct{})}, nil
	}
}

// slowConn writes piece by piece. net/http closes it when the attempt's time is over, which ends a pause.
type slowConn struct {
	net.Conn
	piece  int
	closed chan struct{}
	once   sync.Once
}

func (c *slowConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func (c *slowConn) Write(b []byte) (int, error) {
	written := 0
	for written < len(b) {
		n, err := c.Conn.Write(b[written:min(written+c.piece, len(b))])
		written += n
		if err != nil {
			return written, err
		}
		select {
		case <-c.closed:
			return written, net.ErrClosed
		case <-time.After(slowPause):
		}
	}
	return written, nil
}
