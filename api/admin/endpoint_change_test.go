package admin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/click2call/click2call/store"
)

type fields = map[string]any

// identity is a certificate of 127.0.0.1 that signed itself, and its key, in PEM.
func identity(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

// carefulReceiver takes only what secret signed, what has the tenant's header, and who shows the certificate client.
func carefulReceiver(t *testing.T, secret, tenant, client string) (url, ca string) {
	t.Helper()
	ca, key := identity(t)
	pair, err := tls.X509KeyPair([]byte(ca), []byte(key))
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		if err != nil || !verifies(t, secret, r, body) || r.Header.Get("X-Tenant") != tenant {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	clients := x509.NewCertPool()
	require.True(t, clients.AppendCertsFromPEM([]byte(client)))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, ca
}

// TestHeadersAndCertificates sets, one after the other, all that a careful receiver asks for.
func TestHeadersAndCertificates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	e := b.endpoint(nowhere)
	cert, key := identity(t)
	url, ca := carefulReceiver(t, e.Secrets[0].Secret, "hunter2", cert)
	change := func(to fields) *answer { return w.do(http.MethodPatch, "/endpoints/"+e.ID, to) }
	takes := func() bool {
		return w.post("/endpoints/"+e.ID+"/trials/outcome-busy", nil).is(http.StatusOK).at("passed").(bool)
	}
	change(fields{"url": url, "api_key": outboundKey}).is(http.StatusOK)
	require.False(t, takes(), "nobody knows its authority")
	change(fields{"tls": fields{"client_certificate": "", "client_key": "", "ca": ca}}).is(http.StatusOK)
	require.False(t, takes(), "it asks for a client certificate")
	got := change(fields{"tls": fields{"client_certificate": cert, "client_key": key, "ca": ca}}).is(http.StatusOK)
	require.Equal(t, []any{true, true}, []any{got.at("client_certificate"), got.at("custom_ca")})
	require.False(t, takes(), "it asks for a header")
	got = change(fields{"headers": fields{"X-Tenant": "hunter2", "X-Other": "hunter3"}}).is(http.StatusOK)
	require.Equal(t, []any{"X-Other", "X-Tenant"}, got.at("header_names"))
	require.True(t, takes())
	change(fields{"url": url + "/a/path"}).is(http.StatusOK)
	require.True(t, takes(), "what is not named stays")

	page, err := b.store.AuditLog(t.Context(), store.AuditFilter{Limit: 200})
	require.NoError(t, err)
	var details []string
	for _, entry := range page.Entries {
		details = append(details, entry.Detail)
	}
	said := strings.Join(details, "\n")
	require.Contains(t, said, "custom headers: X-Other X-Tenant")
	require.Contains(t, said, "certificates: the client's an own authority")
	for _, text := range []string{said, b.log.String(), string(w.get("/endpoints").is(http.StatusOK).body)} {
		require.NotContains(t, text, "hunter")
		require.NotContains(t, text, "PRIVATE KEY")
	}
	got = change(fields{"headers": fields{}, "tls": fields{"client_certificate": "", "client_key": "", "ca": ""}}).is(http.StatusOK)
	require.Equal(t, []any{false, false, []any{}}, []any{got.at("client_certificate"), got.at("custom_ca"), got.at("header_names")})
}

func TestEndpointChangesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	e := b.endpoint("https://crm.example.com/hook")
	cert, key := identity(t)
	_, stranger := identity(t)
	many := fields{}
	for _, letter := range strings.Split("abcdefghijklmnopqrstu", "") {
		many["X-"+letter] = "1"
	}
	certificates := func(cert, key, ca string) fields {
		return fields{"tls": fields{"client_certificate": cert, "client_key": key, "ca": ca}}
	}
	for field, bodies := range map[string][]fields{
		"url":                    {{"url": "ftp://evil.example"}},
		"api_key":                {{"url": "https://evil.example/hook"}, {"url": "http://crm.example.com/hook"}},
		"headers":                {{"headers": many}, {"headers": fields{"User-Agent": "x"}}, {"headers": fields{"X A": "x"}}, {"headers": fields{"X-A": "1\r\nX-B: 2"}}, {"headers": fields{"X-A": "1", "x-a": "2"}}},
		"headers.X-A":            {{"headers": fields{"X-A": strings.Repeat("x", 2049)}}},
		"tls.client_certificate": {certificates("", key, ""), certificates(cert, stranger, ""), certificates(strings.Repeat("x", 65537), "", "")},
		"tls.client_key":         {certificates(cert, "", "")},
		"tls.ca":                 {certificates("", "", "no PEM")},
		"state":                  {{"state": "off"}},
	} {
		for _, body := range bodies {
			w.do(http.MethodPatch, "/endpoints/"+e.ID, body).isProblem(http.StatusBadRequest, "invalid_request").names(field)
		}
	}
	now, err := b.store.Endpoint(t.Context(), e.ID)
	require.NoError(t, err)
	require.Equal(t, []any{e.URL, e.APIKey, e.TLS, e.State}, []any{now.URL, now.APIKey, now.TLS, now.State})
	require.Empty(t, now.Headers)
}

