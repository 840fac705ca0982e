package main

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/pires/go-proxyproto"
	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/api/address"
)

// TestProxyProtocol: HAProxy, nginx, Envoy, and the balancers of AWS and Azure write one of the two versions before a connection.
func TestProxyProtocol(t *testing.T) {
	t.Parallel()
	v2 := func(command proxyproto.ProtocolVersionAndCommand, family proxyproto.AddressFamilyAndProtocol, from, to net.Addr) string {
		var b bytes.Buffer
		_, err := (&proxyproto.Header{Version: 2, Command: command, TransportProtocol: family, SourceAddr: from, DestinationAddr: to}).WriteTo(&b)
		require.NoError(t, err)
		return b.String()
	}
	tcp := func(text string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(text)) }
	trusted := address.Proxies{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for name, tc := range map[string]struct {
		proxies address.Proxies
		before  string
		status  int
		of      string
	}{
		"version 1":                {trusted, "PROXY TCP4 203.0.113.5 192.0.2.1 4711 443\r\n", http.StatusOK, "203.0.113.5"},
		"version 1, IPv6":          {trusted, "PROXY TCP6 2001:db8::5 2001:db8::1 4711 443\r\n", http.StatusOK, "2001:db8::5"},
		"version 1, unknown":       {trusted, "PROXY UNKNOWN\r\n", http.StatusOK, "127.0.0.1"},
		"version 2":                {trusted, v2(proxyproto.PROXY, proxyproto.TCPv4, tcp("203.0.113.5:4711"), tcp("192.0.2.1:443")), http.StatusOK, "203.0.113.5"},
		"version 2, IPv6":          {trusted, v2(proxyproto.PROXY, proxyproto.TCPv6, tcp("[2001:db8::5]:4711"), tcp("[2001:db8::1]:443")), http.StatusOK, "2001:db8::5"},
		"version 2, of the proxy":  {trusted, v2(proxyproto.LOCAL, proxyproto.UNSPEC, nil, nil), http.StatusOK, "127.0.0.1"},
		"a proxy that says nought": {trusted, "", http.StatusOK, "127.0.0.1"},
		"nobody whom we trust":     {address.Proxies{}, "PROXY TCP4 203.0.113.5 192.0.2.1 4711 443\r\n", http.StatusBadRequest, ""},
		"nobody, who says nought":  {address.Proxies{}, "", http.StatusOK, "127.0.0.1"},
		"nonsense":                 {trusted, "PROXY TCP4 nobody nowhere 1 2\r\n", http.StatusBadRequest, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, tc.proxies.Of(r)) }), time.Minute)
			go func() { _ = server.Serve(behindProxies(listener, tc.proxies)) }() // ends with Close, and says only that
			t.Cleanup(func() { require.NoError(t, server.Close()) })
			conn, err := net.Dial("tcp", listener.Addr().String())
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
			send(t, conn, tc.before+"GET / HTTP/1.1\r\nHost: c2c\r\n\r\n")
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if tc.status != http.StatusOK && err != nil {
				return // the connection was closed without a word
			}
			require.NoError(t, err)
			defer func() { require.NoError(t, resp.Body.Close()) }()
			require.Equal(t, tc.status, resp.StatusCode)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			if tc.of != "" {
				require.Equal(t, tc.of, string(body))
			}
		})
	}
}
