package webhook_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/click2call/click2call/webhook"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	open, inside := webhook.Guard{}, webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}}
	for _, addr := range strings.Fields(`
		127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 ::127.0.0.1 0.0.0.0 0.1.2.3 ::
		10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 ::ffff:10.0.0.1 ::ffff:0:10.0.0.1 100.64.0.1 100.127.255.255
		169.254.169.254 ::ffff:169.254.169.254 fe80::1 fe80::1%eth0 fd00:ec2::254 fc00::1 fdff::1 fec0::1
		64:ff9b::a9fe:a9fe 64:ff9b:1::1 2002:a9fe:a9fe:: 2001:0:1:2:3:4:5:6 2001:20::1 192.88.99.1
		168.63.129.16 192.0.0.192 192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 198.19.255.255 240.0.0.1 255.255.255.255
		224.0.0.1 239.255.255.255 ff02::1 ff0e::1 100::1 2001:db8::1 3fff::1 5f00::1`) {
		require.ErrorContains(t, open.Check(netip.MustParseAddr(addr), true), "WEBHOOK_ALLOWED_RANGES", addr)
	}
	for _, addr := range strings.Fields(`8.8.8.8 1.1.1.1 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 169.253.0.1 192.0.1.1 2606:4700::1111 2a00::1 ::ffff:8.8.8.8`) {
		require.NoError(t, open.Check(netip.MustParseAddr(addr), true), addr)
		require.ErrorContains(t, open.Check(netip.MustParseAddr(addr), false), "only https", addr)
	}
	for _, addr := range strings.Fields(`10.1.2.3 ::ffff:10.1.2.3 fd12::1`) {
		require.NoError(t, inside.Check(netip.MustParseAddr(addr), false), "allowed, by http too")
	}
	require.Error(t, inside.Check(netip.MustParseAddr("10.2.0.1"), true))
}

// TestGuardNAT64: the address that the translator connects to is judged, by the allowed networks as well.
func TestGuardNAT64(t *testing.T) {
	t.Parallel()
	prefixes := func(texts ...string) (all []netip.Prefix) {
		for _, text := range texts {
			all = append(all, netip.MustParsePrefix(text))
		}
		return all
	}
	g := webhook.Guard{NAT64: prefixes("2001:678:1::/96", "2001:678:2::/64", "2001:678:3::/48", "64:ff9b:1::/48"), Allowed: prefixes("10.1.0.0/16", "64:ff9b::/96", "2001:678::/32")}
	for addr, ok := range map[string]bool{
		"64:ff9b::808:808": true, "64:ff9b::a9fe:a9fe": false, "64:ff9b::7f00:1": false, "64:ff9b::a00:1": false, "64:ff9b::a01:203": true,
		"2001:678:1::8.8.8.8": true, "2001:678:1::10.1.2.3": true, "2001:678:1::10.2.0.1": false, "2001:678:1::169.254.169.254": false,
		"2001:678:2:0:8:808:800::": true, "2001:678:2:0:7f:0:100::": false, "2001:678:3:808:8:800::": true, "2001:678:3:a9fe:a9:fe00::": false,
		"64:ff9b:1:808:8:800::": true, "64:ff9b:1:a9fe:a9:fe00::": false, "64:ff9b:1:a01:2:300::": true,
	} {
		err := g.Check(netip.MustParseAddr(addr), true)
		require.Equal(t, ok, err == nil, "%s: %v", addr, err)
	}
	require.ErrorContains(t, webhook.Guard{}.Check(netip.MustParseAddr("64:ff9b:1::808:808"), true), "WEBHOOK_NAT64_PREFIXES")
	for text, ok := range map[string]bool{"64:ff9b:1::/48": true, "2001:678::/32": true, "2001:678::/33": false, "10.0.0.0/32": false, "2001:678::/128": false} {
		require.Equal(t, ok, webhook.CheckNAT64(netip.MustParsePrefix(text)) == nil, text)
	}
}

