package address

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// subnet is what one customer of an IPv6 provider has at least: whoever has one address of it has all of them.
const subnet = 64

// Proxies are the networks of reverse proxies whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// Of is the client's address: the connection's, or the last one in X-Forwarded-For that no trusted proxy added.
func (p Proxies) Of(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !p.trust(host) {
			break
		}
		forwarded, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		host = forwarded.Unmap().String()
	}
	return host
}

func (p Proxies) trust(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(addr.Unmap()) })
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
