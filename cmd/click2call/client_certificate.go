package main

import (
	"crypto/tls"
	"sync"

	"go.temporal.io/sdk/contrib/envconfig"
)

// renewed is a client certificate in two files that somebody replaces before it ends. Every new connection shows the pair that the files
// hold then; while they hold none, as between the two writes, the last good one.
type renewed struct {
	certificate, key string // files

	mu   sync.Mutex
	last *tls.Certificate
}

// get is tls.Config's GetClientCertificate.
func (r *renewed) get(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pair, err := tls.LoadX509KeyPair(r.certificate, r.key)
	if err != nil {
		if r.last == nil {
			return nil, err
		}
		return r.last, nil
	}
	r.last = &pair
	return r.last, nil
}

// renewCertificate has the client read the certificate's files again at each connection; the SDK reads them once. Certificates that are
// in the environment itself stay as they are.
func renewCertificate(config *tls.Config, lookup envconfig.EnvLookup) error {
	profile, err := envconfig.LoadClientConfigProfile(envconfig.LoadClientConfigProfileOptions{EnvLookup: lookup})
	if err != nil {
		return err
	}
	if config == nil || profile.TLS == nil || profile.TLS.ClientCertPath == "" || len(config.Certificates) == 0 {
		return nil
	}
	files := &renewed{certificate: profile.TLS.ClientCertPath, key: profile.TLS.ClientKeyPath, last: &config.Certificates[0]}
	config.GetClientCertificate, config.Certificates = files.get, nil
	return nil
}
