package webhook

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// Class says in one word why an attempt failed. Empty: it did not.
type Class string

// The classes of failure.
const (
	ClassConfiguration Class = "configuration" // the endpoint's own settings
	ClassRefused       Class = "address"       // the guard refused the address
	ClassDNS           Class = "dns"
	ClassConnect       Class = "connect"
	ClassTLS           Class = "tls"
	ClassTimeout       Class = "timeout"
	ClassClosed        Class = "closed" // the connection ended before the response did
	ClassRedirect      Class = "redirect"
	ClassStatus        Class = "status"
	ClassOther         Class = "other"
)

// judge reads the response: 2xx is success if the response is whole, as far as it is read; a redirect is never followed.
func judge(status int, readErr error) (Class, string) {
	switch {
	case status >= 300 && status < 400:
		return ClassRedirect, fmt.Sprintf("answered %d: redirects are not followed; set the final URL", status)
	case status < 200 || status >= 300:
		return ClassStatus, strings.TrimSpace(fmt.Sprintf("answered %d %s", status, http.StatusText(status)))
	case readErr == nil:
		return "", ""
	case classify(readErr) == ClassTimeout:
		return ClassTimeout, fmt.Sprintf("answered %d, but the response did not end in time", status)
	default:
		return classify(readErr), fmt.Sprintf("answered %d, but the response broke off: %s", status, cause(readErr))
	}
}

func classify(err error) Class {
	var (
		refused     *AddressError
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		record      tls.RecordHeaderError
		op          *net.OpError
		timeout     net.Error
	)
	switch {
	case errors.As(err, &refused):
		return ClassRefused
	case errors.As(err, &dns):
		return ClassDNS
	case errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return ClassTLS
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"): // crypto/tls's name for an alert
		return ClassTLS
	case errors.Is(err, syscall.ECONNREFUSED), op != nil && op.Op == "dial":
		return ClassConnect
	case errors.As(err, &timeout) && timeout.Timeout():
		return ClassTimeout
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ClassClosed
	default:
		return ClassOther
	}
}

// cause drops net/http's wrapping, which repeats the URL and with it any key in its query.
func cause(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}