// TestPauseEndpoint parks deliveries, and says to the watch over them when they may go.
func TestPauseEndpoint(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := b.as(store.RoleAdmin)
	e := b.endpoint("https://crm.example.com/hook")
	c := b.endedCall(b.trunk("main"), answered())
	state := func() store.DeliveryState {
		d, err := b.store.TakeUp(t.Context(), c.ID.EventID(), "a run")
		require.NoError(t, err)
		return d.State
	}
	change := func(to string) *answer {
		return w.do(http.MethodPatch, "/endpoints/"+e.ID, fields{"state": to}).is(http.StatusOK)
	}
	require.Equal(t, "paused", change("paused").str("state"))
	require.Equal(t, store.DeliveryParked, state())
	require.Equal(t, []string{"well " + e.ID + " 0"}, b.workflows.told, "the watch of an open breaker, if there is one, hands over")
	require.Equal(t, "active", change("active").str("state"))
	require.Equal(t, []string{"well " + e.ID + " 0", "well " + e.ID + " 1"}, b.workflows.told)
	require.Equal(t, store.DeliveryPending, state())

	b.workflows.err = errors.New("Temporal is away")
	require.Equal(t, "paused", change("paused").str("state"), "it is stored, and the watch finds it at its next look")
	require.Contains(t, b.log.String(), "cannot reach the watch")
}

// TestChangeTellsTheWatch: a URL that was wrong is not probed ten minutes after it was corrected.
func TestChangeTellsTheWatch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w, e := b.as(store.RoleAdmin), b.endpoint("https://crm.example.com/hook")
	changes := fields{
		"url": "https://crm.example.com/right", "api_key": "another", "headers": map[string]string{"X-Tenant": "7"}, "tls": map[string]string{"client_certificate": "", "client_key": "", "ca": ""},
	}
	for field, change := range changes {
		_, health, err := b.store.RecordResult(t.Context(), e.ID, store.EndpointResult{At: time.Now(), EventID: "evt_1", Gone: true, Error: "answered 410"})
		require.NoError(t, err)
		before := len(b.workflows.told)
		w.do(http.MethodPatch, "/endpoints/"+e.ID, fields{field: change}).is(http.StatusOK)
		require.Equal(t, []string{fmt.Sprintf("well %s %d", e.ID, health.Holds)}, b.workflows.told[before:], field)
	}
	_, _, err := b.store.RecordResult(t.Context(), e.ID, store.EndpointResult{At: time.Now(), OK: true})
	require.NoError(t, err)
	before := len(b.workflows.told)
	w.do(http.MethodPatch, "/endpoints/"+e.ID, fields{"url": "https://crm.example.com/other"}).is(http.StatusOK)
	require.Len(t, b.workflows.told, before, "nobody watches over one that is well")
}
