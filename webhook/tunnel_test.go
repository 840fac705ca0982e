package webhook_test

import (
	"bufio"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/webhook"
)

// proxy is an HTTP proxy that connects everybody to one receiver, whatever address they ask for.
type proxy struct {
	mu    sync.Mutex
	asked []string // the address and the credentials of each CONNECT
	to    string
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
	p.mu.Unlock()
	if p.to == "" {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	far, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, "no", http.StatusBadGateway)
		return
	}
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() { _, _ = io.Copy(far, bufio.NewReader(buffered)); _ = far.Close() }()
	go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
}

func (p *proxy) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.asked...)
}

// TestProxyWithTheSameGuard: the proxy is asked for addresses that the guard let pass, and for no others.
func TestProxyWithTheSameGuard(t *testing.T) {
	t.Parallel()
	var posted sync.WaitGroup
	posted.Add(1)
	crm := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posted.Done() }))
	t.Cleanup(crm.Close)
	p := &proxy{to: crm.Listener.Addr().String()}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	require.NoError(t, err)
	address.User = url.UserPassword("c2c", "hunter2")

	dns := &names{answers: []string{"8.8.8.8", "169.254.169.254", "8.8.8.8"}}
	sender := webhook.NewSender(webhook.Guard{}, "test")
	sender.SetResolver(dns.resolver(t))
	sender.SetProxy(address)
	to := request("https://example.com/hook") // which httptest's certificate is for
	to.TLS.CA = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: crm.Certificate().Raw}))

	res := sender.Send(t.Context(), to)
	require.Empty(t, res.Class, res.Error)
	posted.Wait()
	require.Equal(t, []string{"CONNECT 8.8.8.8:443 Basic YzJjOmh1bnRlcjI="}, p.requests(), "an address, not a name")

	another := to
	another.URL = "https://other.example.com/hook"
	res = sender.Send(t.Context(), another)
	require.Equal(t, webhook.ClassRefused, res.Class, res.Error)
	for _, forbidden := range []string{"https://10.0.0.1/", "https://[64:ff9b::a9fe:a9fe]/", "https://127.0.0.1:8443/"} {
		another.URL = forbidden
		require.Equal(t, webhook.ClassRefused, sender.Send(t.Context(), another).Class, forbidden)
	}
	require.Len(t, p.requests(), 1, "the proxy hears of none of them")

	p.to = ""
	another.URL = "https://third.example.com/hook"
	res = sender.Send(t.Context(), another)
	require.Equal(t, webhook.ClassConnect, res.Class, res.Error)
	require.Contains(t, res.Error, "403 Forbidden")
	require.NotContains(t, res.Error, "hunter2")

	sender.SetProxy(&url.URL{Scheme: "socks5", Host: "127.0.0.1:1"})
	res = sender.Send(t.Context(), to)
	require.Equal(t, webhook.ClassConfiguration, res.Class)
	require.Contains(t, res.Error, "HTTPS_PROXY")
}

// TestPlainHTTPUsesNoProxy: it goes to networks that an operator named.
func TestPlainHTTPUsesNoProxy(t *testing.T) {
	t.Parallel()
	address, got := receiver(t, answer(http.StatusOK))
	sender := webhook.NewSender(webhook.Guard{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, "test")
	sender.SetProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	res := sender.Send(t.Context(), request(address))
	require.Empty(t, res.Class, res.Error)
	require.Len(t, got, 1)
	require.True(t, strings.HasPrefix(address, "http://"))
}
