package address

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// Header is the one in which the proxies name whom they pass on. Only one is believed: of the other one nobody knows whether a proxy
// of ours or the client wrote it.
type Header string

// The headers.
const (
	XForwardedFor Header = "X-Forwarded-For" // nginx, HAProxy, Envoy, Caddy, AWS, Azure, Cloudflare; the empty one, too
	Forwarded     Header = "Forwarded"       // RFC 7239
)

// hops are the addresses in a request's header, the nearest last, as the proxies wrote them.
func (h Header) hops(r *http.Request) []string {
	if h != Forwarded {
		return strings.Split(strings.Join(r.Header.Values(string(XForwardedFor)), ","), ",")
	}
	var hops []string
	for _, element := range splitOutside(strings.Join(r.Header.Values(string(Forwarded)), ","), ',') {
		hops = append(hops, forOf(element))
	}
	return hops
}

// pair is token=token or token="quoted". Nothing else may be there: a client could have opened a quotation that swallows the comma
// before what a proxy adds.
var pair = regexp.MustCompile(`^\s*([!#$%&'*+.^_|~0-9A-Za-z-]+)=(?:([^\s",;=]+)|"([^"\\]*)")\s*$`)

// forOf is whom an element of Forwarded names; empty when it names nobody, or is not of the form of RFC 7239. It is one hop all the same.
func forOf(element string) (hop string) {
	for _, text := range splitOutside(element, ';') {
		m := pair.FindStringSubmatch(text)
		switch {
		case m == nil:
			return ""
		case strings.EqualFold(m[1], "for"):
			hop = m[2] + m[3]
		}
	}
	return hop
}

// splitOutside splits a text at each separator that is not in quotes.
func splitOutside(text string, separator rune) []string {
	quoted := false
	return strings.FieldsFunc(text, func(c rune) bool {
		if c == '"' {
			quoted = !quoted
		}
		return c == separator && !quoted
	})
}

// parseHop reads an address with or without a port, in brackets or not; false for "unknown" and for names that hide somebody.
func parseHop(hop string) (netip.Addr, bool) {
	m := withPort.FindStringSubmatch(strings.TrimSpace(hop))
	if m == nil {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(m[1] + m[2] + m[3])
	return addr.Unmap().WithZone(""), err == nil
}

// withPort is an IPv6 address in brackets or an IPv4 address, with a port or without (RFC 7239 lets a proxy hide that, too), or an IPv6
// address alone. Nothing may follow: a client could have begun a quotation that swallows what a proxy adds.
var withPort = regexp.MustCompile(`^(?:(?:\[([^\[\]]+)\]|([0-9.]+))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?|([0-9A-Fa-f:.]+))$`)
