package store

import (
	"context"
	"net"
	"time"
)

// boundedDialer makes connections whose reads end. A server that is frozen, or gone behind a firewall that drops
// packets, would otherwise hold a caller for ever: lib/pq does not end a read when its context ends.
type boundedDialer struct{ longestRead time.Duration }

func (d boundedDialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

func (d boundedDialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

func (d boundedDialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &boundedConn{Conn: conn, longestRead: d.longestRead}, nil
}

type boundedConn struct {
	net.Conn
	longestRead time.Duration
	handshake   bool // lib/pq has set a deadline of its own
}

func (c *boundedConn) SetDeadline(t time.Time) error {
	c.handshake = !t.IsZero()
	return c.Conn.SetDeadline(t)
}

func (c *boundedConn) Read(b []byte) (int, error) {
	if !c.handshake {
		if err := c.Conn.SetReadDeadline(time.Now().Add(c.longestRead)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(b)
}
