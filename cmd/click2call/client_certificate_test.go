package main

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
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// writeCertificate makes a self-signed certificate with a name in two files.
func writeCertificate(t *testing.T, name, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
}

// TestTemporalsCertificateIsRenewed: who renews the files need not restart anything.
func TestTemporalsCertificateIsRenewed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	certificate, key := filepath.Join(folder, "client.pem"), filepath.Join(folder, "client.key")
	writeCertificate(t, "first", certificate, key)
	opts, err := temporalOptions(environment{
		"TEMPORAL_ADDRESS": "temporal:7233", "TEMPORAL_TLS_CLIENT_CERT_PATH": certificate, "TEMPORAL_TLS_CLIENT_KEY_PATH": key,
	})
	require.NoError(t, err)
	ours := opts.ConnectionOptions.TLS.Clone()
	ours.InsecureSkipVerify = true // who the server is, is not the question

	writeCertificate(t, "server", filepath.Join(folder, "server.pem"), filepath.Join(folder, "server.key"))
	server, err := tls.LoadX509KeyPair(filepath.Join(folder, "server.pem"), filepath.Join(folder, "server.key"))
	require.NoError(t, err)
	shown := func() string {
		near, far := net.Pipe()
		defer func() { _, _ = near.Close(), far.Close() }()
		names := make(chan string, 1)
		go func() {
			conn := tls.Server(far, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{server}, ClientAuth: tls.RequireAnyClientCert})
			if conn.HandshakeContext(t.Context()) != nil {
				names <- "nobody"
				return
			}
			names <- conn.ConnectionState().PeerCertificates[0].Subject.CommonName
		}()
		require.NoError(t, tls.Client(near, ours).HandshakeContext(t.Context()))
		return <-names
	}
	require.Equal(t, "first", shown())
	writeCertificate(t, "second", certificate, key)
	require.Equal(t, "second", shown())
	require.NoError(t, os.WriteFile(key, []byte("half"), 0o600))
	require.Equal(t, "second", shown(), "while the files are being written, the last good one")
	writeCertificate(t, "third", certificate, key)
	require.Equal(t, "third", shown())
}
