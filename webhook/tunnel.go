package webhook

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// maxProxyReply bounds what a proxy may answer to CONNECT.
const maxProxyReply = 8 << 10

// tunnel connects by way of an HTTP proxy. It resolves names itself and asks the proxy for the address that the guard let pass: a proxy
// that was told a name would resolve it where nobody looks.
type tunnel struct {
	proxy    *url.URL // http or https
	dialer   *net.Dialer
	resolver *net.Resolver
	check    func(netip.Addr) error
}

// checkProxy refuses what tunnel cannot use.
func checkProxy(proxy *url.URL) error {
	if (proxy.Scheme != "http" && proxy.Scheme != "https") || proxy.Hostname() == "" {
		return errors.New("the proxy for webhooks (HTTPS_PROXY) must be an http or https URL")
	}
	return nil
}

func (t tunnel) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("split %q: %w", address, err)
	}
	addresses, err := t.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, a := range addresses {
		if refused := t.check(a); refused != nil {
			if failed == nil {
				failed = refused
			}
			continue
		}
		conn, err := t.connect(ctx, network, net.JoinHostPort(a.Unmap().WithZone("").String(), port))
		if err == nil {
			return conn, nil
		}
		failed = err
	}
	return nil, failed
}

// connect asks the proxy for a connection to an address.
func (t tunnel) connect(ctx context.Context, network, to string) (_ net.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, ConnectTimeout)
	defer cancel()
	port := t.proxy.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[t.proxy.Scheme]
	}
	conn, err := t.dialer.DialContext(ctx, network, net.JoinHostPort(t.proxy.Hostname(), port))
	if err != nil {
		return nil, fmt.Errorf("reach the proxy: %w", err)
	}
	raw := conn
	defer func() {
		if err != nil {
			_ = raw.Close()
		}
	}()
	if t.proxy.Scheme == "https" {
		secured := tls.Client(conn, &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.proxy.Hostname()})
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("reach the proxy: %w", err)
		}
		conn = secured
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	if err := t.ask(conn, to); err != nil {
		stop()
		return nil, &net.OpError{Op: "dial", Net: network, Err: err} // the receiver was not reached
	}
	if !stop() {
		return nil, ctx.Err()
	}
	return conn, nil
}

// ask is CONNECT (RFC 9110, section 9.3.6).
func (t tunnel) ask(conn net.Conn, to string) error {
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: to}, Host: to, Header: http.Header{}}
	if u := t.proxy.User; u != nil {
		password, _ := u.Password()
		r.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)))
	}
	if err := r.Write(conn); err != nil {
		return fmt.Errorf("ask the proxy: %w", err)
	}
	reply := bufio.NewReaderSize(conn, maxProxyReply)
	resp, err := http.ReadResponse(reply, r) //nolint:bodyclose // what follows is the connection that was asked for
	if err != nil {
		return fmt.Errorf("ask the proxy: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy answered %s to CONNECT %s", resp.Status, to)
	}
	if reply.Buffered() > 0 {
		return errors.New("the proxy went on after its answer to CONNECT")
	}
	return nil
}
