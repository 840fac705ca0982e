package livekit

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"

	"github.com/gorilla/websocket"
)

// Authorities are the system's certificate authorities and those in a PEM text: for a LiveKit whose certificate is a private one's.
func Authorities(pem []byte) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without any
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("holds no certificate in PEM")
	}
	return pool, nil
}

// WithAuthorities has requests to LiveKit, and this process's own participants in rooms, trust these authorities. LiveKit's SDK joins
// rooms by the default dialer of its WebSocket library and takes no other, so that one is changed: once, before anything is dialed.
func WithAuthorities(pool *x509.CertPool) Option {
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	return func(c *Client) {
		for _, t := range c.transports {
			t.TLSClientConfig = config.Clone()
		}
		websocket.DefaultDialer = &websocket.Dialer{
			Proxy: http.ProxyFromEnvironment, HandshakeTimeout: joinTimeout, TLSClientConfig: config.Clone(),
		}
	}
}
