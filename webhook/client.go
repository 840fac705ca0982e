package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	handshakeTimeout = 5 * time.Second
	// maxConnsPerHost is a net under the caller's own bound: attempts that wait for a connection use up their time.
	maxConnsPerHost = 512
	// maxClients is how many TLS configurations are kept ready.
	maxClients = 64
)

// TLS is what a receiver needs beyond public certificates, in PEM. Empty fields ask for nothing.
type TLS struct {
	ClientCert string // with its chain, shown to the receiver
	ClientKey  string
	CA         string // trusted instead of the system's authorities
}

// Sender sends webhooks. It is safe for concurrent use.
type Sender struct {
	check     func(addr netip.Addr, httpOK bool) error // the guard's
	userAgent string
	resolver  *net.Resolver // nil: the system's
	proxy     func(*url.URL) (*url.URL, error)
	total     time.Duration

	mu      sync.Mutex
	clients map[clientKey]*http.Client
}

// clientKey is what connections have in common that may be used again. The guard is asked only when one is made, so that what
// it was told is part of the key: a connection from before plain http was forbidden is used no more.
type clientKey struct {
	tls    TLS
	httpOK bool // https, or plain http is allowed
	proxy  string
}

// NewSender returns a Sender whose connections g guards. It never follows redirects and keeps no cookies. To https URLs it goes by way of
// the proxy that HTTPS_PROXY and NO_PROXY name, and asks that for addresses which the guard let pass.
func NewSender(g Guard, version string) *Sender {
	return &Sender{
		check: g.Check, userAgent: "click2call/" + version, total: TotalTimeout, proxy: httpproxy.FromEnvironment().ProxyFunc(),
		clients: map[clientKey]*http.Client{},
	}
}

// proxyFor is the proxy to an URL; nil: none. Plain http goes to networks that an operator named, which are near.
func (s *Sender) proxyFor(u *url.URL) (*url.URL, error) {
	if u.Scheme != "https" {
		return nil, nil
	}
	proxy, err := s.proxy(u)
	if err != nil || proxy == nil {
		return nil, err
	}
	return proxy, checkProxy(proxy)
}

// clientFor returns the client whose connections the request may use again. A slow link is nobody else's: its client is
// made for this one request.
func (s *Sender) clientFor(r Request, to *url.URL) (*http.Client, error) {
	proxy, err := s.proxyFor(to)
	if err != nil {
		return nil, err
	}
	key := clientKey{tls: r.TLS, httpOK: to.Scheme == "https" || r.AllowHTTP}
	if proxy != nil {
		key.proxy = proxy.String()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.clients[key]; c != nil && !r.Fault.slow() {
		return c, nil
	}
	config, err := r.TLS.config()
	if err != nil {
		return nil, err
	}
	if r.Fault.slow() {
		return s.newClient(config, key.httpOK, proxy, func(t *http.Transport) {
			t.DialContext, t.DisableKeepAlives = r.Fault.dial(t.DialContext), true
			t.TLSHandshakeTimeout = 0 // a slow link's handshake may take most of the attempt's time
		}), nil
	}
	if len(s.clients) >= maxClients { // rare: so many live only if certificates are changed again and again
		for _, c := range s.clients {
			c.CloseIdleConnections()
		}
		clear(s.clients)
	}
	c := s.newClient(config, key.httpOK, proxy)
	s.clients[key] = c
	return c, nil
}

func (s *Sender) newClient(config *tls.Config, httpOK bool, proxy *url.URL, change ...func(*http.Transport)) *http.Client {
	dialer := &net.Dialer{Timeout: ConnectTimeout, ControlContext: control(s.check, httpOK), Resolver: s.resolver}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    handshakeTimeout,
		TLSClientConfig:        config,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // a bomb must not grow in our memory
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    16,
		MaxConnsPerHost:        maxConnsPerHost,
		IdleConnTimeout:        time.Minute,
	}
	if proxy != nil {
		resolver := s.resolver
		if resolver == nil {
			resolver = net.DefaultResolver
		}
		transport.DialContext = tunnel{
			proxy: proxy, dialer: &net.Dialer{Timeout: ConnectTimeout, Resolver: s.resolver}, resolver: resolver,
			check: func(a netip.Addr) error { return s.check(a, httpOK) },
		}.DialContext
	}
	for _, f := range change {
		f(transport)
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     transport,
	}
}

func (t TLS) config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(t.CA)) {
			return nil, errors.New("the endpoint's certificate authority is not PEM; set it again")
		}
	}
	if t.ClientCert != "" || t.ClientKey != "" {
		pair, err := tls.X509KeyPair([]byte(t.ClientCert), []byte(t.ClientKey))
		if err != nil {
			return nil, errors.New("the endpoint's client certificate and key are not a pair in PEM; set them again")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
