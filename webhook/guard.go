package webhook

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// Guard decides which addresses webhooks may be sent to. It is asked with the address that is about to be connected
// to, after name resolution, so a DNS name that changes its answer gains nothing.
type Guard struct {
	// Allowed are networks that may be reached although they are not public, and by plain http too.
	Allowed []netip.Prefix
	// NAT64 are the prefixes under which this network translates to IPv4, besides the well-known one: see [CheckNAT64]. Without
	// its prefix, a private address in it would look like a public one.
	NAT64 []netip.Prefix
}

// AddressError says that the guard refused an address.
type AddressError struct {
	Addr   netip.Addr
	Reason string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("the address %s is refused: %s; an operator can allow it with WEBHOOK_ALLOWED_RANGES", e.Addr, e.Reason)
}

// special are the networks of the IANA special-purpose registries (RFC 6890 and successors) that netip has no
// predicate for, none of which is a place for a CRM.
var special = []struct {
	network netip.Prefix
	reason  string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network"},
	{netip.MustParsePrefix("100.64.0.0/10"), "carrier-grade NAT"},
	{netip.MustParsePrefix("192.0.0.0/24"), "IETF protocol assignments"},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},
	{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relay"},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"},
	{netip.MustParsePrefix("::/96"), "an IPv4 address in disguise"},
	{netip.MustParsePrefix("::ffff:0:0:0/96"), "an IPv4 address in disguise"},
	{netip.MustParsePrefix("64:ff9b:1::/48"), "a NAT64 of this network: name its prefix in WEBHOOK_NAT64_PREFIXES"},
	{netip.MustParsePrefix("100::/64"), "discard"},
	{netip.MustParsePrefix("2001::/32"), "Teredo: an IPv4 address in disguise"},
	{netip.MustParsePrefix("2001::/23"), "IETF protocol assignments"},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation"},
	{netip.MustParsePrefix("2002::/16"), "6to4: an IPv4 address in disguise"},
	{netip.MustParsePrefix("3fff::/20"), "documentation"},
	{netip.MustParsePrefix("5f00::/16"), "segment routing"},
	{netip.MustParsePrefix("fec0::/10"), "site-local network"},
}

// Check returns an *AddressError when addr must not be reached. Plain http reaches public addresses only when
// httpOK says so. Of an address that a NAT64 translates, the IPv4 address in it is judged.
func (g Guard) Check(addr netip.Addr, httpOK bool) error {
	addr = addr.Unmap().WithZone("")
	if v4, ok := g.translated(addr); ok {
		addr = v4
	}
	if reason := g.metadataRefusal(addr); reason != "" {
		return &AddressError{addr, reason}
	}
	for _, p := range g.Allowed {
		if p.Contains(addr) {
			return nil
		}
	}
	if reason := notPublic(addr); reason != "" {
		return &AddressError{addr, reason}
	}
	if !httpOK {
		return &AddressError{addr, "only https may reach public addresses"}
	}
	return nil
}

func notPublic(a netip.Addr) string {
	switch {
	case a.IsLoopback():
		return "loopback"
	case a.IsPrivate():
		return "private network"
	case a.IsLinkLocalUnicast():
		return "link-local, where cloud metadata lives"
	case a.IsMulticast(), a.IsUnspecified():
		return "not a host"
	}
	for _, s := range special {
		if s.network.Contains(a) {
			return s.reason
		}
	}
	return ""
}

// control is net.Dialer's hook between name resolution and connect. httpOK says that the connection is for https, or that
// plain http is allowed.
func control(check func(netip.Addr, bool) error, httpOK bool) func(context.Context, string, string, syscall.RawConn) error {
	return func(_ context.Context, _, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return fmt.Errorf("split %q: %w", address, err)
		}
		addr, err := netip.ParseAddr(host)
		if err != nil {
			return fmt.Errorf("parse address %q: %w", host, err)
		}
		return check(addr, httpOK)
	}
}