// TestGuardMetadata: whoever allows a network does not mean the cloud's secrets in it.
func TestGuardMetadata(t *testing.T) {
	t.Parallel()
	all := webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0"), netip.MustParsePrefix("169.254.169.254/31")}}
	for _, addr := range strings.Fields(`169.254.169.254 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe 169.254.170.2 fd00:ec2::254 168.63.129.16 100.100.100.200
		192.0.0.192 fd20:ce::254 fd00:c1::a9fe:a9fe 2002:a9fe:a9fe::`) {
		require.ErrorContains(t, all.Check(netip.MustParseAddr(addr), true), "cloud metadata", addr)
		single := netip.MustParseAddr(addr).Unmap()
		if addr == "64:ff9b::a9fe:a9fe" {
			single = netip.MustParseAddr("169.254.169.254")
		}
		exactly := webhook.Guard{Allowed: []netip.Prefix{netip.PrefixFrom(single, single.BitLen())}}
		require.NoError(t, exactly.Check(netip.MustParseAddr(addr), true), addr)
	}
	require.NoError(t, all.Check(netip.MustParseAddr("169.254.169.253"), true))
}

// names is a name server whose answer for a name changes with every look-up, the last one staying.
type names struct {
	mu      sync.Mutex
	answers []string
	asked   int
}

// resolver starts the server and returns a resolver that asks only it.
func (n *names) resolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		packet := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			if reply, err := n.reply(packet[:size]); err == nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (n *names) lookUps() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked
}

func (n *names) reply(query []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
		n.mu.Lock()
		addr := netip.MustParseAddr(n.answers[min(n.asked, len(n.answers)-1)])
		n.asked++
		n.mu.Unlock()
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
			Body:   &dnsmessage.AResource{A: addr.As4()},
		}}
	}
	return m.Pack()
}

// TestRebinding has a name that is good at its first look-up and the cloud's metadata service at the second.
func TestRebinding(t *testing.T) {
	t.Parallel()
	url, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	dns := &names{answers: []string{"127.0.0.1", "169.254.169.254"}}
	sender := newSender()
	sender.SetResolver(dns.resolver(t))
	rebound := request("http://crm.example.com:" + port)

	res := sender.Send(t.Context(), rebound)
	require.Empty(t, res.Class, res.Error)
	require.Positive(t, res.DNS)
	res = sender.Send(t.Context(), rebound)
	require.Equal(t, webhook.ClassRefused, res.Class, res.Error)
	require.Contains(t, res.Error, "169.254.169.254")
	require.Zero(t, res.FirstByte)
	require.Equal(t, 2, dns.lookUps())
}

// TestForbiddenAddressesAreNotConnectedTo listens on every loopback address and lets nobody through.
func TestForbiddenAddressesAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", ":0") //nolint:gosec // the test is about who gets here
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	var connections atomic.Int64
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = conn.Close()
		}
	}()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	require.NoError(t, err)
	sender := webhook.NewSender(webhook.Guard{}, "test")
	dns := &names{answers: []string{"127.0.0.1"}}
	sender.SetResolver(dns.resolver(t))
	for _, host := range []string{"127.0.0.1", "127.9.9.9", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "localhost.example.com", "127.1", "2130706433"} {
		for _, scheme := range []string{"http", "https"} {
			r := request(scheme + "://" + host + ":" + port + "/")
			r.AllowHTTP = true
			res := sender.Send(t.Context(), r)
			require.Contains(t, []webhook.Class{webhook.ClassRefused, webhook.ClassDNS}, res.Class, "%s: %s", host, res.Error)
			require.Zero(t, res.Status)
		}
	}
	require.Zero(t, connections.Load())
}

// TestHTTPSOnlyCountsForKeptConnections: loopback stands for a public address here. The connection that was made while plain
// http was allowed is still open when it is forbidden.
func TestHTTPSOnlyCountsForKeptConnections(t *testing.T) {
	t.Parallel()
	url, got := receiver(t, answer(http.StatusOK))
	sender := newSender()
	sender.SetCheck(func(_ netip.Addr, httpOK bool) error {
		return webhook.Guard{}.Check(netip.MustParseAddr("8.8.8.8"), httpOK)
	})
	r := request(url)
	for _, allowed := range []bool{true, false, true} {
		r.AllowHTTP = allowed
		res := sender.Send(t.Context(), r)
		if !allowed {
			require.Equal(t, webhook.ClassRefused, res.Class)
			require.Contains(t, res.Error, "only https")
			continue
		}
		require.Empty(t, res.Class, res.Error)
	}
	require.Len(t, got, 2)
}
