package store

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

const (
	maxStaticHeaders = 20
	maxPEM           = 64 << 10 // bytes
)

// reservedHeaders are sent by us, or belong to the connection.
var reservedHeaders = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host", "keep-alive", "proxy-authorization",
	"te", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-api-key",
}

// EndpointTLS is what an endpoint needs beyond public certificates, in PEM. Empty fields ask for nothing.
type EndpointTLS struct {
	ClientCert string `json:"client_cert,omitempty"` // with its chain, shown to the receiver
	ClientKey  string `json:"client_key,omitempty"`
	CA         string `json:"ca,omitempty"` // trusted instead of the system's authorities
}

// checkHeaders refuses what cannot be sent, and the names that are ours or the connection's. Its errors never hold a value.
func checkHeaders(headers map[string]string) error {
	seen := make(map[string]bool, len(headers))
	for name, value := range headers {
		lower := strings.ToLower(name)
		switch {
		case !httpguts.ValidHeaderFieldName(name) || len(name) > maxLabel:
			return invalid("headers cannot have the name %q: it must be a token such as X-Tenant", clip(name, maxLabel))
		case !httpguts.ValidHeaderFieldValue(value) || len(value) > maxText:
			return invalid("headers must have values of at most %d characters, on one line: %s has not", maxText, name)
		case strings.HasPrefix(lower, "webhook-") || strings.HasPrefix(lower, "x-click2call-") || slices.Contains(reservedHeaders, lower):
			return invalid("headers cannot hold %s, which is set by this service: choose another name", name)
		case seen[lower]:
			return invalid("headers may hold %s once, however it is written", name)
		}
		seen[lower] = true
	}
	return nil
}

func (t EndpointTLS) validate() error {
	for _, part := range []struct{ field, pem string }{
		{"tls.client_certificate", t.ClientCert}, {"tls.client_key", t.ClientKey}, {"tls.ca", t.CA},
	} {
		if len(part.pem) > maxPEM {
			return invalid("%s must have at most %d bytes", part.field, maxPEM)
		}
	}
	switch {
	case t.ClientCert != "" && t.ClientKey == "":
		return invalid("tls.client_key must be given with its certificate")
	case t.ClientCert == "" && t.ClientKey != "":
		return invalid("tls.client_certificate must be given with its key")
	}
	if t.ClientCert != "" {
		if _, err := tls.X509KeyPair([]byte(t.ClientCert), []byte(t.ClientKey)); err != nil {
			return invalid("tls.client_certificate and its key must be PEM, the key without a passphrase, and belong together")
		}
	}
	if t.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(t.CA)) {
		return invalid("tls.ca must be one or more certificates in PEM")
	}
	return nil
}
