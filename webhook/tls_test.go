package webhook_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/webhook"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{t, cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

// sign makes a certificate for 127.0.0.1 and returns it and its key in PEM.
func (a *authority) sign(until time.Time, host string) (cert, key string) {
	a.t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until,
		IPAddresses: []net.IP{net.ParseIP(host)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &private.PublicKey, a.key)
	require.NoError(a.t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(a.t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

func tlsReceiver(t *testing.T, cert, key string, clients *authority) (url string) {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if clients != nil {
		server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		server.TLS.ClientCAs.AddCert(clients.cert)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

func TestTLS(t *testing.T) {
	t.Parallel()
	ours, other := newAuthority(t), newAuthority(t)
	later, past := time.Now().Add(time.Hour), time.Now().Add(-time.Minute)
	good, goodKey := ours.sign(later, "127.0.0.1")
	expired, expiredKey := ours.sign(past, "127.0.0.1")
	misnamed, misnamedKey := ours.sign(later, "192.0.2.1")
	client, clientKey := ours.sign(later, "127.0.0.1")
	stranger, strangerKey := other.sign(later, "127.0.0.1")
	plain, mutual := tlsReceiver(t, good, goodKey, nil), tlsReceiver(t, good, goodKey, ours)
	for name, c := range map[string]struct {
		url   string
		tls   webhook.TLS
		class webhook.Class
	}{
		"an authority that nobody knows":     {plain, webhook.TLS{}, webhook.ClassTLS},
		"the endpoint's own authority":       {plain, webhook.TLS{CA: ours.pem}, ""},
		"another authority":                  {plain, webhook.TLS{CA: other.pem}, webhook.ClassTLS},
		"expired":                            {tlsReceiver(t, expired, expiredKey, nil), webhook.TLS{CA: ours.pem}, webhook.ClassTLS},
		"another name":                       {tlsReceiver(t, misnamed, misnamedKey, nil), webhook.TLS{CA: ours.pem}, webhook.ClassTLS},
		"a client certificate":               {mutual, webhook.TLS{CA: ours.pem, ClientCert: client, ClientKey: clientKey}, ""},
		"no client certificate":              {mutual, webhook.TLS{CA: ours.pem}, webhook.ClassTLS},
		"a stranger's client certificate":    {mutual, webhook.TLS{CA: ours.pem, ClientCert: stranger, ClientKey: strangerKey}, webhook.ClassTLS},
		"a pair that does not belong":        {mutual, webhook.TLS{CA: ours.pem, ClientCert: client, ClientKey: strangerKey}, webhook.ClassConfiguration},
		"https of a server that speaks http": {"https" + httpOnly(t)[len("http"):], webhook.TLS{}, webhook.ClassTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sender := newSender()
			for range 2 { // the second one over a kept client
				r := request(c.url)
				r.TLS = c.tls
				res := sender.Send(t.Context(), r)
				require.Equal(t, c.class, res.Class, res.Error)
			}
		})
	}
}

func httpOnly(t *testing.T) string {
	t.Helper()
	url, _ := receiver(t, answer(http.StatusOK))
	return url
}
