package address

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
)

// subnet is what one customer of an IPv6 provider has at least: whoever has one address of it has all of them.
const subnet = 64

// Proxies are the reverse proxies whose word is believed on who asks. Without networks nobody's is.
type Proxies struct {
	Networks []netip.Prefix
	Header   Header // in which they say it
}

// Of is the client's address: the connection's, or the last one in the proxies' header that no trusted proxy added.
func (p Proxies) Of(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if !p.Trust(host) {
		return host
	}
	for _, hop := range slices.Backward(p.Header.hops(r)) {
		if !p.Trust(host) {
			break
		}
		forwarded, ok := parseHop(hop)
		if !ok {
			break
		}
		host = forwarded.String()
	}
	return host
}

// Trust reports whether an address is a trusted proxy's.
func (p Proxies) Trust(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(p.Networks, func(network netip.Prefix) bool { return network.Contains(addr.Unmap()) })
}

// Counted is the client as limits count it: its IPv4 address, or the /64 of its IPv6 address.
func (p Proxies) Counted(r *http.Request) string {
	host := p.Of(r)
	addr, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return host
	case addr.Unmap().Is4():
		return addr.Unmap().String()
	}
	network, _ := addr.Prefix(subnet) // fails only for a length that no IPv6 address has
	return network.String()
}
